import type { TokenisedPrompt } from '../../provider.ts';

/** How a server is spoken to. */
export type StateServerKind = 'vllm' | 'vllm-lens' | 'sglang';

/** The type of the numbers as they come; `text` where they are written out, which does not say what they were. */
export type ServedDtype = 'F32' | 'F16' | 'BF16' | 'text';

/** States of a prompt's tokens as a server gave them. Disposing of them gives back what the server keeps for them. */
export type ServedStates = AsyncDisposable & {
  readonly dtype: ServedDtype;
  /** First token of the prompt that is there. */
  readonly from: number;
  readonly tokens: number;
  readonly layers: number;
  readonly hidden: number;
  /** (count, layers, hidden), from the token `first` of those that are there; checked for nothing. */
  read(first: number, count: number): Promise<Float32Array>;
};

export type Wanted = {
  /** Layers of the contract, ascending, from 1; a server that cannot choose gives others. */
  readonly layers: readonly number[];
  /** Whether the last token is enough; a server that cannot choose gives all. */
  readonly lastOnly: boolean;
};

/** Where states of single tokens come from. */
export type StateSource = Disposable & {
  /** Whether the last layer comes after the final norm. */
  readonly isNormed: boolean;
  /** What is asked under the server's address, for messages. */
  readonly path: string;
  /**
   * The layers in what `fetch` gives: those wanted, or others; null where only their number can tell.
   */
  layersIn(wanted: readonly number[]): readonly number[] | null;
  /** @throws ServerFault where the server does not give them. */
  fetch(prompt: TokenisedPrompt, wanted: Wanted, signal?: AbortSignal): Promise<ServedStates>;
};
