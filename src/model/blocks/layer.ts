import type { Value } from '../../graph/index.ts';
import type { LayerSpec } from '../model-spec.ts';
import type { BlockContext } from './context.ts';
import { mlp } from './mlp.ts';
import { norm } from './norm.ts';

/** One block around any form of attention: returns the residual stream after it. */
export function layer(
  context: BlockContext,
  x: Value,
  { spec, attend }: { readonly spec: LayerSpec; readonly attend: (x: Value) => Value },
): Value {
  const { graph } = context;
  const feed = (value: Value): Value =>
    norm(context, mlp(context, norm(context, value, spec.mlpNorm), spec.mlp), spec.mlpOutputNorm);
  const attended = norm(
    context,
    attend(norm(context, x, spec.attentionNorm)),
    spec.attentionOutputNorm,
  );
  const middle = graph.op('Add', [x, attended]);
  return graph.op('Add', [middle, feed(spec.parallel ? x : middle)]);
}
