/** An axis on a logarithmic scale: its ends, and the values that get a label. */
export type LogAxis = {
  readonly low: number;
  readonly high: number;
  readonly ticks: readonly number[];
};

/** Free space at each end, as a part of the axis: a mark on the outermost value stays whole. */
const padding = 0.06;

/** An axis narrower than this many decades is widened: one value alone would have no width at all. */
const leastDecades = 0.6;

/**
 * The axis over the positive finite values among those given (a logarithm has no place for the others), with at most
 * `mostTicks` ticks: powers of ten, or 1, 2, 5 × powers of ten where there are too few. Without values: 1 to 10.
 */
export function logAxis(values: readonly number[], mostTicks: number): LogAxis {
  const logs = values.filter(hasLogarithm).map((value) => Math.log10(value));
  const first = logs.reduce((least, value) => Math.min(least, value), logs[0] ?? 0);
  const last = logs.reduce((most, value) => Math.max(most, value), logs[0] ?? 1);
  const missing = Math.max(0, leastDecades - (last - first)) / 2;
  const margin = padding * (last - first + 2 * missing);
  const [low, high] = [first - missing - margin, last + missing + margin];
  return { low: 10 ** low, high: 10 ** high, ticks: chooseTicks(low, high, mostTicks) };
}

/** Whether a value can stand on a logarithmic axis. */
export function hasLogarithm(value: number): boolean {
  return Number.isFinite(value) && value > 0;
}

/** A tick's label: `1e20`, `5e19`. */
export function tickLabel(value: number): string {
  return value.toExponential(0).replace('e+', 'e');
}

function chooseTicks(low: number, high: number, most: number): readonly number[] {
  const powers = range(Math.ceil(low), Math.floor(high));
  if (powers.length >= 2) {
    const step = Math.ceil(powers.length / most);
    return powers.filter((power) => power % step === 0).map((power) => Number(`1e${power}`));
  }
  const between = range(Math.floor(low), Math.floor(high)).flatMap((power) =>
    [1, 2, 5].map((digit) => Number(`${digit}e${power}`)),
  );
  return between
    .filter((value) => Math.log10(value) >= low && Math.log10(value) <= high)
    .slice(0, most);
}

function range(first: number, last: number): readonly number[] {
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, index) => first + index);
}
