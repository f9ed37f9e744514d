import { availableParallelism } from 'node:os';
import { UserError } from '../error/index.ts';
import type { ModelSpec } from '../model/index.ts';
import { freeMemory } from './free-memory.ts';
import { DEFAULT_TOKEN_BUDGET, type EngineOptions } from './local-engine.ts';
import { describeBudget, describePlace, size } from './mode-text.ts';
import { cacheBytes, LEAST_CACHE_BYTES, memoryBudget, type PassLimits } from './pass-mode.ts';
import { residentPassBytes, residentWeightBytes, sampledPassBytes } from './pass-memory.ts';

/** What is asked of a model: answers token by token, or how likely given ones are. */
export type AnswerKind = 'sample' | 'score';

/** How answers come about on this machine. */
export type AnswerMode = {
  readonly threads: number;
  readonly batchTokens: number;
  /** Of the process at its peak, at most. */
  readonly memoryBytes: number;
  /** In words: `answers are sampled, 2 threads, 1,024 tokens a batch: weights 0.54 GB, twice, of 18 GB free`. */
  readonly text: string;
  /** For `openLocalEngine`. */
  readonly options: EngineOptions;
};

const BATCH_TOKENS = [DEFAULT_TOKEN_BUDGET, 512, 256, 128];

/**
 * Answers take all weights in memory: where they are sampled twice, once as prompts are read and once as tokens follow.
 *
 * @throws UserError where they do not fit into the memory that was allowed.
 */
export function chooseAnswerMode(
  { id, spec }: { readonly id: string; readonly spec: ModelSpec },
  {
    kind,
    free = freeMemory(),
    ...limits
  }: PassLimits & {
    readonly kind: AnswerKind;
    /** Bytes. @default what the machine, or its container, has free */
    readonly free?: number;
  },
): AnswerMode {
  const budget = memoryBudget(limits, free);
  const [device, threads] = [limits.device ?? 'cpu', limits.threads ?? availableParallelism()];
  const candidates = limits.batchTokens == null ? BATCH_TOKENS : [limits.batchTokens];
  const bytesOf = (tokens: number): number =>
    kind === 'score'
      ? residentPassBytes(spec, tokens)
      : sampledPassBytes(spec, tokens) + LEAST_CACHE_BYTES;
  const fits = candidates.find((tokens) => bytesOf(tokens) <= budget.bytes);
  const batchTokens = fits ?? candidates.at(-1)!;
  const least = bytesOf(batchTokens);
  if (budget.isGiven && fits === undefined) {
    throw new UserError(
      `--memory: expected at least ${size(least)} for answers of \`${id}\` with ${batchTokens} tokens a batch, got ` +
        `${size(budget.bytes)}; all its weights are in memory then: allow more, or ask a server that has it with --server`,
    );
  }
  const caches = kind === 'score' ? 0 : cacheBytes(budget.bytes - least + LEAST_CACHE_BYTES);
  const twice = kind === 'score' ? '' : ', twice,';
  const weights = `weights ${size(residentWeightBytes(spec))}${twice} of ${describeBudget(budget)}`;
  const place = describePlace({ device, threads, batchTokens });
  return {
    ...{ threads, batchTokens },
    memoryBytes: least + Math.max(0, caches - LEAST_CACHE_BYTES),
    text: `${kind === 'score' ? 'choices are read' : 'answers are sampled'}${place}: ${weights}`,
    options: {
      ...{ device, threads, tokenBudget: batchTokens },
      ...(kind === 'score' ? {} : { memoryBytes: caches }),
    },
  };
}
