/** Moving from point to point of a chart. */

/** A point with its place in the picture, in CSS pixels from its upper left corner. */
export type PlacedPoint = {
  readonly id: string;
  readonly series: string;
  readonly text: string;
  readonly left: number;
  readonly top: number;
  /** Of the whole picture. */
  readonly width: number;
};

export type Step = 'next' | 'previous' | 'above' | 'below' | 'first' | 'last';

/** The point that a step leads to; from nowhere to the last point of the first series, which is the newest. */
export function stepFrom(
  points: readonly PlacedPoint[],
  from: PlacedPoint | null,
  step: Step,
): PlacedPoint | null {
  const first = points[0];
  if (first === undefined) return null;
  if (from === null) return ordered(points, first.series).at(-1) ?? null;
  const series = ordered(points, from.series);
  const at = series.findIndex(({ id }) => id === from.id);
  switch (step) {
    case 'next':
      return series[Math.min(at + 1, series.length - 1)] ?? from;
    case 'previous':
      return series[Math.max(at - 1, 0)] ?? from;
    case 'first':
      return series[0] ?? from;
    case 'last':
      return series.at(-1) ?? from;
    case 'above':
      return beside(points, from, -1);
    case 'below':
      return beside(points, from, 1);
  }
}

/** The point of the series before or after this one that stands nearest to it from left to right. */
function beside(points: readonly PlacedPoint[], from: PlacedPoint, by: number): PlacedPoint {
  const names = [...new Set(points.map(({ series }) => series))];
  const name = names[(names.indexOf(from.series) + by + names.length) % names.length];
  const candidates = points.filter(({ series }) => series === name);
  return candidates.reduce(
    (best, point) =>
      Math.abs(point.left - from.left) < Math.abs(best.left - from.left) ? point : best,
    candidates[0] ?? from,
  );
}

function ordered(points: readonly PlacedPoint[], series: string): PlacedPoint[] {
  return points.filter((point) => point.series === series).sort((a, b) => a.left - b.left);
}
