import type { TransferCell, TransferReport } from '../../jobs/index.ts';
import type { HeatMap, HeatValues } from '../../report/index.ts';

const auroc = { digits: 2, domain: [0.5, 1], diverging: false } as const;

/** AUROC on unseen questions, mean over tasks, and one matrix a task. */
export function taskMaps(report: TransferReport): HeatMap {
  return {
    ...unseenMap(report),
    panels: report.tasks.map((task) => ({
      title: task,
      values: valuesOf(report, 'unseen', (cell) => {
        return cell.tasks.find((one) => one.task === task)?.auroc ?? null;
      }),
    })),
  };
}

/** The matrices that a terminal shows: AUROC on unseen and on seen questions, and the level error. */
export function transferMaps(report: TransferReport): readonly HeatMap[] {
  const seen = valuesOf(report, 'seen', (cell) => cell.auroc);
  const levels = valuesOf(report, 'unseen', (cell) =>
    cell.levelError === null ? null : 100 * cell.levelError,
  );
  const about = frameOf(report);
  return [
    unseenMap(report),
    { ...about, ...auroc, subtitle: 'AUROC on seen questions, mean over tasks', values: seen },
    {
      ...about,
      ...{ digits: 1, domain: [0, 50], diverging: false },
      subtitle: 'level error on unseen questions, points',
      values: levels,
    },
  ];
}

function unseenMap(report: TransferReport): HeatMap {
  return {
    ...frameOf(report),
    ...auroc,
    subtitle: 'AUROC on unseen questions, mean over tasks',
    values: valuesOf(report, 'unseen', (cell) => cell.auroc),
  };
}

type Frame = Pick<HeatMap, 'title' | 'rowsLabel' | 'columnsLabel' | 'rows' | 'columns'>;

function frameOf({ suite, train, checkpoints }: TransferReport): Frame {
  return {
    title: `Transfer on ${suite}`,
    rowsLabel: train === 'upto' ? 'trained up to' : 'trained on',
    columnsLabel: 'scored on',
    rows: checkpoints,
    columns: checkpoints,
  };
}

function valuesOf(
  { cells, checkpoints }: TransferReport,
  split: TransferCell['split'],
  pick: (cell: TransferCell) => number | null,
): HeatValues {
  const at = new Map(checkpoints.map((id, index) => [id, index]));
  const values = checkpoints.map(() => checkpoints.map((): number | null => null));
  for (const cell of cells) {
    const row = values[at.get(cell.trained.at(-1) ?? '') ?? -1];
    const column = at.get(cell.scored);
    if (cell.split === split && row !== undefined && column !== undefined) row[column] = pick(cell);
  }
  return values;
}
