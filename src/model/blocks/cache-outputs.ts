import type { GraphBuilder, Value } from '../../graph/index.ts';

/** Names of the outputs that hold layer `i`'s rotated keys and values, (batch, keyValueHeads, sequence, headDim). */
export function cacheNames(i: number): { readonly key: string; readonly value: string } {
  return { key: `cache.key.${i}`, value: `cache.value.${i}` };
}

export function declareCache(
  graph: GraphBuilder,
  i: number,
  { key, value }: { readonly key: Value; readonly value: Value },
): void {
  const shape = ['batch', 'keyValueHeads', 'sequence', 'headDim'];
  graph.output(cacheNames(i).key, key, shape);
  graph.output(cacheNames(i).value, value, shape);
}
