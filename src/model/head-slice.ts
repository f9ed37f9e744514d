import { type ExternalTensor, GraphBuilder } from '../graph/index.ts';
import { logits } from './blocks/frame.ts';
import { NEXT_TOKENS } from './head.ts';
import type { ModelSpec } from './model-spec.ts';
import type { ModelGraph } from './prefill.ts';
import type { Tensors } from './weights.ts';

/** Names of the outputs of `buildHeadSlice`. */
export const HEAD_SLICE_OUTPUTS = [
  'most',
  'sum',
  'weighted',
  'nextLogit',
  'tokens',
  'largest',
] as const;

/** Tokens `from` to `to` (not included) of the vocabulary. */
export type VocabularySlice = { readonly from: number; readonly to: number };

/**
 * A graph of the output head for a slice of the vocabulary, for heads that are too large to be in memory as a whole.
 * Inputs: `states` float32 (rows, hidden) after the final norm, and `next` int64 (rows, 1), an index into the slice.
 * Outputs (rows, 1), over the slice: `most`, the largest logit; `sum` of exp(logit − most); `weighted`, the sum of
 * exp(logit − most) · (logit − most); `nextLogit`, that of `next`; and `tokens` int32 and `largest` (rows, k), the likeliest
 * min(8, slice) tokens as indices into the slice with their logits, the likeliest first.
 */
export function buildHeadSlice(
  spec: ModelSpec,
  tensors: Tensors,
  slice: VocabularySlice,
): ModelGraph {
  const graph = new GraphBuilder('head-slice');
  const states = graph.input('states', 'float32', ['rows', spec.hidden]);
  const next = graph.input('next', 'int64', ['rows', 1]);
  const part = sliceOfHead(spec, tensors, slice);
  const all = logits({ graph, tensors: part.tensors }, part.spec, states);
  const most = graph.op('ReduceMax', [all, graph.ints(-1)], { keepdims: 1 });
  const below = graph.op('Sub', [all, most]);
  const exponentials = graph.op('Exp', [below]);
  const weighted = graph.op('Mul', [exponentials, below]);
  const kept = Math.min(NEXT_TOKENS, slice.to - slice.from);
  const [largest, tokens] = graph.ops('TopK', [all, graph.ints(kept)], {
    outputs: 2,
    attributes: { axis: -1, largest: 1, sorted: 1 },
  });
  graph.output('most', most, ['rows', 1]);
  const sum = (value: typeof all) =>
    graph.op('ReduceSum', [value, graph.ints(-1)], { keepdims: 1 });
  graph.output('sum', sum(exponentials), ['rows', 1]);
  graph.output('weighted', sum(weighted), ['rows', 1]);
  graph.output('nextLogit', graph.op('GatherElements', [all, next], { axis: 1 }), ['rows', 1]);
  graph.output('tokens', graph.cast(tokens!, 'int32'), ['rows', kept]);
  graph.output('largest', largest!, ['rows', kept]);
  return { model: graph.build({ castsFirst: true }), outputs: HEAD_SLICE_OUTPUTS, given: null };
}

/** The head's rows of a slice: weights lie row after row in the file, so a slice of them is a part of it. */
function sliceOfHead(
  spec: ModelSpec,
  tensors: Tensors,
  { from, to }: VocabularySlice,
): { spec: ModelSpec; tensors: Tensors } {
  if (spec.head.transposed) throw new Error('model: a transposed head cannot be sliced');
  const rowsOf = (name: string): [string, ExternalTensor] => {
    const tensor = tensors.get(name);
    if (tensor === undefined) throw new Error(`model: tensor \`${name}\` was not checked`);
    const [rows = 1, ...rest] = tensor.shape;
    const rowBytes = tensor.byteLength / rows;
    const place = { offset: tensor.offset + from * rowBytes, byteLength: (to - from) * rowBytes };
    return [name, { ...tensor, ...place, shape: [to - from, ...rest] }];
  };
  const { weight, bias } = spec.head;
  return {
    spec: { ...spec, head: { ...spec.head, outputs: to - from } },
    tensors: new Map([rowsOf(weight), ...(bias === null ? [] : [rowsOf(bias)])]),
  };
}
