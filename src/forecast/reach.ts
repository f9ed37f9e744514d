import type { LadderForecaster } from './forecast.ts';
import { gate, judge } from './gate.ts';

/** Which compute reaches an accuracy. */
export type Reach = {
  readonly accuracy: number;
  /** Training FLOPs; null where it is not within reach of what can be said. */
  readonly flops: number | null;
  /** Compute at which the upper end of the 95 % interval reaches it; null where that is below the ladder's largest. */
  readonly low: number | null;
  /** Compute at which the lower end does; null where it never does within reach. */
  readonly high: number | null;
  readonly reason: string;
};

/** Steps of the search a factor e of compute, and halvings after it. */
const stepsPerFactor = 20;
const halvings = 40;

/**
 * The least compute at which an accuracy is reached: by a ladder model as measured, else by the chosen forecast beyond the
 * largest. Past the gate's limit of extrapolation, or where the gate refuses at the compute found, the answer is that it
 * cannot be said.
 */
export function reachAccuracy(forecaster: LadderForecaster, accuracy: number): Reach {
  const { ladder } = forecaster;
  if (!(accuracy > 0 && accuracy < 1)) {
    throw new RangeError(
      `\`reachAccuracy\`: expected \`accuracy\` above 0 and below 1, got ${accuracy}`,
    );
  }
  const reached = ladder.models.find((_, model) => ladder.accuracy[model]! >= accuracy);
  if (reached !== undefined) {
    const { checkpoint, flops } = reached;
    return { accuracy, flops, low: null, high: flops, reason: `reached by ${checkpoint}` };
  }
  const from = ladder.models.at(-1)!.flops;
  const to = from * gate.extrapolation;
  const find = (value: (flops: number) => number): number | null =>
    firstCrossing(value, accuracy, { from, to });
  const at = pointAt(forecaster);
  const flops = find((compute) => at(compute).accuracy);
  const upper = find((compute) => at(compute).intervals['0.95'][1]);
  const low = upper === from ? null : upper;
  const high = find((compute) => at(compute).intervals['0.95'][0]);
  const refusal = refusalAt(forecaster, flops ?? to);
  if (flops !== null && refusal === null) {
    return { accuracy, flops, low, high, reason: 'by the chosen forecast' };
  }
  const furthest = furthestAnswer(forecaster, { from, to });
  const why =
    furthest === null
      ? (refusal ?? 'no compute at which a forecast is an answer')
      : `${(100 * at(furthest).accuracy).toFixed(1)} points at ${(furthest / from).toFixed(1)} × the largest model’s compute is the furthest`;
  const reason = `not within reach of what can be said: ${why}`;
  return { accuracy, flops: null, low: null, high: null, reason };
}

/** Steps in log compute at which the gate is asked. */
const gateSteps = 24;

/** The most compute at which the gate answers; null where it does nowhere. */
function furthestAnswer(
  forecaster: LadderForecaster,
  { from, to }: { from: number; to: number },
): number | null {
  for (let step = gateSteps; step > 0; step -= 1) {
    const flops = from * (to / from) ** (step / gateSteps);
    if (refusalAt(forecaster, flops) === null) return flops;
  }
  return null;
}

/** Why the gate refuses at a compute; null where it answers. */
function refusalAt(forecaster: LadderForecaster, flops: number): string | null {
  const { verdict, reason } = judge(forecaster.evidenceAt({ flops, params: null, tokens: null }));
  return verdict === 'predictable' ? null : reason;
}

function pointAt(
  forecaster: LadderForecaster,
): (flops: number) => ReturnType<LadderForecaster['at']> {
  const known = new Map<number, ReturnType<LadderForecaster['at']>>();
  return (flops) => {
    const point = known.get(flops) ?? forecaster.at({ flops, params: null, tokens: null });
    known.set(flops, point);
    return point;
  };
}

/** The first compute of a fine grid in log compute where the value reaches `wanted`, refined by bisection. */
function firstCrossing(
  value: (flops: number) => number,
  wanted: number,
  { from, to }: { from: number; to: number },
): number | null {
  const steps = Math.max(2, Math.ceil(Math.log(to / from) * stepsPerFactor));
  const gridAt = (step: number): number => from * (to / from) ** (step / steps);
  for (let step = 0; step <= steps; step += 1) {
    if (value(gridAt(step)) < wanted) continue;
    if (step === 0) return from;
    let [low, high] = [gridAt(step - 1), gridAt(step)];
    for (let halving = 0; halving < halvings && high / low > 1 + 1e-9; halving += 1) {
      const middle = Math.sqrt(low * high);
      if (value(middle) >= wanted) high = middle;
      else low = middle;
    }
    return high;
  }
  return null;
}
