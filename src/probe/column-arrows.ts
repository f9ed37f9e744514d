import type { Solve } from './curvature-factor.ts';
import type { LogisticProblem } from './task-blocks.ts';

/**
 * The inverse of the curvature without what couples one column with another: for each column, ridges D and L and
 * the likelihood's curvature h_t, (D + Σ h_t) a + Σ h_t b_t = r and h_t a + (h_t + L) b_t = r_t. `squares`: mean square of each
 * column in each block.
 */
export function columnArrows(
  { blocks, size, shared, deviation }: LogisticProblem,
  curvature: readonly Float32Array[],
  squares: readonly Float64Array[],
): Solve {
  const curved = blocks.map((_, t) => {
    const total = curvature[t]!.reduce((sum, value) => sum + value, 0);
    return squares[t]!.map((square) => square * total);
  });
  // Per column: 1 / what is left of the shared weight's equation when the deviations are eliminated.
  const pivot = Float64Array.from(deviation, (ridge, j) => {
    if (shared === null) return 0;
    const left = (h: number) => (Number.isFinite(ridge) ? (h * ridge) / (h + ridge) : h);
    return 1 / curved.reduce((total, h) => total + left(h[j]!), shared[j]!);
  });
  return (rest) => {
    const out = new Float64Array(rest.length);
    for (let j = 0; j < size; j += 1) {
      const ridge = deviation[j]!;
      let value = rest[j]!;
      if (Number.isFinite(ridge)) {
        curved.forEach((h, t) => {
          const scaled = rest[(t + 1) * size + j]! / (h[j]! + ridge);
          out[(t + 1) * size + j] = scaled;
          value -= h[j]! * scaled;
        });
      }
      const shift = value * pivot[j]!;
      out[j] = shift;
      if (shift === 0 || !Number.isFinite(ridge)) continue;
      curved.forEach((h, t) => (out[(t + 1) * size + j]! -= (h[j]! * shift) / (h[j]! + ridge)));
    }
    return out;
  };
}
