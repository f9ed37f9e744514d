/**
 * Subset → full set: a smooth, increasing map through (0, 0) and (1, 1), calibrated on models whose accuracy on both is
 * known. `chanceEnds` moves the lower end to (g, g): a guesser scores chance on any subset.
 */
import { choleskyInPlace, choleskySolve } from '../../stats/index.ts';
import type { MapPoint } from './map-point.ts';
import { clip } from '../observations.ts';
import { fitMonotoneSpline } from './monotone-spline.ts';

export type MapKind = 'quartic' | 'spline';

export type SubsetMap = {
  /** Root mean square error on the calibration points, in accuracy. */
  readonly rmse: number;
  readonly interiorKnots: number;
  /** Full accuracy, 0…1, at a subset accuracy. */
  evaluate(subset: number): number;
};

/** Fits a map; without points it is the identity. */
export function fitSubsetMap(
  points: readonly MapPoint[],
  { kind, chanceEnds = 0 }: { readonly kind: MapKind; readonly chanceEnds?: number },
): SubsetMap {
  const low = Math.min(chanceEnds, 0.99);
  const scaled = points.map(({ subset, full }) => ({
    subset: clip((subset - low) / (1 - low)),
    full: clip((full - low) / (1 - low)),
  }));
  const fitted = kind === 'quartic' ? fitQuartic(scaled) : fitMonotoneSpline(scaled);
  const evaluate = (subset: number): number =>
    low + (1 - low) * clip(fitted.evaluate(clip((subset - low) / (1 - low))));
  const squares = points.map(({ subset, full }) => (evaluate(subset) - full) ** 2);
  const rmse = Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / (points.length || 1));
  return { evaluate, rmse, interiorKnots: fitted.interiorKnots };
}

/** A light ridge on the shape: three coefficients on as few as four points. */
const quarticRidge = 1e-4;

/**
 * f(s) = s + s (1 − s) (p + q s + r s²): every quartic through both ends, by least squares. Not monotone by
 * construction: where it turns, the last value before the turn is held.
 */
function fitQuartic(points: readonly MapPoint[]): {
  evaluate(s: number): number;
  interiorKnots: number;
} {
  const gram = new Float64Array(9);
  const moment = new Float64Array(3);
  for (const { subset: s, full } of points) {
    const bend = s * (1 - s);
    const inputs = [bend, bend * s, bend * s * s];
    inputs.forEach((a, i) => {
      moment[i]! += a * (full - s);
      inputs.forEach((b, j) => (gram[3 * i + j]! += a * b));
    });
  }
  for (let i = 0; i < 3; i += 1) gram[4 * i]! += quarticRidge;
  if (choleskyInPlace(gram, 3)) choleskySolve(gram, 3, moment);
  else moment.fill(0);
  const [p = 0, q = 0, r = 0] = moment;
  const raw = (s: number): number => s + s * (1 - s) * (p + q * s + r * s * s);
  const steps = 200;
  const held = new Float64Array(steps + 1);
  for (let i = 1; i <= steps; i += 1) held[i] = Math.max(held[i - 1]!, clip(raw(i / steps)));
  return {
    interiorKnots: 0,
    evaluate: (s) => {
      const at = s * steps;
      const below = Math.min(steps - 1, Math.floor(at));
      return held[below]! + (at - below) * (held[below + 1]! - held[below]!);
    },
  };
}
