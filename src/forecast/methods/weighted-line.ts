/**
 * y = intercept + slope · x by weighted least squares; a flat line through the weighted mean where all x are equal.
 */
export function weightedLine(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights: ArrayLike<number>,
): (at: number) => number {
  let [sum, sumX, sumY] = [0, 0, 0];
  for (let i = 0; i < x.length; i += 1) {
    sum += weights[i]!;
    sumX += weights[i]! * x[i]!;
    sumY += weights[i]! * y[i]!;
  }
  const meanX = sumX / sum;
  const meanY = sumY / sum;
  let [sumXX, sumXY] = [0, 0];
  for (let i = 0; i < x.length; i += 1) {
    sumXX += weights[i]! * (x[i]! - meanX) ** 2;
    sumXY += weights[i]! * (x[i]! - meanX) * (y[i]! - meanY);
  }
  const slope = sumXX > 1e-12 * sum ? sumXY / sumXX : 0;
  return (at) => meanY + slope * (at - meanX);
}
