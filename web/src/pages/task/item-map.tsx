import { type ReactElement, useMemo } from 'react';
import type { ItemMatrix } from '../../../../src/wire/index.ts';
import {
  type CellPlace,
  type ChartTable,
  colorScale,
  HeatMap,
  type HeatMapCells,
  type Palette,
  Ramp,
  usePalette,
} from '../../charts/index.ts';
import { points, signedPoints, withinRun } from '../../format/index.ts';
import { cellOf, columnKind, readView, shownValue, type View } from './matrix.ts';
import { shortNames } from './short-names.ts';

export function ItemMap(props: {
  readonly matrix: ItemMatrix;
  readonly show: string | undefined;
  readonly onOpen: (change: { item: string; at: string }) => void;
}): ReactElement {
  const { matrix, show, onOpen } = props;
  const palette = usePalette();
  const view = readView(show, matrix);
  const scale = useMemo(() => viewScale(view, palette), [view, palette]);
  const cells = useMemo(() => mapCells(matrix, view, scale), [matrix, view, scale]);
  const table = useMemo(() => mapTable(matrix), [matrix]);
  return (
    <HeatMap
      title={`${matrix.task} of ${matrix.run}, ${view}`}
      heading={titles[view]}
      note={
        view === 'difference' ? (
          <Ramp scale={scale} from="predicted lower" to="higher than measured" />
        ) : (
          <Ramp scale={scale} from="0" to="100 points" />
        )
      }
      summary={summaryOf(matrix)}
      legend={[]}
      table={table}
      cells={cells}
      words={(place) => cellWords(matrix, place)}
      onOpen={({ row, column }) => {
        const item = matrix.items[row];
        const at = matrix.checkpoints[column];
        if (item !== undefined && at !== undefined) onOpen({ item: item.item, at: at.checkpoint });
      }}
    />
  );
}

const titles: Readonly<Record<View, string>> = {
  known: 'Rate: measured, else predicted',
  measured: 'Measured rate',
  predicted: 'Predicted rate',
  difference: 'Predicted less measured',
};

function viewScale(view: View, palette: Palette): ReturnType<typeof colorScale> {
  if (view !== 'difference') return colorScale(palette.shades);
  return colorScale([palette.measured, palette.ground, palette.probed]);
}

function mapCells(
  matrix: ItemMatrix,
  view: View,
  scale: ReturnType<typeof colorScale>,
): HeatMapCells {
  return {
    rows: matrix.items.map(({ item }) => item),
    columns: shortNames(matrix.checkpoints),
    color: (row, column) => {
      const value = shownValue(cellOf(matrix, row, column), view);
      if (value === null) return null;
      return scale(view === 'difference' ? (value + 1) / 2 : value);
    },
    text: null,
  };
}

function cellWords(matrix: ItemMatrix, { row, column }: CellPlace): string {
  const { measured, predicted } = cellOf(matrix, row, column);
  const item = matrix.items[row]?.item ?? '';
  const checkpoint = withinRun(matrix.checkpoints[column]?.checkpoint ?? '');
  const known = [
    measured === null ? null : `measured ${points(measured)}`,
    predicted === null ? null : `predicted ${points(predicted)}`,
    measured === null || predicted === null ? null : signedPoints(predicted - measured),
  ].filter((part) => part !== null);
  return `${item} at ${checkpoint}\n${known.length === 0 ? 'nothing known' : known.join(', ')}`;
}

function summaryOf(matrix: ItemMatrix): string {
  const kinds = matrix.checkpoints.map((_, column) => columnKind(matrix, column));
  const count = (kind: string): number => kinds.filter((one) => one === kind).length;
  const solved = matrix.items.filter(({ firstSolved }) => firstSolved !== null).length;
  return `${matrix.items.length} questions by ${matrix.checkpoints.length} checkpoints, ${count('measured')} measured and ${count('predicted')} predicted; ${solved} questions are solved by the end. Arrow keys move, Enter opens a question.`;
}

/** One row a question and checkpoint of which something is known. */
function mapTable(matrix: ItemMatrix): ChartTable {
  return {
    columns: ['item', 'checkpoint', 'step', 'measured', 'predicted'],
    rows: matrix.items.flatMap(({ item }, row) =>
      matrix.checkpoints.flatMap(({ checkpoint, step }, column) => {
        const { measured, predicted } = cellOf(matrix, row, column);
        if (measured === null && predicted === null) return [];
        return [[item, checkpoint, step, measured, predicted]];
      }),
    ),
  };
}
