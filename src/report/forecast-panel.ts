/** A benchmark's forecast and what it rests on. Accuracies, bands and chance are shares, 0 to 1; `flops` are training
 *  FLOPs. Points without a positive number of FLOPs have no place on the axis and are left out. */
export type ForecastPanel = {
  readonly suite: string;
  readonly task: string;
  readonly chance: number;
  /** The labelled checkpoints that the forecast was made from. */
  readonly ladder: readonly {
    readonly checkpoint: string;
    readonly flops: number;
    readonly accuracy: number;
    readonly standardError: number | null;
  }[];
  /** The chosen method's accuracy over compute, in increasing order of FLOPs. */
  readonly curve: readonly {
    readonly flops: number;
    readonly accuracy: number | null;
    readonly intervals: {
      readonly '0.8': readonly [number, number];
      readonly '0.95': readonly [number, number];
    } | null;
    /** Whether the curve is an answer there; null where nothing is forecast: inside the ladder. */
    readonly verdict: 'predictable' | 'not-predictable' | null;
  }[];
  readonly target: { readonly flops: number; readonly checkpoint: string | null };
  readonly forecast: {
    readonly accuracy: number | null;
    readonly low: number | null;
    readonly high: number | null;
    readonly verdict: 'predictable' | 'not-predictable';
    readonly method: string;
  };
  /** What the target scored, where it is known by now. */
  readonly measured: number | null;
};

export type CurvePoint = ForecastPanel['curve'][number];

/** Pieces of a curve that are an answer throughout, or throughout are none; neighbours share the point between them. */
export function curvePieces(
  points: readonly CurvePoint[],
): { readonly isRefused: boolean; readonly points: readonly CurvePoint[] }[] {
  const pieces: { isRefused: boolean; points: CurvePoint[] }[] = [];
  for (const [index, point] of points.entries()) {
    const before = points[index - 1];
    const refused = isRefusedPoint(point) || (before !== undefined && isRefusedPoint(before));
    const last = pieces.at(-1);
    if (last === undefined) pieces.push({ isRefused: isRefusedPoint(point), points: [point] });
    else if (last.isRefused === refused) last.points.push(point);
    else
      pieces.push({ isRefused: refused, points: before === undefined ? [point] : [before, point] });
  }
  return pieces;
}

export function isRefusedPoint({ verdict }: CurvePoint): boolean {
  return verdict === 'not-predictable';
}

/** All places on the compute axis that a panel speaks of. */
export function forecastFlops(panel: ForecastPanel): readonly number[] {
  return [
    ...panel.ladder.map((rung) => rung.flops),
    ...panel.curve.map((point) => point.flops),
    panel.target.flops,
  ];
}

/** Which benchmark a panel is about: `suite/task`. */
export function panelName(panel: ForecastPanel): string {
  return `${panel.suite}/${panel.task}`;
}

/** The verdict in points of accuracy: `64 [55, 72]`, or `not predictable`. */
export function describeForecast({ forecast }: ForecastPanel): string {
  const { accuracy, low, high, verdict } = forecast;
  if (verdict === 'not-predictable') return 'not predictable';
  if (accuracy === null) return 'no forecast';
  const interval = low === null || high === null ? '' : ` [${points(low)}, ${points(high)}]`;
  return `${points(accuracy)}${interval}`;
}

/** A labelled checkpoint in words: `step1000: 43.1 ± 1.2 at 1.20e20 FLOPs`. */
export function describeRung(rung: ForecastPanel['ladder'][number]): string {
  const error = rung.standardError === null ? '' : ` ± ${(100 * rung.standardError).toFixed(1)}`;
  return `${rung.checkpoint}: ${(100 * rung.accuracy).toFixed(1)}${error} at ${describeFlops(rung.flops)}`;
}

/** Compute in words: `1.20e20 FLOPs`. */
export function describeFlops(flops: number): string {
  return `${flops.toExponential(2).replace('e+', 'e')} FLOPs`;
}

/** A share in whole points: `0.643` → `64`. */
export function points(share: number): string {
  return (100 * share).toFixed(0);
}
