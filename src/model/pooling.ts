import type { GraphBuilder, Value } from '../graph/index.ts';

/** Which states of a prompt are kept: at its last token, their mean over its tokens, or features of what comes next. */
export type Pool = 'last' | 'mean' | 'output';

/** Width of `output`: entropy (nats) and the three largest probabilities of the next token. */
export const OUTPUT_FEATURES = 4;

/** Takes what is pooled out of each layer's states (batch, sequence, hidden), so that only pooled values leave. */
export class Pooling {
  readonly #graph: GraphBuilder;
  readonly #lastRow: Value;
  readonly #weights: Value;
  readonly #pooled: Record<'last' | 'mean', Value[]> = { last: [], mean: [] };

  /** `positions` int64 (batch, sequence) counts from 0; `lastIndex` int32 (batch) is each row's last token. */
  constructor(graph: GraphBuilder, positions: Value, lastIndex: Value) {
    this.#graph = graph;
    const last = graph.op('Unsqueeze', [graph.cast(lastIndex, 'int64'), graph.ints(1)]);
    const inside = graph.cast(graph.op('LessOrEqual', [positions, last]), 'float32');
    const count = graph.op('ReduceSum', [inside, graph.ints(1)], { keepdims: 1 });
    this.#lastRow = last;
    this.#weights = graph.op('Unsqueeze', [graph.op('Div', [inside, count]), graph.ints(1)]);
  }

  /** (batch, hidden) at each row's last token. */
  last(states: Value): Value {
    return this.#graph.op('GatherND', [states, this.#lastRow], { batch_dims: 1 });
  }

  tap(states: Value, pools: ReadonlySet<Pool>): void {
    const graph = this.#graph;
    if (pools.has('last')) {
      this.#pooled.last.push(graph.op('Unsqueeze', [this.last(states), graph.ints(1)]));
    }
    if (pools.has('mean')) this.#pooled.mean.push(graph.op('MatMul', [this.#weights, states]));
  }

  /** Declares `last` and `mean` (batch, layers, hidden) as outputs, those that were tapped. */
  declare(hidden: number): void {
    for (const [name, taps] of Object.entries(this.#pooled)) {
      if (taps.length === 0) continue;
      const joined = this.#graph.op('Concat', taps, { axis: 1 });
      this.#graph.output(name, joined, ['batch', taps.length, hidden]);
    }
  }
}

/** (batch, 4) from logits (batch, vocabulary). */
export function outputFeatures(graph: GraphBuilder, logits: Value): Value {
  const logProbabilities = graph.op('LogSoftmax', [logits], { axis: -1 });
  const probabilities = graph.op('Exp', [logProbabilities]);
  const terms = graph.op('Mul', [probabilities, logProbabilities]);
  const entropy = graph.op('Neg', [
    graph.op('ReduceSum', [terms, graph.ints(-1)], { keepdims: 1 }),
  ]);
  const [largest] = graph.ops('TopK', [probabilities, graph.ints(OUTPUT_FEATURES - 1)], {
    outputs: 2,
    attributes: { axis: -1, largest: 1, sorted: 1 },
  });
  return graph.op('Concat', [entropy, largest!], { axis: -1 });
}
