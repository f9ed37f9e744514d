import type { StatePool } from '../model/index.ts';
import type { SuiteMessage } from '../suite/index.ts';

/** A prompt as the model reads it. */
export type TokenisedPrompt = {
  /** Names the item in messages, and keys its draws. */
  readonly id: string;
  readonly ids: Int32Array;
};

/** What is kept of a prompt from the output head; see `PooledBatch`. */
export type HeadPool = 'output' | 'nextTokens' | 'likelihood';

/** What is kept of a prompt. */
export type Pool = StatePool | HeadPool;

export type ExtractOptions = {
  readonly pool: readonly Pool[];
  /**
   * First own token of each prompt, from 0 to its length, where it has none: what all prompts share in front says
   * nothing of any. Needed for `likelihood`.
   */
  readonly first?: Int32Array;
  /** Layers to keep, ascending, from 0 (embedding) to the number of blocks (after the final norm). @default all */
  readonly layers?: readonly number[];
  /** Numbers of batches of the plan that are there already. */
  readonly skipBatches?: ReadonlySet<number>;
  /**
   * Told while layers are streamed, where many batches come out at once: tokens that were done since, counted as those of
   * whole passes. What it throws ends the work.
   */
  readonly onWork?: (tokens: number) => void;
};

/** The pooled states of one batch of the plan; what was not asked for is null. */
export type PooledBatch = {
  /** Number of the batch in the plan. */
  readonly batch: number;
  /** Indices into the prompts, in the order of the rows below. */
  readonly rows: Int32Array;
  /** (rows, layers, hidden): the state at the last token. */
  readonly last: Float32Array | null;
  /** (rows, layers, hidden): the mean over all tokens. */
  readonly mean: Float32Array | null;
  /** (rows, 4): entropy (nats) and the three largest probabilities of the next token. */
  readonly output: Float32Array | null;
  /** (rows, 16): ids of the eight likeliest next tokens, the likeliest first, then their probabilities; −1 and 0 for none. */
  readonly nextTokens: Float32Array | null;
  /**
   * (rows, 4), over the prompt's own tokens, the last 64 at most, each given all before it: mean and smallest
   * log-likelihood, mean and largest entropy of the predictions that they were drawn from, nats. Zeros where no token is
   * left: the one at position 0 has no prediction.
   */
  readonly likelihood: Float32Array | null;
  /** Tokens of the prompts, padding left out. */
  readonly tokens: number;
};

export type TokenOptions = {
  /** Layers to keep, ascending, from 0 (embedding) to the number of blocks (after the final norm). */
  readonly layers: readonly number[];
  /** First token of each prompt to keep, from 0 to its last: what all prompts share in front says nothing of any. */
  readonly from: Int32Array;
  /** Most tokens of a prompt to keep: its last ones, from 1. @default no limit */
  readonly maxTokens?: number;
  /** Numbers of batches of the plan that are there already. */
  readonly skipBatches?: ReadonlySet<number>;
  /** As for `extract`. */
  readonly onWork?: (tokens: number) => void;
};

/** The states of the kept tokens of one batch of the plan. */
export type TokenBatch = {
  /** Number of the batch in the plan. */
  readonly batch: number;
  /** Indices into the prompts. */
  readonly rows: Int32Array;
  /** Kept tokens of each row. */
  readonly lengths: Int32Array;
  /** (sum of `lengths`, layers, hidden): row after row, each row's tokens in order, its last token last. */
  readonly values: Float32Array;
  /** Tokens of the prompts, kept or not, padding left out. */
  readonly tokens: number;
};

/** Where the states of single tokens come from. */
export type TokenStateProvider = AsyncDisposable & {
  /** Layers of a prompt's states: blocks + 1. */
  readonly layers: number;
  readonly hidden: number;
  /**
   * Yields the batches of `extract`, in the order of the plan. Prompts are checked as a whole before any work. A batch
   * is in memory at once: kept tokens × layers × hidden × 4 bytes.
   */
  extractTokens(
    prompts: readonly TokenisedPrompt[],
    options: TokenOptions,
  ): AsyncIterable<TokenBatch>;
};

/** Where hidden states come from: the local engine, or a server that returns them. */
export type HiddenStateProvider = AsyncDisposable & {
  /** Layers of a prompt's states: blocks + 1. */
  readonly layers: number;
  readonly hidden: number;
  /** Yields batches in the order of the plan. Prompts are checked as a whole before any work. */
  extract(prompts: readonly TokenisedPrompt[], options: ExtractOptions): AsyncIterable<PooledBatch>;
};

/** A prompt whose answers are asked for, however it is put. */
export type Asked = {
  /** Names the item in messages, and keys its draws. */
  readonly id: string;
  readonly maxTokens: number;
  readonly stop: readonly string[];
  /** Numbers of the answers wanted, ascending. @default all of them, from 0 */
  readonly numbers?: readonly number[];
};

/** Asked of a model that runs here. */
export type SamplePrompt = TokenisedPrompt & Asked;

/** Asked of a server, which reads text itself: a text to go on with, or messages to reply to. */
export type ServedPrompt = Asked & { readonly content: string | readonly SuiteMessage[] };

export type SampleOptions = {
  /** Answers a prompt. */
  readonly samples: number;
  /** Divides the logits; 0 takes the likeliest token. */
  readonly temperature: number;
  /** Keeps the smallest set of tokens whose probabilities reach this sum; 1 keeps all. */
  readonly topP: number;
  /** Keeps so many likeliest tokens, before `topP`; null keeps all. @default null */
  readonly topK?: number | null;
  readonly seed: number;
  /** Ends requests that wait for a server. */
  readonly signal?: AbortSignal;
};

/** Tokens that were read and sampled; null where a server does not tell. */
export type TokenCost = {
  readonly promptTokens: number | null;
  readonly completionTokens: number | null;
};

export type SampledAnswers = {
  readonly id: string;
  /** Numbers of the answers below. */
  readonly numbers: readonly number[];
  /** Cut at the first stop string. */
  readonly answers: readonly string[];
  /** Tokens sampled for each answer, an end-of-text token included; null where a server counts several together. */
  readonly tokens: readonly (number | null)[];
  readonly cost: TokenCost;
};

/** Where answers come from: the local engine, whose draws are keyed by (seed, prompt id, sample number), or a server. */
export type Sampler<Prompt extends Asked = SamplePrompt> = AsyncDisposable & {
  /**
   * Yields answers as they are finished: each prompt once, or in parts, in an order of its own. Prompts are checked as a
   * whole before any work.
   */
  sample(prompts: readonly Prompt[], options: SampleOptions): AsyncIterable<SampledAnswers>;
};

/** A prompt with one of its choices behind it, for a model that runs here. */
export type ScorePrompt = TokenisedPrompt & {
  /** The choice's first token, from 1. */
  readonly from: number;
};

/** The same for a server, which splits the text itself. */
export type ServedScorePrompt = {
  readonly id: string;
  readonly context: string;
  /** Goes right behind `context`. */
  readonly continuation: string;
};

export type ChoiceScore = {
  readonly id: string;
  /** Sum of the log-probabilities of the choice's tokens, nats. */
  readonly logLikelihood: number;
  /** Of the choice. */
  readonly tokens: number;
  readonly cost: TokenCost;
};

/** Where log-likelihoods of choices come from. */
export type ChoiceScorer<Prompt = ScorePrompt> = AsyncDisposable & {
  /** Yields each prompt once, in an order of its own. */
  score(
    prompts: readonly Prompt[],
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterable<ChoiceScore>;
};
