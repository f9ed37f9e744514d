import { type ReactElement, useMemo } from 'react';
import type { ProbeCell, ProbeDetail } from '../../../../src/wire/index.ts';
import { colorScale, HeatMap, type HeatMapCells, Ramp, usePalette } from '../../charts/index.ts';
import { plain, points, withinRun } from '../../format/index.ts';

/** A tie is worth nothing and a perfect ranking all: the shades go from one to the other. */
const worthless = 0.5;

export function AurocMap(props: {
  readonly probe: ProbeDetail;
  readonly split: 'seen' | 'unseen';
}): ReactElement {
  const { probe, split } = props;
  const palette = usePalette();
  const scale = useMemo(() => colorScale(palette.shades), [palette]);
  const grid = useMemo(() => gridOf(probe, split), [probe, split]);
  const cells = useMemo(
    (): HeatMapCells => ({
      rows: grid.tasks,
      columns: grid.checkpoints.map((checkpoint) =>
        grid.fitted.has(checkpoint) ? `${withinRun(checkpoint)}*` : withinRun(checkpoint),
      ),
      color: (row, column) => {
        const auroc = grid.at(row, column)?.auroc ?? null;
        return auroc === null ? null : scale((auroc - worthless) / (1 - worthless));
      },
      text: (row, column) => grid.at(row, column)?.auroc?.toFixed(2).replace('0.', '.') ?? null,
    }),
    [grid, scale],
  );
  if (grid.cells.length === 0) {
    return (
      <p className="loading">
        No stored prediction has an outcome to be held against: label or import one of the
        checkpoints it spoke for.
      </p>
    );
  }
  return (
    <HeatMap
      title={`AUROC of ${probe.name}, ${split} questions`}
      heading={`${split === 'seen' ? 'Questions' : 'Unseen questions'}, * learned on`}
      note={<Ramp scale={scale} from="0.5" to="1" />}
      summary={`${grid.tasks.length} tasks by ${grid.checkpoints.length} checkpoints.`}
      legend={[]}
      cells={cells}
      words={({ row, column }) => cellWords(grid, row, column)}
      table={{
        columns: [
          'task',
          'checkpoint',
          'learned on',
          'items',
          'auroc',
          'oracle auroc',
          'mse',
          'predicted',
          'measured',
        ],
        rows: grid.cells.map((cell) => [
          cell.task,
          cell.checkpoint,
          cell.fitted ? 'yes' : 'no',
          cell.items,
          cell.auroc,
          cell.oracleAuroc,
          cell.mse,
          cell.predicted,
          cell.measured,
        ]),
      }}
    />
  );
}

type Grid = {
  readonly tasks: readonly string[];
  readonly checkpoints: readonly string[];
  readonly cells: readonly ProbeCell[];
  /** Checkpoints that it was fitted on. */
  readonly fitted: ReadonlySet<string>;
  readonly at: (row: number, column: number) => ProbeCell | undefined;
};

function gridOf(probe: ProbeDetail, split: 'seen' | 'unseen'): Grid {
  const cells = probe.cells.filter((cell) => cell.split === split);
  const tasks = [...new Set(cells.map(({ task }) => task))];
  const checkpoints = [...new Set(cells.map(({ checkpoint }) => checkpoint))];
  const byPlace = new Map(cells.map((cell) => [`${cell.task}\n${cell.checkpoint}`, cell]));
  return {
    tasks,
    checkpoints,
    cells,
    fitted: new Set(cells.flatMap(({ checkpoint, fitted }) => (fitted ? [checkpoint] : []))),
    at: (row, column) => byPlace.get(`${tasks[row] ?? ''}\n${checkpoints[column] ?? ''}`),
  };
}

function cellWords(grid: Grid, row: number, column: number): string {
  const place = `${grid.tasks[row] ?? ''} at ${withinRun(grid.checkpoints[column] ?? '')}`;
  const cell = grid.at(row, column);
  if (cell === undefined) return `${place}\nno outcomes`;
  const auroc =
    cell.auroc === null
      ? 'no AUROC: nearly all right or wrong'
      : `AUROC ${plain(cell.auroc)} of ${plain(cell.oracleAuroc)}`;
  return `${place}\n${auroc}; predicted ${points(cell.predicted)}, measured ${points(cell.measured)}`;
}
