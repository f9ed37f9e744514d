import { meanOfKnown } from '../stats/index.ts';
import { averageCells, type CellScores, type FullCellScores, scoreCell } from './cells.ts';
import { checkOutcomes } from './activations.ts';
import { createKernel } from './kernel.ts';
import { BASELINES, type BaselineName, type ProbeModel } from './probe-model.ts';
import {
  knownRows,
  type ScoredCheckpoint,
  scoreCheckpoint,
  type ScoringInput,
} from './scored-checkpoint.ts';

export type Split = 'seen' | 'unseen' | 'all';

const SPLITS: readonly Split[] = ['seen', 'unseen', 'all'];

type BaselineScores = Readonly<Record<BaselineName, CellScores>>;

export type EvaluationRow = FullCellScores & {
  readonly checkpoint: string;
  readonly task: string;
  readonly split: Split;
  /** Labelled items that were scored. */
  readonly items: number;
  readonly baselines: BaselineScores;
};

export type EvaluationSummary = FullCellScores & {
  /** Rows behind the means. */
  readonly cells: number;
  readonly baselines: BaselineScores;
};

/** Outcomes of the scored items, in their order; n = 0 where there are none. */
export type Outcomes = { readonly k: Float64Array; readonly n: Float64Array };

/** Predictions of one checkpoint against its outcomes: one row per task and split that has labelled items. */
export async function evaluateCheckpoint(
  model: ProbeModel,
  input: ScoringInput & { readonly outcomes: Outcomes },
  options: { readonly threads?: number } = {},
): Promise<EvaluationRow[]> {
  return (await evaluateItems(model, input, options)).rows;
}

/** The same with the prediction of every item. */
export async function evaluateItems(
  model: ProbeModel,
  input: ScoringInput & { readonly outcomes: Outcomes },
  options: { readonly threads?: number } = {},
): Promise<{ rows: EvaluationRow[]; predicted: Float64Array }> {
  await using kernel = await createKernel(options);
  const scored = await scoreCheckpoint(model, input, kernel);
  return { rows: evaluateScored(input, scored), predicted: scored.p };
}

/** The same for items that are scored already. */
export function evaluateScored(
  input: ScoringInput & { readonly outcomes: Outcomes },
  scored: ScoredCheckpoint,
): EvaluationRow[] {
  const { items, checkpoint, outcomes } = input;
  checkOutcomes({ id: checkpoint.id, output: null, ...outcomes }, items);
  const tasks = [...new Set(items.map((item) => item.task))].sort();
  return tasks.flatMap((task) =>
    SPLITS.flatMap((split) => {
      const rows = items.flatMap((item, i) =>
        item.task === task &&
        outcomes.n[i]! > 0 &&
        (split === 'all' || scored.seen[i] === (split === 'seen'))
          ? [i]
          : [],
      );
      if (rows.length === 0) return [];
      const rates = Float64Array.from(rows, (i) => outcomes.k[i]! / outcomes.n[i]!);
      const pick = (values: Float64Array) => Float64Array.from(rows, (i) => values[i]!);
      const baselines = byBaseline((name) => {
        const values = knownRows(scored.baselines[name], rows);
        if (values === null) return { auroc: null, mse: null, levelError: null };
        const { auroc, mse, levelError } = scoreCell(values, rates);
        return { auroc, mse, levelError };
      });
      const scores = scoreCell(pick(scored.p), rates);
      return [{ checkpoint: checkpoint.id, task, split, items: rows.length, ...scores, baselines }];
    }),
  );
}

/** Means over rows, per split; null for a split without rows. */
export function summariseEvaluation(
  rows: readonly EvaluationRow[],
): Record<Split, EvaluationSummary | null> {
  const of = (split: Split) => {
    const cells = rows.filter((row) => row.split === split);
    return cells.length === 0 ? null : summary(cells);
  };
  return { seen: of('seen'), unseen: of('unseen'), all: of('all') };
}

function summary(cells: readonly EvaluationRow[]): EvaluationSummary {
  return {
    cells: cells.length,
    ...averageCells(cells),
    oracleAuroc: meanOfKnown(cells.map((cell) => cell.oracleAuroc)),
    skill: meanOfKnown(cells.map((cell) => cell.skill)),
    brier: meanOfKnown(cells.map((cell) => cell.brier)),
    baselines: byBaseline((name) => averageCells(cells.map((cell) => cell.baselines[name]))),
  };
}

function byBaseline<T>(make: (name: BaselineName) => T): Record<BaselineName, T> {
  return Object.fromEntries(BASELINES.map((name) => [name, make(name)])) as Record<BaselineName, T>;
}
