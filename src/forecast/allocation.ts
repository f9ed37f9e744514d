import {
  createLadderForecaster,
  forecastBenchmark,
  type ForecastOptions,
  type MethodForecast,
} from './forecast.ts';
import { intervalWeights } from './interval.ts';
import type { Ladder, Target } from './ladder.ts';
import { samplingVariance } from './observations.ts';

/** Two recipes at one compute. */
export type LadderComparison = {
  readonly a: MethodForecast;
  readonly b: MethodForecast;
  /** Accuracy of b less that of a; null where either could not be computed. */
  readonly difference: number | null;
  /** 95 % interval of the difference: the two forecasts' errors are taken as independent. */
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
  const half = Math.hypot(halfWidth(ofA), halfWidth(ofB));
  const sides = [
    { name: 'a', ladder: a, other: ofB },
    { name: 'b', ladder: b, other: ofA },
  ] as const;
  const narrowing = sides.flatMap(({ name, ladder, other }) =>
    candidates(ladder, target).map((flops) => {
      const longer = withExpected(ladder, flops, options);
      const own = halfWidth(chosenOf(longer, target, options));
      return { ladder: name, flops, width: 2 * Math.hypot(own, halfWidth(other)) };
    }),
  );
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

/** Half of the 95 % interval, from the 80 % one where the wider was cut at 0 or 1. */
function halfWidth({ intervals }: MethodForecast): number {
  if (intervals === null) return 0;
  const [low, high] = intervals['0.95'];
  const [low80, high80] = intervals['0.8'];
  const { quantiles } = intervalWeights;
  const scaled = ((high80 - low80) / 2) * (quantiles['0.95'] / quantiles['0.8']);
  return Math.max((high - low) / 2, scaled);
}

function candidates({ models }: Ladder, { flops }: Target): number[] {
  const largest = models.at(-1)?.flops ?? flops;
  if (flops <= largest) return [];
  return candidateShares.map((share) => largest * (flops / largest) ** share);
}

/** The ladder with one more model, as good as the forecast expects it to be. Items and losses are not known there. */
function withExpected(ladder: Ladder, flops: number, options: ForecastOptions): Ladder {
  const { accuracy } = createLadderForecaster(ladder, options).at({
    flops,
    params: null,
    tokens: null,
  });
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
