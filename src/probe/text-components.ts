import type { NamedTensor } from './estimator.ts';
import { leadingBasis } from './axes.ts';
import type { Kernel } from './kernel.ts';
import { fitTerms, type Terms, termFeatures } from './term-features.ts';

/**
 * What is asked, as a few numbers: the leading components of TF-IDF over the questions' texts (latent semantic analysis).
 * A probe of a few thousand questions learns no single word, but kinds of questions; and outcomes have no part in it.
 */
export type TextComponents = {
  readonly terms: Terms;
  /** (terms, width). */
  readonly basis: Float32Array;
  readonly width: number;
};

const MOST_TERMS = 256;

const COMPONENTS = 32;

/** Null where the texts have no term in common. */
export async function fitTextComponents(
  texts: readonly string[],
  kernel: Kernel,
): Promise<TextComponents | null> {
  const terms = fitTerms(texts, MOST_TERMS);
  const count = Math.min(COMPONENTS, terms.terms.length);
  if (count === 0) return null;
  const rows = termFeatures(texts, terms);
  const basis = await leadingBasis(rows, terms.terms.length, { count, kernel });
  return { terms, basis, width: basis.length / terms.terms.length };
}

/** (texts, width) row-major. */
export async function applyTextComponents(
  { terms, basis }: TextComponents,
  texts: readonly string[],
  kernel: Kernel,
): Promise<Float32Array> {
  return kernel.multiply(termFeatures(texts, terms), basis, terms.terms.length);
}

/** The vocabulary is on the card: tensors hold numbers. */
export function textComponentsTensors({ terms, basis, width }: TextComponents): NamedTensor[] {
  return [
    { name: 'idf', shape: [terms.idf.length], data: terms.idf },
    { name: 'basis', shape: [terms.idf.length, width], data: basis },
  ];
}
