import { clamp } from './clamp.ts';

/** A straight line in a box. */
export type Line = { readonly offset: number; readonly scale: number };

export type LineBounds = {
  readonly offset: readonly [number, number];
  readonly scale: readonly [number, number];
};

/** The (offset, scale) inside `bounds` with the least Σ w (y − offset − scale · s)²; upper bounds may be infinite. */
export function bestLine(
  s: Float64Array,
  { y, weights }: { readonly y: Float64Array; readonly weights: Float64Array },
  bounds: LineBounds,
): Line {
  let [weight, sumS, sumY] = [0, 0, 0];
  for (let i = 0; i < s.length; i += 1) {
    weight += weights[i]!;
    sumS += weights[i]! * s[i]!;
    sumY += weights[i]! * y[i]!;
  }
  const [meanS, meanY] = [sumS / weight, sumY / weight];
  let [ss, sy] = [0, 0];
  for (let i = 0; i < s.length; i += 1) {
    ss += weights[i]! * (s[i]! - meanS) ** 2;
    sy += weights[i]! * (s[i]! - meanS) * (y[i]! - meanY);
  }
  const given = {
    offset: (scale: number) => clamp(meanY - scale * meanS, ...bounds.offset),
    scale: (offset: number) => {
      const curvature = ss + weight * meanS ** 2;
      const best = curvature > 0 ? (sy + weight * meanS * (meanY - offset)) / curvature : 0;
      return clamp(best, ...bounds.scale);
    },
  };
  const free = ss > 0 ? sy / ss : 0;
  if (free === clamp(free, ...bounds.scale)) {
    const offset = meanY - free * meanS;
    if (offset === clamp(offset, ...bounds.offset)) return { offset, scale: free };
  }
  // Convex: the minimum is on an edge of the box, on which it is a parabola.
  const edges: Line[] = [
    ...bounds.offset.map((offset) => ({ offset, scale: given.scale(offset) })),
    ...bounds.scale.map((scale) => ({ offset: given.offset(scale), scale })),
  ].filter(({ offset, scale }) => Number.isFinite(offset) && Number.isFinite(scale));
  const loss = ({ offset, scale }: Line) =>
    weight * (offset + scale * meanS - meanY) ** 2 + scale * scale * ss - 2 * scale * sy;
  return edges.reduce((best, next) => (loss(next) < loss(best) ? next : best));
}
