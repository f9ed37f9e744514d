import type { LinearSpec, MlpSpec, ModelSpec } from './model-spec.ts';
import { attentionLinears, mlpLinears } from './parts.ts';

/**
 * Floating-point operations of one token's forward pass: 2 a weight of every linear layer that the token goes through
 * (of a mixture, the router and the chosen experts), and 4 a key that attention sees, head and value (scores and
 * weighted sum). `context` is the mean number of keys seen; the head is left out unless asked for, as extraction needs
 * it for some tokens of a prompt alone.
 */
export function forwardFlopsPerToken(
  spec: ModelSpec,
  options: { readonly context?: number; readonly head?: boolean } = {},
): number {
  const blocks = spec.layers.map(({ attention, mlp }) => {
    const products = 2 * (weights(attentionLinears(attention)) + activeWeights(mlp));
    const keys = Math.min(options.context ?? 0, attention.window ?? Number.POSITIVE_INFINITY);
    return products + 4 * keys * attention.heads * attention.headDim;
  });
  const head = options.head === true ? 2 * weights([spec.head]) : 0;
  return blocks.reduce((sum, each) => sum + each, head);
}

function activeWeights(mlp: MlpSpec): number {
  if (mlp.kind === 'dense') return weights(mlpLinears(mlp));
  const experts = mlp.experts.reduce((sum, expert) => sum + weights(mlpLinears(expert)), 0);
  return weights([mlp.router]) + (experts * mlp.chosen) / mlp.experts.length;
}

function weights(linears: readonly LinearSpec[]): number {
  return linears.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
}
