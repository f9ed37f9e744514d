import {
  createLadderForecaster,
  forecastBenchmark,
  type ForecastOptions,
  type MethodForecast,
} from './forecast.ts';
import type { Ladder, Target } from './ladder.ts';
import { samplingVariance } from './observations.ts';

/** Two recipes at one compute. */
export type LadderComparison = {
  readonly a: MethodForecast;
  readonly b: MethodForecast;
  /** Accuracy of b less that of a; null where either could not be computed. */
  readonly difference: number | null;
  /** 95 % interval of the difference, errors taken as independent; null where either ladder is too short for one. */
  readonly low: number | null;
  readonly high: number | null;
  /** Extra ladder points, the one that narrows the difference's interval most first. */
  readonly narrowing: readonly {
    readonly ladder: 'a' | 'b';
    readonly flops: number;
    /** Width of the difference's 95 % interval with this point, if it falls where the forecast expects it. */
    readonly width: number;
  }[];
};

/** Where an extra model would stand: shares of the way, in log compute, from the largest model to the target. */
const candidateShares = [0.25, 0.5, 0.75] as const;

/**
 * Forecasts two ladders (recipes, data mixes) at equal compute. An extra point is weighed by adding it to its ladder at
 * the accuracy that the forecast expects there and forecasting again.
 */
export function compareLadders(
  a: Ladder,
  b: Ladder,
  target: Target,
  options: ForecastOptions = {},
): LadderComparison {
  const [ofA, ofB] = [a, b].map((ladder) => chosenOf(ladder, target, options)) as [
    MethodForecast,
    MethodForecast,
  ];
  if (ofA.accuracy === null || ofB.accuracy === null) {
    return { a: ofA, b: ofB, difference: null, low: null, high: null, narrowing: [] };
  }
  const difference = ofB.accuracy - ofA.accuracy;
  if (ofA.low === null || ofB.low === null) {
    return { a: ofA, b: ofB, difference, low: null, high: null, narrowing: [] };
  }
  const half = Math.hypot(halfWidth(ofA), halfWidth(ofB));
  const sides = [
    { name: 'a', ladder: a, other: ofB },
    { name: 'b', ladder: b, other: ofA },
  ] as const;
  const narrowing = sides.flatMap(({ name, ladder, other }) => {
    const expected = createLadderForecaster(ladder, options).along(candidates(ladder, target));
    return expected.map(({ flops, accuracy }) => {
      const longer = withModel(ladder, flops, accuracy);
      const own = halfWidth(chosenOf(longer, target, options));
      return { ladder: name, flops, width: 2 * Math.hypot(own, halfWidth(other)) };
    });
  });
  return {
    a: ofA,
    b: ofB,
    difference,
    low: Math.max(-1, difference - half),
    high: Math.min(1, difference + half),
    narrowing: narrowing.sort((one, other) => one.width - other.width),
  };
}

function chosenOf(ladder: Ladder, target: Target, options: ForecastOptions): MethodForecast {
  const { methods } = forecastBenchmark(ladder, target, { ...options, methods: [] });
  return methods.find(({ method }) => method === 'chosen')!;
}

/** Half of the 95 % interval: its longer side, since the other may be cut at 0 or 1. */
function halfWidth({ accuracy, low, high }: MethodForecast): number {
  if (accuracy === null || low === null || high === null) return 0;
  return Math.max(accuracy - low, high - accuracy);
}

function candidates({ models }: Ladder, { flops }: Target): number[] {
  const largest = models.at(-1)?.flops ?? flops;
  if (flops <= largest) return [];
  return candidateShares.map((share) => largest * (flops / largest) ** share);
}

/** The ladder with one more model. Its items and losses are not known. */
function withModel(ladder: Ladder, flops: number, accuracy: number): Ladder {
  const variance = samplingVariance(ladder);
  return {
    ...ladder,
    models: [...ladder.models, { checkpoint: 'extra', flops, params: null, tokens: null }],
    accuracy: Float64Array.from([...ladder.accuracy, accuracy]),
    variance: Float64Array.from([...variance, variance.at(-1) ?? 0]),
    loss: null,
    items: null,
    panel: [],
  };
}
