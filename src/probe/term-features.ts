/** Words and pairs of characters that texts are counted in, with the weight of each: TF-IDF. */
export type Terms = {
  readonly terms: readonly string[];
  /** ln((1 + texts) / (1 + texts with the term)) + 1, as scikit-learn smooths it. */
  readonly idf: Float64Array;
};

/** Texts that a term must stand in to be kept. */
const FEWEST_TEXTS = 3;

/** The `most` terms that stand in the most texts, in order of the alphabet. */
export function fitTerms(texts: readonly string[], most: number): Terms {
  const found = new Map<string, number>();
  for (const text of texts) {
    for (const term of countTerms(text).keys()) found.set(term, (found.get(term) ?? 0) + 1);
  }
  const kept = [...found]
    .filter(([, count]) => count >= FEWEST_TEXTS)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, most)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return {
    terms: kept.map(([term]) => term),
    idf: Float64Array.from(kept, ([, count]) => Math.log((1 + texts.length) / (1 + count)) + 1),
  };
}

/** (texts, terms) row-major: count · idf, each row of length 1 (0 where a text has none of the terms). */
export function termFeatures(texts: readonly string[], { terms, idf }: Terms): Float32Array {
  const places = new Map(terms.map((term, place) => [term, place]));
  const rows = new Float32Array(texts.length * terms.length);
  texts.forEach((text, row) => {
    const values = rows.subarray(row * terms.length, (row + 1) * terms.length);
    for (const [term, count] of countTerms(text)) {
      const place = places.get(term);
      if (place !== undefined) values[place] = count * idf[place]!;
    }
    const norm = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    if (norm > 0) for (let j = 0; j < values.length; j += 1) values[j]! /= norm;
  });
  return rows;
}

/** Words (runs of letters, digits and underscores) and pairs of neighbouring characters, both in lower case. */
function countTerms(text: string): Map<string, number> {
  const lower = text.toLowerCase();
  const counts = new Map<string, number>();
  const add = (term: string) => counts.set(term, (counts.get(term) ?? 0) + 1);
  for (const [word] of lower.matchAll(/[\p{L}\p{N}_]+/gu)) add(word);
  // A word of two letters and a pair of characters may be the same term; the mark keeps them apart.
  for (let i = 1; i < lower.length; i += 1) add(`~${lower.slice(i - 1, i + 1)}`);
  return counts;
}
