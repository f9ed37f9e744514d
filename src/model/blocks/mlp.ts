import type { Value } from '../../graph/index.ts';
import type { Activation, DenseMlp, MlpSpec } from '../model-spec.ts';
import type { BlockContext } from './context.ts';
import { experts } from './experts.ts';
import { linear, linears } from './linear.ts';

export function mlp(context: BlockContext, x: Value, spec: MlpSpec): Value {
  if (spec.kind === 'dense') return dense(context, x, spec);
  const inside: BlockContext = { ...context, axes: 2 };
  return experts(context, x, { spec, expert: (rows, each) => dense(inside, rows, each) });
}

/** down(activation(gate(x)) · up(x)), without the gate where the MLP has none. */
function dense(context: BlockContext, x: Value, spec: DenseMlp): Value {
  const [first, second] = linears(context, x, spec.inner);
  if (first === undefined) throw new Error('model: an MLP without layers');
  const activated = activate(context, first, spec.activation);
  const inner = second === undefined ? activated : context.graph.op('Mul', [activated, second]);
  return linear(context, inner, spec.down);
}

function activate({ graph }: BlockContext, x: Value, activation: Activation): Value {
  switch (activation) {
    case 'silu':
      // silu(x) = x · sigmoid(x) is QuickGelu with alpha 1.
      return graph.op('QuickGelu', [x], { alpha: 1 });
    case 'gelu':
      return graph.op('Gelu', [x], { approximate: 'none' });
    case 'gelu-tanh':
      return graph.op('Gelu', [x], { approximate: 'tanh' });
    case 'relu':
      return graph.op('Relu', [x]);
  }
}
