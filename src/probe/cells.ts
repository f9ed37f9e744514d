import {
  brierScore,
  levelError,
  mean,
  meanOfKnown,
  meanSquaredError,
  oracleAuroc,
  rankingSkill,
  softAuroc,
} from '../stats/index.ts';

/** Cells whose mean rate is outside are listed, and left out of AUROC, oracle AUROC and skill. */
const RANKED_RATES = { low: 0.02, high: 0.98 } as const;

/** How predictions of one task at one checkpoint compare with the measured rates. */
export type CellScores = {
  readonly auroc: number | null;
  readonly mse: number | null;
  readonly levelError: number | null;
};

export type FullCellScores = CellScores & {
  readonly oracleAuroc: number | null;
  readonly skill: number | null;
  readonly brier: number | null;
};

/** Whether a cell enters the ranking metrics. */
export function isRanked(rates: ArrayLike<number>): boolean {
  const level = mean(rates);
  return level !== null && level >= RANKED_RATES.low && level <= RANKED_RATES.high;
}

export function scoreCell(predicted: Float64Array, rates: Float64Array): FullCellScores {
  const auroc = isRanked(rates) ? softAuroc(predicted, rates) : null;
  const oracle = isRanked(rates) ? oracleAuroc(rates) : null;
  return {
    auroc,
    oracleAuroc: oracle,
    skill: rankingSkill(auroc, oracle),
    mse: meanSquaredError(predicted, rates),
    brier: brierScore(predicted, rates),
    levelError: levelError(predicted, rates),
  };
}

/** Means over cells: AUROC over the ranked ones, MSE over all, level error as the mean absolute one. */
export function averageCells(cells: readonly CellScores[]): CellScores {
  return {
    auroc: meanOfKnown(cells.map((cell) => cell.auroc)),
    mse: meanOfKnown(cells.map((cell) => cell.mse)),
    levelError: meanOfKnown(
      cells.map((cell) => (cell.levelError === null ? null : Math.abs(cell.levelError))),
    ),
  };
}
