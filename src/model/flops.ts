import type { ModelSpec } from './model-spec.ts';

/**
 * Floating-point operations of one token's forward pass: 2 a weight of every linear layer, and 4 a key that attention
 * sees, head and value (scores and weighted sum). `context` is the mean number of keys seen; the head is left out
 * unless asked for, as extraction needs it for some tokens of a prompt alone.
 */
export function forwardFlopsPerToken(
  spec: ModelSpec,
  options: { readonly context?: number; readonly head?: boolean } = {},
): number {
  const blocks = spec.layers.map(({ attention, mlp }) => {
    const linears = [
      ...[attention.query, attention.key, attention.value, attention.output],
      ...[mlp.gate, mlp.up, mlp.down],
    ];
    const products = linears.reduce((sum, { inputs, outputs }) => sum + 2 * inputs * outputs, 0);
    const keys = Math.min(options.context ?? 0, attention.window ?? Number.POSITIVE_INFINITY);
    return products + 4 * keys * attention.heads * attention.headDim;
  });
  const head = options.head === true ? 2 * spec.hidden * spec.vocabulary : 0;
  return blocks.reduce((sum, each) => sum + each, head);
}
