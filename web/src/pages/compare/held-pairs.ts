/** Which pairs a source can compare. */
import { answerPath } from '../../data/index.ts';

export type ComparedPair = { readonly a: string; readonly b: string };

export function comparePath({ a, b }: ComparedPair): string {
  return answerPath('/compare', { a, b });
}

/**
 * The pairs whose comparison a report holds.
 *
 * @param paths of its answers; null: a store, which compares any two, is answered by null.
 */
export function heldPairs(paths: readonly string[] | null): readonly ComparedPair[] | null {
  if (paths === null) return null;
  return paths.flatMap((path) => {
    const [name, query] = path.split('?');
    const asked = new URLSearchParams(query);
    const [a, b] = [asked.get('a'), asked.get('b')];
    return name === '/compare' && a !== null && b !== null ? [{ a, b }] : [];
  });
}
