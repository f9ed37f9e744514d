import type { GraphBuilder, Value } from '../../graph/index.ts';
import type { AttentionSpec } from '../model-spec.ts';
import type { BlockContext } from './context.ts';
import { linear } from './linear.ts';
import { project, type Rotation } from './projections.ts';
import { softcap } from './softcap.ts';

/**
 * Attention of one new token a row, rows of several prompts at once. What a row sees has three parts: the cache of
 * its prompt, which rows of one prompt share without a copy each; its own suffix, the tokens sampled so far; and the
 * new token. The scores of the three are joined under one softmax, so the result is that of plain attention.
 *
 * Sizes: N rows, G prompts, R slots a prompt (rows of a prompt fill its first slots), P prompt tokens, T suffix
 * tokens, K key heads, Q query heads of a key head, D values a head.
 */
export type DecodeInputs = {
  readonly rotation: Rotation;
  /** int64 (N): the slot g · R + r of a row. */
  readonly slotOfRow: Value;
  /** int64 (G, R): the row in a slot; any row where the slot is empty. */
  readonly rowOfSlot: Value;
  /** Additive masks, 0 or far below every score, by window (0 stands for none). */
  readonly masks: (window: number | null) => DecodeMasks;
};

export type DecodeMasks = {
  /** (G, 1, R | 1, 1, P). */
  readonly prompt: Value;
  /** (N, 1, 1, T). */
  readonly suffix: Value;
};

export type DecodeCache = {
  /** (G, K, P, D). */
  readonly promptKey: Value;
  readonly promptValue: Value;
  /** (N, K, T, D). */
  readonly suffixKey: Value;
  readonly suffixValue: Value;
};

export type DecodeAttention = {
  /** (1, N, hidden). */
  readonly output: Value;
  /** (N, K, 1, D): to be appended to the suffix. */
  readonly key: Value;
  readonly value: Value;
};

export function decodeAttention(
  context: BlockContext,
  x: Value,
  options: {
    readonly spec: AttentionSpec;
    readonly inputs: DecodeInputs;
    readonly cache: DecodeCache;
  },
): DecodeAttention {
  const { spec, inputs, cache } = options;
  const { graph } = context;
  const group = spec.heads / spec.keyValueHeads;
  const projected = project(context, x, { spec, rotation: inputs.rotation });
  const split = (value: Value, width: number): Value =>
    graph.op('Reshape', [value, graph.ints(-1, spec.keyValueHeads, width, spec.headDim)]);
  const query = split(projected.query, group);
  const key = split(projected.key, 1);
  const value = split(projected.value, 1);
  const score = (keys: Value, queries: Value): Value => {
    const scores = graph.op('FusedMatMul', [queries, keys], { transB: 1, alpha: spec.scale });
    return softcap(context, scores, spec.softcap);
  };
  const slots = new Slots(graph, spec, inputs);
  const masks = inputs.masks(spec.window);

  const promptScores = slots.scatter(query);
  const prompt = slots.gatherScores(score(cache.promptKey, promptScores), masks.prompt);
  const suffix = graph.op('Add', [score(cache.suffixKey, query), masks.suffix]);
  const joined = graph.op('Concat', [prompt, suffix, score(key, query)], { axis: -1 });
  const weights = graph.op('Softmax', [joined], { axis: -1 });
  const sizes = graph.op(
    'Concat',
    [prompt, suffix]
      .map((part) => graph.op('Shape', [part], { start: 3, end: 4 }))
      .concat(graph.ints(1)),
    { axis: 0 },
  );
  const [onPrompt, onSuffix, onSelf] = graph.ops('Split', [weights, sizes], {
    outputs: 3,
    attributes: { axis: -1 },
  });
  const fromPrompt = slots.gather(
    graph.op('MatMul', [slots.scatterWeights(onPrompt!), cache.promptValue]),
  );
  const fromSuffix = graph.op('MatMul', [onSuffix!, cache.suffixValue]);
  const fromSelf = graph.op('Mul', [onSelf!, value]);
  const sum = graph.op('Add', [graph.op('Add', [fromPrompt, fromSuffix]), fromSelf]);
  const flat = graph.op('Reshape', [sum, graph.ints(1, -1, spec.heads * spec.headDim)]);
  return { output: linear(context, flat, spec.output), key, value };
}

/** Moves per-row values (N, K, Q, ·) to per-prompt ones (G, K, R · Q, ·) and back. */
class Slots {
  readonly #graph: GraphBuilder;
  readonly #inputs: DecodeInputs;
  readonly #keyHeads: number;
  readonly #group: number;
  readonly #headDim: number;

  constructor(graph: GraphBuilder, spec: AttentionSpec, inputs: DecodeInputs) {
    this.#graph = graph;
    this.#inputs = inputs;
    this.#keyHeads = spec.keyValueHeads;
    this.#group = spec.heads / spec.keyValueHeads;
    this.#headDim = spec.headDim;
  }

  scatter(rows: Value): Value {
    return this.#scatter(rows, this.#headDim);
  }

  /** Weights on prompt keys, whose last size is known at run time only. */
  scatterWeights(rows: Value): Value {
    return this.#scatter(rows, null);
  }

  gather(perPrompt: Value): Value {
    return this.#toRows(this.#apart(perPrompt, this.#headDim));
  }

  gatherScores(perPrompt: Value, mask: Value): Value {
    const apart = this.#apart(perPrompt, null);
    return this.#toRows(this.#graph.op('Add', [apart, mask]));
  }

  #scatter(rows: Value, last: number | null): Value {
    const graph = this.#graph;
    const slots = graph.op('Gather', [rows, this.#inputs.rowOfSlot], { axis: 0 });
    const swapped = graph.op('Transpose', [slots], { perm: [0, 2, 1, 3, 4] });
    return graph.op('Reshape', [swapped, this.#shape(swapped, last, 'joined')]);
  }

  /** (G, K, R · Q, ·) → (G, K, R, Q, ·). */
  #apart(perPrompt: Value, last: number | null): Value {
    const graph = this.#graph;
    return graph.op('Reshape', [perPrompt, this.#shape(perPrompt, last, 'apart')]);
  }

  /** (G, K, R, Q, ·) → (N, K, Q, ·). */
  #toRows(apart: Value): Value {
    const graph = this.#graph;
    const swapped = graph.op('Transpose', [apart], { perm: [0, 2, 1, 3, 4] });
    const flat = graph.op('Reshape', [swapped, this.#shape(swapped, null, 'rows')]);
    return graph.op('Gather', [flat, this.#inputs.slotOfRow], { axis: 0 });
  }

  /** The shape to reshape to; `last` null copies the last size of `value`. */
  #shape(value: Value, last: number | null, form: 'joined' | 'apart' | 'rows'): Value {
    const graph = this.#graph;
    const tail =
      last === null
        ? graph.op('Shape', [value], { start: form === 'apart' ? 3 : 4 })
        : graph.ints(last);
    const head =
      form === 'joined'
        ? graph.ints(0, this.#keyHeads, -1)
        : form === 'apart'
          ? graph.ints(0, this.#keyHeads, -1, this.#group)
          : graph.ints(-1, this.#keyHeads, this.#group);
    return graph.op('Concat', [head, tail], { axis: 0 });
  }
}
