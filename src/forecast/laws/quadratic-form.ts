/** √(gᵀ V g): the standard error, by the delta method, of a value with gradient g (n) under a covariance V (n, n). */
export function quadraticForm(covariance: Float64Array, gradient: ArrayLike<number>): number {
  const n = gradient.length;
  let sum = 0;
  for (let i = 0; i < n; i += 1) {
    for (let j = 0; j < n; j += 1) sum += gradient[i]! * covariance[n * i + j]! * gradient[j]!;
  }
  return Math.sqrt(Math.max(0, sum));
}
