import { int64, type Value } from '../../graph/index.ts';
import type { DenseMlp, ExpertsMlp } from '../model-spec.ts';
import type { BlockContext } from './context.ts';
import { linear } from './linear.ts';

/**
 * A mixture of experts for x (batch, sequence, hidden). Every token is copied once for each expert that it chose, the
 * copies are sorted by expert and cut into one piece an expert, and each expert works on its own piece alone: one that
 * nobody chose gets no rows, and products of no rows cost nothing. The runtime's own operator for mixtures wants all
 * experts in one tensor and is slower here.
 */
export function experts(
  context: BlockContext,
  x: Value,
  options: {
    readonly spec: ExpertsMlp;
    readonly expert: (rows: Value, spec: DenseMlp) => Value;
  },
): Value {
  const { graph } = context;
  const { spec } = options;
  const { chosen, router, experts: all } = spec;
  const hidden = router.inputs;
  const tokens = graph.op('Reshape', [x, graph.ints(-1, hidden)]);
  const { weights, ids } = route(context, tokens, spec);

  const { order, inverse, sizes } = sortByExpert(context, ids, all.length);
  const copies = graph.op('Gather', [tokens, graph.op('Div', [order, graph.index(chosen)])], {
    axis: 0,
  });
  const pieces = graph.ops('Split', [copies, sizes], {
    outputs: all.length,
    attributes: { axis: 0 },
  });
  const made = pieces.map((piece, i) => options.expert(piece, all[i]!));
  const joined = graph.op('Concat', made, { axis: 0 });
  const inOrder = graph.op('Gather', [joined, inverse], { axis: 0 });
  const byToken = graph.op('Reshape', [inOrder, graph.ints(-1, chosen, hidden)]);
  const weighted = graph.op('Mul', [byToken, graph.op('Unsqueeze', [weights, graph.ints(2)])]);
  const sum = graph.op('ReduceSum', [weighted, graph.ints(1)], { keepdims: 0 });
  return graph.op('Reshape', [sum, graph.op('Shape', [x])]);
}

/** (tokens, chosen): the weights of the likeliest experts, and their numbers. */
function route(
  context: BlockContext,
  tokens: Value,
  { router, chosen, normalised }: ExpertsMlp,
): { weights: Value; ids: Value } {
  const { graph } = context;
  const shares = graph.op('Softmax', [linear(context, tokens, router)], { axis: -1 });
  const [likeliest, ids] = graph.ops('TopK', [shares, graph.ints(chosen)], {
    outputs: 2,
    attributes: { axis: -1 },
  });
  const total = graph.op('ReduceSum', [likeliest!, graph.ints(-1)], { keepdims: 1 });
  return { weights: normalised ? graph.op('Div', [likeliest!, total]) : likeliest!, ids: ids! };
}

/**
 * Of `ids` (tokens, chosen), flat: `order`, the places by rising expert; `inverse`, where each place went; `sizes`, how
 * many each expert has.
 */
function sortByExpert(
  { graph }: BlockContext,
  ids: Value,
  count: number,
): { order: Value; inverse: Value; sizes: Value } {
  const flat = graph.op('Reshape', [ids, graph.ints(-1)]);
  const places = graph.op('Shape', [flat]);
  const ascending = (values: Value): Value =>
    graph.ops('TopK', [values, places], {
      outputs: 2,
      attributes: { axis: 0, largest: 0, sorted: 1 },
    })[1]!;
  const order = ascending(flat);
  const offAndOn = graph.constant(int64([0, 1]));
  const oneHot = graph.op('OneHot', [flat, graph.index(count), offAndOn], { axis: 0 });
  return {
    order,
    inverse: ascending(order),
    sizes: graph.op('ReduceSum', [oneHot, graph.ints(1)], { keepdims: 0 }),
  };
}
