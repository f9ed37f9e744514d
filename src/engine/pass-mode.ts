import { availableParallelism } from 'node:os';
import { UserError } from '../error/index.ts';
import type { Device } from '../graph/index.ts';
import { type ModelSpec, withInt8Products } from '../model/index.ts';
import { freeMemory } from './free-memory.ts';
import type { Precision } from './loaded-model.ts';
import { DEFAULT_TOKEN_BUDGET, type EngineOptions } from './local-engine.ts';
import { describeBudget, describePlace, type MemoryBudget, size } from './mode-text.ts';
import {
  PROCESS_BYTES,
  residentPassBytes,
  residentWeightBytes,
  streamedPassBytes,
} from './pass-memory.ts';

/** What a person allows a pass; what is null or absent is chosen. */
export type PassLimits = {
  readonly threads?: number | null | undefined;
  /** Of the process, bytes; mapped files, which the system gives back at any time, do not count. */
  readonly memoryBytes?: number | null | undefined;
  /** Most tokens of a batch. */
  readonly batchTokens?: number | null | undefined;
  /** Where graphs run; null and absent: the processor. */
  readonly device?: Device | null | undefined;
};

/** How a pass goes through a model on this machine. */
export type PassMode = {
  /** All weights in memory, or those of one layer at a time. */
  readonly mode: 'resident' | 'streamed';
  readonly threads: number;
  readonly batchTokens: number;
  /** Of the process at its peak, at most. */
  readonly memoryBytes: number;
  /** Why, in words: `resident, 2 threads, 1,024 tokens a batch: weights 0.27 GB of 18 GB free`. */
  readonly text: string;
  /** For `openLocalEngine`. */
  readonly options: EngineOptions;
};

/** Of the free memory, what a pass takes unasked. */
const SHARE_OF_FREE = 0.8;
/** Below the first, all weights in memory do not pay any more. */
const RESIDENT_TOKENS = [DEFAULT_TOKEN_BUDGET, 512, 256, 128];
/** Many: every batch casts the layer's weights anew. */
const STREAMED_TOKENS = [4096, 2048, 1024, 512, 256, 128];
/** Of what the process itself leaves, for a batch and a layer: the rest holds states that wait for the next layer. */
const SHARE_OF_BATCH = 0.6;
/** States that are replaced stay in memory until they are collected. Measured: 1.18. */
const WAITING_FACTOR = 1.2;
const SHARE_OF_HEAD = 1 / 16;
const MOST_HEAD_BYTES = 2 ** 27;
const LEAST_HEAD_BYTES = 2 ** 22;
const MOST_CACHE_BYTES = 2 ** 30;
/** Of shared prefixes, or of sampled answers. */
export const LEAST_CACHE_BYTES: number = 2 ** 26;

type Model = { readonly id: string; readonly spec: ModelSpec };

/**
 * All weights in memory where they fit beside a batch, else layer by layer.
 *
 * @throws UserError where not even a layer fits into the memory that was allowed, or the device has no such precision.
 */
export function choosePassMode(
  { id, spec: floats }: Model,
  {
    precision,
    longest = 0,
    free = freeMemory(),
    ...limits
  }: PassLimits & {
    readonly precision: Precision;
    /** Tokens of the longest prompt, which is a batch of its own where it has more than a batch. @default 0: none has */
    readonly longest?: number;
    /** Bytes. @default what the machine, or its container, has free */
    readonly free?: number;
  },
): PassMode {
  const { batchTokens = null } = limits;
  const device = limits.device ?? 'cpu';
  if (precision === 'int8' && device !== 'cpu') {
    throw new UserError(
      `--precision: expected f32 with --device ${device}, got int8; only the processor has products of whole numbers here`,
    );
  }
  const spec = precision === 'int8' ? withInt8Products(floats) : floats;
  const budget = memoryBudget(limits, free);
  const threads = limits.threads ?? availableParallelism();
  const fits = (batchTokens === null ? RESIDENT_TOKENS : [batchTokens]).find(
    (tokens) => residentPassBytes(spec, Math.max(tokens, longest)) <= budget.bytes,
  );
  if (fits !== undefined) {
    return resident(spec, budget, { device, threads, longest, batchTokens: fits });
  }
  const candidates = batchTokens === null ? STREAMED_TOKENS : [batchTokens];
  const headBytes = headBytesOf(budget);
  const tokens =
    candidates.find((each) => {
      const largest = Math.max(each, longest);
      const work = streamedPassBytes(spec, { batchTokens: largest, headBytes });
      return work - PROCESS_BYTES <= SHARE_OF_BATCH * (budget.bytes - PROCESS_BYTES);
    }) ?? candidates.at(-1)!;
  return streamed({ id, spec }, budget, { device, threads, longest, batchTokens: tokens });
}

/** What a pass may take. */
export function memoryBudget({ memoryBytes }: PassLimits, free: number): MemoryBudget {
  const given = memoryBytes ?? null;
  return { bytes: given ?? SHARE_OF_FREE * free, free, isGiven: given !== null };
}

/** Of what is left beside weights and a batch, in bytes. */
export function cacheBytes(left: number): number {
  return Math.min(MOST_CACHE_BYTES, Math.max(LEAST_CACHE_BYTES, left));
}

type Place = {
  readonly device: Device;
  readonly threads: number;
  readonly batchTokens: number;
  readonly longest: number;
};

function resident(spec: ModelSpec, budget: MemoryBudget, place: Place): PassMode {
  const { device, threads, batchTokens, longest } = place;
  const memoryBytes = residentPassBytes(spec, Math.max(batchTokens, longest));
  const weights = `weights ${size(residentWeightBytes(spec))} of ${describeBudget(budget)}`;
  return {
    ...{ mode: 'resident', threads, batchTokens, memoryBytes },
    text: `resident${describePlace(place)}: ${weights}`,
    options: {
      ...{ device, threads, tokenBudget: batchTokens },
      memoryBytes: cacheBytes(budget.bytes - memoryBytes),
    },
  };
}

function streamed({ id, spec }: Model, budget: MemoryBudget, place: Place): PassMode {
  const { device, threads, batchTokens, longest } = place;
  const headBytes = headBytesOf(budget);
  const largest = Math.max(batchTokens, longest);
  const work = streamedPassBytes(spec, { batchTokens: largest, headBytes });
  // Those of one batch at least.
  const waiting = WAITING_FACTOR * 4 * spec.hidden * largest;
  if (budget.isGiven && work + waiting > budget.bytes) {
    const [batch, less] =
      longest > batchTokens
        ? [`a prompt of ${longest} tokens`, '']
        : [`${batchTokens} tokens a batch`, ', or fewer tokens with --batch-tokens'];
    throw new UserError(
      `--memory: expected at least ${size(work + waiting)} for a pass over \`${id}\`, one layer at a time and ` +
        `${batch}, got ${size(budget.bytes)}; allow more${less}`,
    );
  }
  const chunkBytes = Math.max(waiting, budget.bytes - work) / WAITING_FACTOR;
  const weights = size(residentWeightBytes(spec));
  const why = `weights ${weights} and a batch do not fit into ${describeBudget(budget)}`;
  return {
    ...{ mode: 'streamed', threads, batchTokens },
    memoryBytes: Math.round(work + WAITING_FACTOR * chunkBytes),
    text: `streamed layer by layer${describePlace(place)}: ${why}`,
    options: { device, threads, tokenBudget: batchTokens, streaming: { chunkBytes, headBytes } },
  };
}

/** For a slice of the output head. */
function headBytesOf({ bytes }: MemoryBudget): number {
  return Math.min(MOST_HEAD_BYTES, Math.max(LEAST_HEAD_BYTES, Math.floor(SHARE_OF_HEAD * bytes)));
}
