import { clusterBootstrap, softAuroc } from '../stats/index.ts';
import type { ProbeItem } from './activations.ts';
import { isRanked } from './cells.ts';
import type { Outcomes } from './evaluate.ts';
import { unitsOf } from './folds.ts';
import { BASELINES, type BaselineName } from './probe-model.ts';
import { knownRows, type ScoredCheckpoint, type ScoringInput } from './scored-checkpoint.ts';

/** Predictions of one task at one checkpoint for its seen or unseen questions, by the probe and its baselines. */
export type ComparedCell = {
  readonly split: 'seen' | 'unseen';
  readonly pair: string;
  /** Places in the list of items. */
  readonly rows: Int32Array;
  readonly rates: Float64Array;
  readonly ranked: boolean;
  readonly probe: Float64Array;
  readonly baselines: Readonly<Record<BaselineName, Float64Array | null>>;
};

export type PairedDifference = {
  readonly split: 'seen' | 'unseen';
  readonly baseline: BaselineName;
  readonly metric: 'auroc' | 'mse';
  /** Probe less baseline, mean over cells. */
  readonly difference: number;
  readonly low: number;
  readonly high: number;
};

/** Cells of one scored checkpoint, of labelled items. */
export function comparedCells(
  input: ScoringInput & { readonly outcomes: Outcomes },
  scored: ScoredCheckpoint,
  pair: string,
): ComparedCell[] {
  const { items, outcomes } = input;
  const tasks = [...new Set(items.map((item) => item.task))].sort();
  return tasks.flatMap((task) =>
    (['seen', 'unseen'] as const).flatMap((split) => {
      const rows = Int32Array.from(
        items.flatMap((item, i) =>
          item.task === task && outcomes.n[i]! > 0 && scored.seen[i] === (split === 'seen')
            ? [i]
            : [],
        ),
      );
      if (rows.length === 0) return [];
      const rates = Float64Array.from(rows, (i) => outcomes.k[i]! / outcomes.n[i]!);
      const pick = (values: Float64Array) => Float64Array.from(rows, (i) => values[i]!);
      const baselines = Object.fromEntries(
        BASELINES.map((name) => {
          return [name, knownRows(scored.baselines[name], [...rows])];
        }),
      ) as ComparedCell['baselines'];
      return [
        { split, pair, rows, rates, ranked: isRanked(rates), probe: pick(scored.p), baselines },
      ];
    }),
  );
}

/** Probe less each baseline, with 95 % intervals: questions (or their groups) are resampled within tasks, for all pairs together. */
export function pairedDifferences(
  items: readonly ProbeItem[],
  cells: readonly ComparedCell[],
  resamples: number,
): PairedDifference[] {
  const clusters = codes(unitsOf(items));
  const strata = codes(items.map((item) => item.task));
  return (['seen', 'unseen'] as const).flatMap((split) =>
    BASELINES.flatMap((baseline) =>
      (['auroc', 'mse'] as const).flatMap((metric) => {
        const used = cells.filter(
          (cell) =>
            cell.split === split &&
            cell.baselines[baseline] !== null &&
            (metric === 'mse' || cell.ranked),
        );
        const statistic = (weights: Float64Array) =>
          meanDifference(used, { baseline, metric, weights });
        const result = clusterBootstrap(clusters, statistic, {
          resamples,
          seed: `${split} ${baseline} ${metric}`,
          strata,
        });
        if (result === null) return [];
        const { estimate, low, high } = result;
        return [{ split, baseline, metric, difference: estimate, low, high }];
      }),
    ),
  );
}

function meanDifference(
  cells: readonly ComparedCell[],
  {
    baseline,
    metric,
    weights,
  }: { baseline: BaselineName; metric: 'auroc' | 'mse'; weights: Float64Array },
): number | null {
  let sum = 0;
  let count = 0;
  for (const { rows, rates, probe, baselines } of cells) {
    const own = Float64Array.from(rows, (i) => weights[i]!);
    const other = baselines[baseline]!;
    const score = metric === 'auroc' ? softAuroc : weightedError;
    const [a, b] = [score(probe, rates, own), score(other, rates, own)];
    if (a === null || b === null) continue;
    sum += a - b;
    count += 1;
  }
  return count === 0 ? null : sum / count;
}

function weightedError(
  predicted: ArrayLike<number>,
  rates: ArrayLike<number>,
  weights: ArrayLike<number>,
): number | null {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < rates.length; i += 1) {
    sum += weights[i]! * (predicted[i]! - rates[i]!) ** 2;
    total += weights[i]!;
  }
  return total > 0 ? sum / total : null;
}

/** The same number for the same text. */
function codes(values: readonly string[]): Int32Array {
  const known = new Map<string, number>();
  return Int32Array.from(values, (value) => {
    const code = known.get(value) ?? known.size;
    known.set(value, code);
    return code;
  });
}
