import { meanOfKnown, softAuroc } from '../stats/index.ts';
import { averageCells, type CellScores } from './cells.ts';
import { evaluateScored, type EvaluationRow, type Split } from './evaluate.ts';
import { fitProbe } from './fit.ts';
import type { FitData, FitOptions } from './fit-settings.ts';
import { createKernel } from './kernel.ts';
import {
  comparedCells,
  type ComparedCell,
  type PairedDifference,
  pairedDifferences,
} from './paired-difference.ts';
import { summarisePrediction } from './predict.ts';
import { BASELINES } from './probe-model.ts';
import { scoreCheckpoint } from './scored-checkpoint.ts';

export type PairsOptions = {
  readonly seeds: readonly number[];
  /** First cut: index of the last checkpoint that the earliest fit learns from. */
  readonly firstCut: number;
  /** @default 0.4 */
  readonly holdout?: number;
  /** Options of every fit beside name, seed and holdout. */
  readonly fit?: Partial<FitOptions>;
  /** Also fit on the states alone. @default true */
  readonly statesAlone?: boolean;
  /** Bootstrap resamples of the questions. @default 500 */
  readonly resamples?: number;
  readonly onProgress?: (step: string) => void;
};

export type PairsResult = {
  readonly pairs: number;
  /** Means over pairs and seeds of the means over cells: the probe, `statesAlone` and every baseline. */
  readonly means: Readonly<Record<Split, Readonly<Record<string, CellScores>>>>;
  /** Differences (probe less the other) with 95 % intervals from a bootstrap over questions. */
  readonly differences: readonly PairedDifference[];
  /** AUROC over all questions of a checkpoint, whatever their task, and what their tasks' means alone get; means over pairs. */
  readonly pooled: Readonly<
    Record<'seen' | 'unseen', { readonly probe: number | null; readonly taskMean: number | null }>
  >;
  /** Share of task accuracies inside their interval, by how many checkpoints ahead they lie. */
  readonly coverageAhead: Readonly<Record<number, number>>;
  /** Share of task accuracies inside their 90 % interval, and the intervals' median width. */
  readonly coverage: number | null;
  readonly medianWidth: number | null;
  /** Seconds of one fit, all of it, mean over fits. */
  readonly secondsPerFit: number;
};

/**
 * Earlier predicts later: for every seed and every cut from `firstCut` on, fitted on all checkpoints up to the cut and
 * scored on each later one. `data.checkpoints` must all be labelled, in training order.
 */
export async function runPairs(data: FitData, options: PairsOptions): Promise<PairsResult> {
  const { seeds, firstCut, holdout = 0.4, statesAlone = true } = options;
  const rows: { key: string; row: EvaluationRow; alone: CellScores | null }[] = [];
  const cells: ComparedCell[] = [];
  const inside: boolean[] = [];
  const ahead: number[] = [];
  const widths: number[] = [];
  let seconds = 0;
  let fits = 0;
  await using kernel = await createKernel(
    options.fit?.threads === undefined ? {} : { threads: options.fit.threads },
  );
  for (const seed of seeds) {
    for (let cut = firstCut; cut < data.checkpoints.length - 1; cut += 1) {
      const learned = { ...data, checkpoints: data.checkpoints.slice(0, cut + 1) };
      const named = { name: `seed ${seed}, cut ${cut}`, seed, holdout, ...options.fit };
      const started = performance.now();
      const model = await fitProbe(learned, named);
      seconds += (performance.now() - started) / 1000;
      fits += 1;
      const alone = statesAlone
        ? await fitProbe(
            { ...learned, random: null },
            { ...named, ...STATES_ALONE, complete: false },
          )
        : null;
      for (const checkpoint of data.checkpoints.slice(cut + 1)) {
        const input = {
          items: data.items,
          checkpoint,
          layout: data.layout,
          random: data.random ?? null,
        };
        const labelled = { ...input, outcomes: checkpoint };
        const scored = await scoreCheckpoint(model, input, kernel);
        const other = alone === null ? null : await scoreCheckpoint(alone, input, kernel);
        const aloneRows = other === null ? [] : evaluateScored(labelled, other);
        const pairRows = evaluateScored(labelled, scored);
        const key = `${seed}:${cut}:${checkpoint.id}`;
        pairRows.forEach((row, i) => rows.push({ key, row, alone: aloneRows[i] ?? null }));
        cells.push(...comparedCells(labelled, scored, key));
        for (const task of summarisePrediction(model, input, scored).tasks) {
          const measured = pairRows.find((row) => row.task === task.task && row.split === 'all');
          if (measured?.levelError == null) continue;
          const truth = task.predicted - measured.levelError;
          ahead.push(data.checkpoints.indexOf(checkpoint) - cut);
          inside.push(truth >= task.low - 1e-12 && truth <= task.high + 1e-12);
          widths.push(task.high - task.low);
        }
        options.onProgress?.(key);
      }
    }
  }
  const keys = new Set(rows.map((row) => row.key));
  widths.sort((a, b) => a - b);
  return {
    pairs: keys.size / seeds.length,
    means: {
      seen: meansOf(rows, 'seen'),
      unseen: meansOf(rows, 'unseen'),
      all: meansOf(rows, 'all'),
    },
    differences: pairedDifferences(data.items, cells, options.resamples ?? 500),
    pooled: { seen: pooledOf(cells, 'seen'), unseen: pooledOf(cells, 'unseen') },
    coverageAhead: Object.fromEntries(
      [...groupBy([...inside.keys()], (i) => `${ahead[i]!}`)].map(([steps, rowsAhead]) => [
        steps,
        rowsAhead.filter((i) => inside[i]).length / rowsAhead.length,
      ]),
    ),
    coverage: meanOfKnown(inside.map(Number)),
    medianWidth: widths[Math.floor(widths.length / 2)] ?? null,
    secondsPerFit: seconds / Math.max(1, fits),
  };
}

const STATES_ALONE = { output: false, length: false, text: false, history: false } as const;

function meansOf(
  rows: readonly { key: string; row: EvaluationRow; alone: CellScores | null }[],
  split: Split,
): Record<string, CellScores> {
  const byPair = groupBy(
    rows.filter(({ row }) => row.split === split),
    ({ key }) => key,
  );
  const mean = (pick: (entry: (typeof rows)[number]) => CellScores) => {
    const pairs = [...byPair.values()].map((entries) => averageCells(entries.map(pick)));
    return {
      auroc: meanOfKnown(pairs.map((pair) => pair.auroc)),
      mse: meanOfKnown(pairs.map((pair) => pair.mse)),
      levelError: meanOfKnown(pairs.map((pair) => pair.levelError)),
    };
  };
  const none = { auroc: null, mse: null, levelError: null };
  const named: Record<string, CellScores> = {
    probe: mean(({ row }) => row),
    oracle: mean(({ row }) => ({ ...none, auroc: row.oracleAuroc })),
    statesAlone: mean(({ alone }) => alone ?? none),
  };
  for (const name of BASELINES) named[name] = mean(({ row }) => row.baselines[name]);
  return named;
}

/** Pooled over tasks: much of it is that some tasks are easier than others, which their means know. */
function pooledOf(
  cells: readonly ComparedCell[],
  split: 'seen' | 'unseen',
): { probe: number | null; taskMean: number | null } {
  const pairs = [...groupBy(cells, (cell) => cell.pair).values()].map((all) =>
    all.filter((cell) => cell.split === split),
  );
  const auroc = (pick: (cell: ComparedCell) => Float64Array | null) =>
    meanOfKnown(
      pairs.map((pair) =>
        softAuroc(
          pair.flatMap((cell) => [...(pick(cell) ?? [])]),
          pair.flatMap((cell) => [...cell.rates]),
        ),
      ),
    );
  return { probe: auroc((cell) => cell.probe), taskMean: auroc((cell) => cell.baselines.taskMean) };
}

function groupBy<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group === undefined) groups.set(key(value), [value]);
    else group.push(value);
  }
  return groups;
}
