/** Probabilities are drawn so far inside before their logarithm is taken: log-odds of at most ±20.7. */
const INSIDE = 1e-9;

export function inside(p: number): number {
  return Math.min(1 - INSIDE, Math.max(INSIDE, p));
}

/** ln(p/(1 − p)) of the probability drawn inside. */
export function logOdds(p: number): number {
  const q = inside(p);
  return Math.log(q) - Math.log1p(-q);
}

export function sigmoid(z: number): number {
  return z >= 0 ? 1 / (1 + Math.exp(-z)) : Math.exp(z) / (1 + Math.exp(z));
}
