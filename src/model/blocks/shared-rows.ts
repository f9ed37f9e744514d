import type { GraphBuilder, Value } from '../../graph/index.ts';
import type { AttentionSpec } from '../model-spec.ts';
import { declareCache } from './cache-outputs.ts';

/** Added to the score of what must not be seen: its weight is exactly 0 after the softmax, and no sum overflows. */
const HIDDEN_SCORE = -1e30;

/** Names of the inputs that hold layer `i`'s rotated keys and values of the prefix, (batch, keyValueHeads, past, headDim). */
export function pastNames(i: number): { readonly key: string; readonly value: string } {
  return { key: `past.key.${i}`, value: `past.value.${i}` };
}

/** What stands before the rows of one layer. */
export type PrefixInputs = {
  readonly rows: SharedRows;
  /** Rotated keys and values of the prefix (batch, keyValueHeads, past, headDim). */
  readonly past: { readonly key: Value; readonly value: Value };
};

/**
 * What tokens see in a graph of rows behind a prefix. Several prompts may stand in one row: a token sees the prefix and
 * what is before it in its own segment. The standard masks count places in the row, so windows are told here as well.
 *
 * Inputs: `segments` int64 (sequence) and `keySegments` int64 (past + sequence), −1 for the prefix; `keyPositions` int64
 * (past + sequence); `kept` int64 (1). They hold for all rows of a batch, and so do the positions of its first row.
 */
export class SharedRows {
  readonly #graph: GraphBuilder;
  readonly #positions: Value;
  readonly #keyPositions: Value;
  readonly #inReach: Value;
  readonly #kept: Value;
  readonly #visible = new Map<number | null, Value>();
  readonly #biases = new Map<number | null, Value>();

  /** `positions` int64 (batch, sequence). */
  constructor(graph: GraphBuilder, positions: Value) {
    this.#graph = graph;
    const first = graph.op('Gather', [positions, graph.index(0)], { axis: 0 });
    this.#positions = graph.op('Unsqueeze', [first, graph.ints(1)]);
    this.#keyPositions = graph.input('keyPositions', 'int64', ['keys']);
    const segments = graph.input('segments', 'int64', ['sequence']);
    const keySegments = graph.input('keySegments', 'int64', ['keys']);
    this.#kept = graph.input('kept', 'int64', [1]);
    const own = graph.op('Unsqueeze', [segments, graph.ints(1)]);
    this.#inReach = graph.op('Or', [
      graph.op('Equal', [own, keySegments]),
      graph.op('Less', [keySegments, graph.index(0)]),
    ]);
  }

  /** Declares the inputs of layer `i`'s part of the prefix. */
  prefix(i: number, { keyValueHeads, headDim }: AttentionSpec): PrefixInputs {
    const input = (name: string): Value =>
      this.#graph.input(name, 'float32', ['batch', keyValueHeads, 'past', headDim]);
    const { key, value } = pastNames(i);
    return { rows: this, past: { key: input(key), value: input(value) } };
  }

  /** Declares the outputs of layer `i`'s cache: what is not kept is freed as soon as the layer is done. */
  keep(i: number, { key, value }: { readonly key: Value; readonly value: Value }): void {
    const graph = this.#graph;
    const cut = (cache: Value): Value =>
      graph.op('Slice', [cache, graph.ints(0), this.#kept, graph.ints(2)]);
    declareCache(graph, i, { key: cut(key), value: cut(value) });
  }

  /** bool (sequence, keys); that later tokens are not seen is left to the operator. */
  visible(window: number | null): Value {
    const known = this.#visible.get(window);
    if (known !== undefined) return known;
    const visible = window === null ? this.#inReach : this.#inWindow(window);
    this.#visible.set(window, visible);
    return visible;
  }

  /** float32 (1, 1, sequence, keys): 0 or far below every score. */
  bias(window: number | null): Value {
    const known = this.#biases.get(window);
    if (known !== undefined) return known;
    const graph = this.#graph;
    const hidden = graph.number(HIDDEN_SCORE);
    const scores = graph.op('Where', [this.visible(window), graph.number(0), hidden]);
    const bias = graph.op('Unsqueeze', [scores, graph.ints(0, 1)]);
    this.#biases.set(window, bias);
    return bias;
  }

  #inWindow(window: number): Value {
    const graph = this.#graph;
    const before = graph.op('Sub', [this.#positions, graph.index(window)]);
    return graph.op('And', [this.#inReach, graph.op('Greater', [this.#keyPositions, before])]);
  }
}
