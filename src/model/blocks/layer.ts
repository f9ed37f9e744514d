import type { Value } from '../../graph/index.ts';
import type { LayerSpec } from '../model-spec.ts';
import { type BlockContext, norm } from './context.ts';
import { mlp } from './mlp.ts';

/** One block around any form of attention: returns the residual stream after it. */
export function layer(
  context: BlockContext,
  x: Value,
  { spec, attend }: { readonly spec: LayerSpec; readonly attend: (x: Value) => Value },
): Value {
  const { graph } = context;
  const attended = norm(
    context,
    attend(norm(context, x, spec.attentionNorm)),
    spec.attentionOutputNorm,
  );
  const middle = graph.op('Add', [x, attended]);
  const fed = norm(
    context,
    mlp(context, norm(context, middle, spec.mlpNorm), spec.mlp),
    spec.mlpOutputNorm,
  );
  return graph.op('Add', [middle, fed]);
}
