/** Reading a matrix of items × checkpoints. */
import type { ItemMatrix } from '../../../../src/wire/index.ts';

export type View = 'known' | 'measured' | 'predicted' | 'difference';

const views: readonly View[] = ['known', 'measured', 'predicted', 'difference'];

/** The one that was asked for; else all that is known. */
export function readView(asked: string | undefined, matrix: ItemMatrix): View {
  const found = views.find((view) => view === asked);
  return found ?? (matrix.probe === null ? 'measured' : 'known');
}

export type Cell = { readonly measured: number | null; readonly predicted: number | null };

export function cellOf(matrix: ItemMatrix, row: number, column: number): Cell {
  const at = row * matrix.checkpoints.length + column;
  return { measured: matrix.measured[at] ?? null, predicted: matrix.predicted[at] ?? null };
}

/** The number that a view shows: a rate 0…1, or predicted less measured, −1…1. */
export function shownValue({ measured, predicted }: Cell, view: View): number | null {
  switch (view) {
    case 'known':
      return measured ?? predicted;
    case 'measured':
      return measured;
    case 'predicted':
      return predicted;
    case 'difference':
      return measured === null || predicted === null ? null : predicted - measured;
  }
}

/** What is known of a column: outcomes where any of its items has one. */
export function columnKind(matrix: ItemMatrix, column: number): 'measured' | 'predicted' | 'none' {
  let predicted = false;
  for (let row = 0; row < matrix.items.length; row++) {
    const cell = cellOf(matrix, row, column);
    if (cell.measured !== null) return 'measured';
    predicted ||= cell.predicted !== null;
  }
  return predicted ? 'predicted' : 'none';
}

/** The checkpoint that was asked for; else the last one that anything is known of. */
export function chosenColumn(matrix: ItemMatrix, asked: string | undefined): number {
  const found = matrix.checkpoints.findIndex(({ checkpoint }) => checkpoint === asked);
  if (found >= 0) return found;
  const known = matrix.checkpoints.findLastIndex(
    (_, column) => columnKind(matrix, column) !== 'none',
  );
  return known >= 0 ? known : matrix.checkpoints.length - 1;
}

/** Known values of a column. */
export function columnValues(
  matrix: ItemMatrix,
  column: number,
  kind: 'measured' | 'predicted',
): number[] {
  return matrix.items.flatMap((_, row) => {
    const value = cellOf(matrix, row, column)[kind];
    return value === null ? [] : [value];
  });
}
