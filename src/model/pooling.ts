import type { GraphBuilder, Value } from '../graph/index.ts';

/** Which states of a prompt are pooled: at its last token, or their mean over its tokens. */
export type StatePool = 'last' | 'mean';

/** Where the tokens of the pooled prompts stand in states (batch, sequence, hidden). */
export type PoolPlaces = {
  /** (prompts, hidden) at each prompt's last token. */
  readonly last: (states: Value) => Value;
  /** (prompts, 1, hidden): the mean over each prompt's tokens, or their sum. */
  readonly mean: (states: Value, hidden: number) => Value;
};

/**
 * One prompt a row. `positions` int64 (batch, sequence) counts from 0; `lastIndex` int32 (batch) is each row's last
 * token.
 */
export function placesOfRows(
  graph: GraphBuilder,
  inputs: { readonly positions: Value; readonly lastIndex: Value },
): PoolPlaces {
  const last = graph.op('Unsqueeze', [graph.cast(inputs.lastIndex, 'int64'), graph.ints(1)]);
  const inside = graph.cast(graph.op('LessOrEqual', [inputs.positions, last]), 'float32');
  const count = graph.op('ReduceSum', [inside, graph.ints(1)], { keepdims: 1 });
  const weights = graph.op('Unsqueeze', [graph.op('Div', [inside, count]), graph.ints(1)]);
  return {
    last: (states) => graph.op('GatherND', [states, last], { batch_dims: 1 }),
    mean: (states) => graph.op('MatMul', [weights, states]),
  };
}

/**
 * Prompts anywhere in the rows, by inputs: `lastPlaces` int64 (prompts, 2), row and column of each last token, and
 * `inside` float32 (batch, prompts of a row, sequence), 1 at a prompt's tokens. Sums, not means: a prefix adds its own.
 */
export function givenPlaces(graph: GraphBuilder): PoolPlaces {
  const last = graph.input('lastPlaces', 'int64', ['prompts', 2]);
  const inside = graph.input('inside', 'float32', ['batch', 'together', 'sequence']);
  return {
    last: (states) => graph.op('GatherND', [states, last], { batch_dims: 0 }),
    mean: (states, hidden) =>
      graph.op('Reshape', [graph.op('MatMul', [inside, states]), graph.ints(-1, 1, hidden)]),
  };
}

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
  readonly #places: PoolPlaces;
  readonly #states: Value[] = [];

  constructor(graph: GraphBuilder, pools: ReadonlySet<StatePool>, places: PoolPlaces) {
    this.#graph = graph;
    this.#pools = (['last', 'mean'] as const).filter((pool) => pools.has(pool));
    this.#places = places;
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
      taps.unshift(this.#pools.map((pool) => this.#pool(states, { pool, hidden })));
    }
    const joined = graph.op('Concat', taps.flat(), { axis: 1 });
    const apart = graph.op('Reshape', [joined, graph.ints(0, layers, this.#pools.length, hidden)]);
    for (const [i, pool] of this.#pools.entries()) {
      const states = graph.op('Gather', [apart, graph.index(i)], { axis: 2 });
      graph.output(pool, states, ['batch', layers, hidden]);
    }
  }

  /** (batch, 1, hidden). */
  #pool(states: Value, { pool, hidden }: { pool: StatePool; hidden: number }): Value {
    const graph = this.#graph;
    return pool === 'last'
      ? graph.op('Unsqueeze', [this.#places.last(states), graph.ints(1)])
      : this.#places.mean(states, hidden);
  }
}
