import type { Value } from '../../graph/index.ts';
import type { MlpSpec } from '../model-spec.ts';
import { type BlockContext, linear } from './context.ts';

/** down(silu(gate(x)) · up(x)); silu(x) = x · sigmoid(x) is QuickGelu with alpha 1. */
export function mlp(context: BlockContext, x: Value, spec: MlpSpec): Value {
  const { graph } = context;
  const gate = graph.op('QuickGelu', [linear(context, x, spec.gate)], { alpha: 1 });
  return linear(context, graph.op('Mul', [gate, linear(context, x, spec.up)]), spec.down);
}
