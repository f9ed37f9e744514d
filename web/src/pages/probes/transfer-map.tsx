import { type ReactElement, useMemo } from 'react';
import type { TransferDetail } from '../../../../src/wire/index.ts';
import { colorScale, HeatMap, type HeatMapCells, Ramp, usePalette } from '../../charts/index.ts';
import { plain, points, withinRun } from '../../format/index.ts';
import {
  speakerNames,
  type TransferGrid,
  transferGrid,
  type TransferView,
} from './transfer-grid.ts';

/** What the palest and the darkest shade stand for. */
const ends = { auroc: [0.5, 1], levelError: [0, 0.5] } as const;

export function TransferMap(props: {
  readonly matrix: TransferDetail;
  readonly view: TransferView;
}): ReactElement {
  const { matrix, view } = props;
  const { score, by, split, task } = view;
  const palette = usePalette();
  const scale = useMemo(() => colorScale(palette.shades), [palette]);
  const grid = useMemo(
    () => transferGrid(matrix, { score, by, split, task }, withinRun),
    [matrix, score, by, split, task],
  );
  const cells = useMemo((): HeatMapCells => {
    const [low, high] = ends[score];
    return {
      rows: grid.names,
      columns: grid.names,
      color: (row, column) => {
        const value = grid.value(row, column);
        return value === null ? null : scale((value - low) / (high - low));
      },
      text: (row, column) => {
        const value = grid.value(row, column);
        if (value === null) return null;
        return score === 'auroc' ? value.toFixed(2).replace('0.', '.') : points(value);
      },
    };
  }, [grid, scale, score]);
  const what = score === 'auroc' ? 'AUROC' : 'level error';
  const learned = matrix.train === 'upto' ? 'learned up to' : 'learned on';
  return (
    <HeatMap
      title={`Transfer on ${matrix.suite}: ${what} of ${speakerNames[by]}, ${split} questions${task === null ? '' : `, ${task}`}`}
      heading={`Rows: ${learned}; columns: scored on`}
      note={
        score === 'auroc' ? (
          <Ramp scale={scale} from="0.5" to="1" />
        ) : (
          <Ramp scale={scale} from="0" to="50 points" />
        )
      }
      summary={`${matrix.checkpoints.length} by ${matrix.checkpoints.length} checkpoints.`}
      legend={[]}
      cells={cells}
      words={({ row, column }) => cellWords(grid, { row, column, learned })}
      table={{
        columns: [
          ...[
            'learned on',
            'scored on',
            'questions',
            'auroc',
            'level error',
            'mse',
            'pooled auroc',
          ],
          ...['task mean pooled auroc', 'persistence auroc', 'persistence level error'],
          ...['history only auroc', 'history only level error'],
        ],
        rows: matrix.cells.map((cell) => [
          ...[cell.trained, cell.scored, cell.split, cell.auroc, cell.levelError, cell.mse],
          ...[cell.pooledAuroc, cell.taskPooledAuroc],
          ...[cell.baselines.persistence.auroc, cell.baselines.persistence.levelError],
          ...[cell.baselines.historyOnly.auroc, cell.baselines.historyOnly.levelError],
        ]),
      }}
    />
  );
}

function cellWords(
  grid: TransferGrid,
  place: { readonly row: number; readonly column: number; readonly learned: string },
): string {
  const { row, column, learned } = place;
  const where = `${learned} ${grid.names[row] ?? ''}, scored on ${grid.names[column] ?? ''}`;
  const cell = grid.cell(row, column);
  if (cell === undefined) return `${where}\nnot scored`;
  const { persistence, historyOnly } = cell.baselines;
  const kind = cell.break === null ? '' : ` (${cell.break})`;
  return [
    `${where}${kind}`,
    `AUROC ${plain(cell.auroc)}, persistence ${plain(persistence.auroc)}, history only ${plain(historyOnly.auroc)}`,
    `level error ${points(cell.levelError)}, persistence ${points(persistence.levelError)}, history only ${points(historyOnly.levelError)}`,
  ].join('\n');
}
