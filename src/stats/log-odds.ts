/** ln(p / (1 − p)) of a probability drawn inside [edge, 1 − edge]: features and means need a bound that suits their noise. */
export function logOdds(p: number, edge: number): number {
  const inside = Math.min(Math.max(p, edge), 1 - edge);
  return Math.log(inside / (1 - inside));
}

/** 1 / (1 + exp −z). */
export function sigmoid(z: number): number {
  return 1 / (1 + Math.exp(-z));
}
