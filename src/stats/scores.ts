/** Mean of the values; null when there are none. */
export function mean(values: ArrayLike<number>): number | null {
  if (values.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < values.length; i += 1) sum += values[i]!;
  return sum / values.length;
}

/** Mean over the numbers among `values`; null when there are none. */
export function meanOfKnown(values: readonly (number | null)[]): number | null {
  return mean(values.filter((value) => value !== null));
}

/** Mean squared difference between predicted probabilities and measured rates k/n. */
export function meanSquaredError(
  predicted: ArrayLike<number>,
  rates: ArrayLike<number>,
): number | null {
  if (rates.length === 0) return null;
  let sum = 0;
  for (let i = 0; i < rates.length; i += 1) sum += (predicted[i]! - rates[i]!) ** 2;
  return sum / rates.length;
}

/**
 * Brier score over single answers: the mean over items of the mean of (p − answer)² over an item's answers, which is
 * (p − r)² + r (1 − r) for a rate r of right answers. The second part is noise that no prediction removes.
 */
export function brierScore(predicted: ArrayLike<number>, rates: ArrayLike<number>): number | null {
  const error = meanSquaredError(predicted, rates);
  if (error === null) return null;
  let noise = 0;
  for (let i = 0; i < rates.length; i += 1) noise += rates[i]! * (1 - rates[i]!);
  return error + noise / rates.length;
}

/** Mean predicted less mean measured, signed. */
export function levelError(predicted: ArrayLike<number>, rates: ArrayLike<number>): number | null {
  const level = mean(predicted);
  const truth = mean(rates);
  return level === null || truth === null ? null : level - truth;
}
