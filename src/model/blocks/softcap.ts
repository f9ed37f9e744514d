import type { Value } from '../../graph/index.ts';
import type { BlockContext } from './context.ts';

/** cap · tanh(x / cap); x itself where there is no cap. */
export function softcap({ graph }: BlockContext, x: Value, cap: number | null): Value {
  if (cap === null) return x;
  const limit = graph.number(cap);
  return graph.op('Mul', [graph.op('Tanh', [graph.op('Div', [x, limit])]), limit]);
}
