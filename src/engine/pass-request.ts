import type { Tensor } from '../graph/index.ts';
import { NORMED_STATES, type StatePool, TOKEN_STATES } from '../model/index.ts';
import type { PassPlan } from './plan-pass.ts';
import type { TokenisedPrompt } from './provider.ts';

/** What is asked of every batch of a pass. */
export type PassRequest = {
  readonly prompts: readonly TokenisedPrompt[];
  readonly plan: PassPlan;
  /** Most tokens of a run. */
  readonly tokenBudget: number;
  /** Layers, ascending. */
  readonly layers: readonly number[];
  readonly pool: readonly StatePool[];
  /** States of single tokens: after the final norm, of all `layers`, or none. */
  readonly chosen: 'normed' | 'layers' | null;
  /** First of each prompt's chosen tokens; they go on to its last one. */
  readonly first: Int32Array;
  /** Inputs of the graph that are the same for every run. */
  readonly extraFeeds?: Readonly<Record<string, Tensor>>;
  /** Numbers of batches of the plan that are not asked for. */
  readonly skipped?: ReadonlySet<number> | undefined;
  /** Told while a pass runs that gives many batches at once: tokens of whole passes that were done since. */
  readonly onWork?: ((tokens: number) => void) | undefined;
};

/** Of the prompts of a batch, in its order. */
export type BatchStates = Record<StatePool, Float32Array | null> & {
  /** States of chosen tokens, prompt after prompt. */
  readonly chosen: Float32Array | null;
};

/** Outputs of the graph that are fetched for every batch. */
export function outputNames({ pool, chosen }: PassRequest): string[] {
  return [...pool, ...(chosen === null ? [] : [chosenName(chosen)])];
}

export function statesOf(
  outputs: Readonly<Record<string, Tensor>>,
  { chosen }: PassRequest,
): BatchStates {
  return {
    last: floats(outputs['last']),
    mean: floats(outputs['mean']),
    chosen: chosen === null ? null : floats(outputs[chosenName(chosen)]),
  };
}

function chosenName(chosen: 'normed' | 'layers'): string {
  return chosen === 'normed' ? NORMED_STATES : TOKEN_STATES;
}

function floats(tensor: Tensor | undefined): Float32Array | null {
  if (tensor === undefined) return null;
  if (!(tensor.data instanceof Float32Array)) throw new Error('engine: states not float32');
  return tensor.data;
}
