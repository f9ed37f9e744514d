import { float32, type Value } from '../../graph/index.ts';
import type { NormSpec } from '../model-spec.ts';
import { weight } from '../weights.ts';
import type { BlockContext } from './context.ts';

/** The norm over the last axis of x; x itself where there is none. */
export function norm(context: BlockContext, x: Value, spec: NormSpec | null): Value {
  if (spec === null) return x;
  const { graph, tensors } = context;
  const scale = scaleOf(context, spec);
  const attributes = { axis: -1, epsilon: spec.epsilon };
  if (spec.kind === 'layer') {
    const bias = spec.bias === null ? [] : [weight(graph, tensors, spec.bias)];
    return graph.op('LayerNormalization', [x, scale, ...bias], attributes);
  }
  const normed = graph.op('RMSNormalization', [x, scale], attributes);
  return spec.bias === null ? normed : graph.op('Add', [normed, weight(graph, tensors, spec.bias)]);
}

/** Both operators want a scale. */
function scaleOf({ graph, tensors }: BlockContext, spec: NormSpec): Value {
  if (spec.weight === null) return graph.constant(float32(new Float32Array(spec.size).fill(1)));
  const stored = weight(graph, tensors, spec.weight);
  return spec.offset === 0 ? stored : graph.op('Add', [stored, graph.number(spec.offset)]);
}
