import { loadTokenizer } from '../checkpoint/index.ts';
import { checkDevice, type SessionOptions } from '../graph/index.ts';
import type { ModelSpec } from '../model/index.ts';
import { extractStates } from './extract.ts';
import { extractTokenStates } from './extract-tokens.ts';
import {
  type EngineCheckpoint,
  LoadedModel,
  type Precision,
  type Streaming,
} from './loaded-model.ts';
import { cacheBytesPerToken } from './pass-memory.ts';
import { type PassPlan, type PrefixSharing, planPass } from './plan-pass.ts';
import type {
  ChoiceScorer,
  HiddenStateProvider,
  Sampler,
  TokenisedPrompt,
  TokenStateProvider,
} from './provider.ts';
import type { AnswerTokenizer } from './sampling/branches.ts';
import { sampleAnswers } from './sampling/sample-answers.ts';
import { scoreChoices } from './score-choices.ts';

/** Tokens of a batch, padding included: enough to keep the products busy, few enough to stay in the caches. */
export const DEFAULT_TOKEN_BUDGET = 1024;

const DEFAULT_MEMORY_BYTES = 2 ** 30;

export type EngineOptions = Pick<SessionOptions, 'threads' | 'device'> & {
  /** Most tokens in a batch, padding included. Part of what makes results bit-identical. @default 1024 */
  readonly tokenBudget?: number;
  /** `int8` approximates states for probes: about three times as fast on the CPU. @default 'f32' */
  readonly precision?: Precision;
  /** What the caches of sampled answers, or of shared prefixes, may take, in bytes. @default 1 GiB */
  readonly memoryBytes?: number;
  /** Whether prompts share the states of common prefixes: same results within float32. @default paying */
  readonly prefixSharing?: PrefixSharing;
  /**
   * Weights are read layer by layer as batches go through, and no more than a layer's are in memory; null keeps all of them.
   * States of prefixes are then not shared. Answers are sampled with all weights in memory. @default null
   */
  readonly streaming?: Streaming | null;
  /** Decodes answers. @default the checkpoint's own */
  readonly tokenizer?: AnswerTokenizer;
};

/** The checkpoint run in this process: states, answers and likelihoods of choices. */
export type LocalEngine = HiddenStateProvider &
  TokenStateProvider &
  Sampler &
  ChoiceScorer & {
    readonly spec: ModelSpec;
    /** Most tokens in a batch. */
    readonly tokenBudget: number;
    /** The batches of `extract` and `extractTokens`: equal prompts and options give equal plans. */
    plan(prompts: readonly Pick<TokenisedPrompt, 'ids'>[]): PassPlan;
  };

/**
 * Checks the model and gets ready; weights are mapped when first used. Runs block the thread that iterates.
 * Throws `UserError` where the config is not understood, the tensors do not fit it, or the device is not there.
 */
export async function openLocalEngine(
  checkpoint: EngineCheckpoint,
  options: EngineOptions = {},
): Promise<LocalEngine> {
  await checkDevice(options.device ?? 'cpu');
  return createEngine(checkpoint, options);
}

function createEngine(checkpoint: EngineCheckpoint, options: EngineOptions): LocalEngine {
  const tokenBudget = options.tokenBudget ?? DEFAULT_TOKEN_BUDGET;
  const memoryBytes = options.memoryBytes ?? DEFAULT_MEMORY_BYTES;
  const streaming = options.streaming ?? null;
  const model = new LoadedModel(checkpoint, {
    streaming,
    precision: options.precision ?? 'f32',
    ...(options.threads === undefined ? {} : { threads: options.threads }),
    ...(options.device === undefined ? {} : { device: options.device }),
  });
  const planning = {
    tokenBudget,
    prefixSharing: streaming === null ? (options.prefixSharing ?? 'paying') : 'never',
    mostPrefixTokens: Math.floor(memoryBytes / cacheBytesPerToken(model.spec)),
  };
  let tokenizer: AnswerTokenizer | null = options.tokenizer ?? null;
  return {
    spec: model.spec,
    layers: model.spec.layers.length + 1,
    hidden: model.spec.hidden,
    tokenBudget,
    plan: (prompts) =>
      planPass(
        prompts.map(({ ids }) => ids),
        planning,
      ),
    extract: (prompts, extractOptions) =>
      extractStates(model, prompts, { ...extractOptions, ...planning }),
    extractTokens: (prompts, tokenOptions) =>
      extractTokenStates(model, prompts, { ...tokenOptions, ...planning }),
    async *sample(prompts, sampleOptions) {
      tokenizer ??= await loadTokenizer(checkpoint);
      yield* sampleAnswers(model, prompts, {
        ...sampleOptions,
        ...{ tokenBudget, memoryBytes, tokenizer },
        ...(options.prefixSharing === undefined ? {} : { prefixSharing: options.prefixSharing }),
      });
    },
    score: (prompts) => scoreChoices(model, prompts, planning),
    [Symbol.asyncDispose]: () => model[Symbol.asyncDispose](),
  };
}
