import type { ForecastPanel } from '../forecast-panel.ts';

type Settings = {
  readonly task?: string;
  /** Where the curve ends up, and how much compute half of the way takes. */
  readonly top?: number;
  readonly half?: number;
  readonly chance?: number;
};

/** A benchmark whose accuracy follows a logistic curve over the logarithm of compute, with five labelled checkpoints. */
export function samplePanel(settings: Settings = {}): ForecastPanel {
  const { task = 'arith_addition', top = 0.8, half = 2e21, chance = 0.1 } = settings;
  const accuracyAt = (flops: number): number =>
    chance + (top - chance) / (1 + (half / flops) ** 0.9);
  const target = 1.2e22;
  const ladder = [1.1e20, 3e20, 7e20, 1.5e21, 3.2e21];
  return {
    suite: 'core',
    task,
    chance,
    ladder: ladder.map((flops, index) => ({
      checkpoint: `runs/olmo/step${1000 * (index + 1)}`,
      flops,
      accuracy: accuracyAt(flops) + (index % 2 === 0 ? 0.02 : -0.015),
      standardError: 0.03,
    })),
    curve: Array.from({ length: 25 }, (_, index) => {
      const flops = 1e20 * (target / 1e20) ** (index / 24);
      const accuracy = accuracyAt(flops);
      const spread = 0.02 + (0.06 * index) / 24;
      return {
        flops,
        accuracy,
        intervals: {
          '0.8': [accuracy - spread, accuracy + spread],
          '0.95': [accuracy - 1.8 * spread, accuracy + 1.8 * spread],
        },
        verdict: flops < 3.2e21 ? null : 'predictable',
      };
    }),
    target: { flops: target, checkpoint: 'runs/olmo/final' },
    forecast: {
      accuracy: accuracyAt(target),
      low: accuracyAt(target) - 0.08,
      high: accuracyAt(target) + 0.08,
      verdict: 'predictable',
      method: 'power law',
    },
    measured: accuracyAt(target) + 0.05,
  };
}

/** The same benchmark refused: nothing but the labelled checkpoints is known. */
export function refusedPanel(settings: Settings = {}): ForecastPanel {
  const panel = samplePanel(settings);
  return {
    ...panel,
    curve: panel.curve.map((point) => ({
      ...refusedPoint(point),
      accuracy: null,
      intervals: null,
    })),
    forecast: {
      accuracy: null,
      low: null,
      high: null,
      verdict: 'not-predictable',
      method: 'power law',
    },
    measured: null,
  };
}

/** The same benchmark with a curve that is an answer up to a compute, and none at the target. */
export function greyPanel({
  upTo,
  ...settings
}: Settings & { readonly upTo: number }): ForecastPanel {
  const panel = samplePanel(settings);
  return {
    ...panel,
    curve: panel.curve.map((point) => (point.flops <= upTo ? point : refusedPoint(point))),
    forecast: { ...panel.forecast, verdict: 'not-predictable' },
  };
}

/** Inside the ladder nothing is refused. */
function refusedPoint(point: ForecastPanel['curve'][number]): ForecastPanel['curve'][number] {
  return { ...point, verdict: point.verdict === null ? null : 'not-predictable' };
}
