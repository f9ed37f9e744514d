import type { GraphBuilder, Value } from '../graph/index.ts';

/** Which states of a prompt are pooled: at its last token, or their mean over its tokens. */
export type StatePool = 'last' | 'mean';

/**
 * Takes what is pooled out of each layer's states (batch, sequence, hidden), so that only pooled values leave.
 *
 * The runtime orders nodes by a depth-first walk from the outputs that prefers nodes added later. Pooling is therefore
 * added at the end, from the last layer to the first: each layer is then pooled as soon as it is there and its states
 * are freed, where the order of layers would keep the states of all of them to the end.
 */
export class Pooling {
  readonly #graph: GraphBuilder;
  readonly #pools: readonly StatePool[];
  readonly #lastRow: Value;
  readonly #weights: Value;
  readonly #states: Value[] = [];

  /** `positions` int64 (batch, sequence) counts from 0; `lastIndex` int32 (batch) is each row's last token. */
  constructor(
    graph: GraphBuilder,
    pools: ReadonlySet<StatePool>,
    inputs: { readonly positions: Value; readonly lastIndex: Value },
  ) {
    this.#graph = graph;
    this.#pools = (['last', 'mean'] as const).filter((pool) => pools.has(pool));
    const last = graph.op('Unsqueeze', [graph.cast(inputs.lastIndex, 'int64'), graph.ints(1)]);
    const inside = graph.cast(graph.op('LessOrEqual', [inputs.positions, last]), 'float32');
    const count = graph.op('ReduceSum', [inside, graph.ints(1)], { keepdims: 1 });
    this.#lastRow = last;
    this.#weights = graph.op('Unsqueeze', [graph.op('Div', [inside, count]), graph.ints(1)]);
  }

  /** (batch, hidden) at each row's last token. */
  last(states: Value): Value {
    return this.#graph.op('GatherND', [states, this.#lastRow], { batch_dims: 1 });
  }

  /** Keeps a layer's states to be pooled. */
  tap(states: Value): void {
    this.#states.push(states);
  }

  /** Declares `last` and `mean` (batch, layers, hidden) as outputs, those that were asked for: after all else. */
  declare(hidden: number): void {
    const graph = this.#graph;
    const layers = this.#states.length;
    if (this.#pools.length === 0 || layers === 0) return;
    const taps: Value[][] = [];
    for (const states of this.#states.toReversed()) {
      taps.unshift(this.#pools.map((pool) => this.#pool(states, pool)));
    }
    const joined = graph.op('Concat', taps.flat(), { axis: 1 });
    const apart = graph.op('Reshape', [joined, graph.ints(0, layers, this.#pools.length, hidden)]);
    for (const [i, pool] of this.#pools.entries()) {
      const states = graph.op('Gather', [apart, graph.index(i)], { axis: 2 });
      graph.output(pool, states, ['batch', layers, hidden]);
    }
  }

  /** (batch, 1, hidden). */
  #pool(states: Value, pool: StatePool): Value {
    const graph = this.#graph;
    return pool === 'last'
      ? graph.op('Unsqueeze', [this.last(states), graph.ints(1)])
      : graph.op('MatMul', [this.#weights, states]);
  }
}
