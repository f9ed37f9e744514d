/** Where the cells and labels of a heat map stand, in CSS pixels. */

export type HeatMapLayout = {
  readonly left: number;
  readonly top: number;
  readonly cellWidth: number;
  readonly cellHeight: number;
  readonly width: number;
  readonly height: number;
  /** Places of the rows and columns that are named. */
  readonly namedRows: readonly number[];
  readonly namedColumns: readonly number[];
};

export type LayoutRequest = {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly width: number;
  /** Of all rows together; a heat map of few rows is lower. */
  readonly most: number;
};

const lineHeight = 13;
/** Characters of the labels are about so wide at most. */
const characterWidth = 6.5;
const tallestRow = 20;
const columnLabels = 22;
const right = 8;
/** Between the names of two columns. */
const labelGap = 10;

export function layOut({ rows, columns, width, most }: LayoutRequest): HeatMapLayout {
  const cellHeight = Math.min(most / Math.max(rows.length, 1), tallestRow);
  const named = cellHeight >= lineHeight;
  const longest = Math.max(0, ...rows.map(({ length }) => length));
  const left = named ? Math.min(longest * characterWidth + 14, width * 0.35) : 20;
  const cellWidth = Math.max((width - left - right) / Math.max(columns.length, 1), 0);
  return {
    left,
    top: 2,
    cellWidth,
    cellHeight,
    width,
    height: 2 + cellHeight * rows.length + columnLabels,
    namedRows: named ? rows.map((_, index) => index) : [],
    namedColumns: namedColumns(columns, { left, cellWidth, width }),
  };
}

/** The cell under a place; null beside the cells. */
export function cellAt(
  layout: HeatMapLayout,
  size: { readonly rows: number; readonly columns: number },
  place: { readonly x: number; readonly y: number },
): { row: number; column: number } | null {
  const column = Math.floor((place.x - layout.left) / layout.cellWidth);
  const row = Math.floor((place.y - layout.top) / layout.cellHeight);
  const inside = row >= 0 && row < size.rows && column >= 0 && column < size.columns;
  return inside ? { row, column } : null;
}

/** So many that their names stand beside each other, moved inwards at the edges. */
function namedColumns(
  columns: readonly string[],
  layout: Pick<HeatMapLayout, 'left' | 'cellWidth' | 'width'>,
): number[] {
  const widest = labelWidth(columns);
  const moved = (column: number): number =>
    Math.abs(columnLabelAt(columns[column] ?? '', column, layout) - centre(column, layout));
  const needed = widest + labelGap + (columns.length === 0 ? 0 : moved(0));
  const every = Math.max(1, Math.ceil(needed / Math.max(layout.cellWidth, 0.1)));
  const room = every * layout.cellWidth - widest;
  return columns
    .map((_, column) => column)
    .filter((column) => column % every === 0 && (column === 0 || moved(column) <= room));
}

function centre(
  column: number,
  { left, cellWidth }: Pick<HeatMapLayout, 'left' | 'cellWidth'>,
): number {
  return left + (column + 0.5) * cellWidth;
}

/** Where the middle of a column's name stands: below the column, and inside the picture. */
export function columnLabelAt(
  label: string,
  column: number,
  layout: Pick<HeatMapLayout, 'left' | 'cellWidth' | 'width'>,
): number {
  const half = labelWidth([label]) / 2;
  return Math.max(half, Math.min(centre(column, layout), layout.width - half));
}

function labelWidth(labels: readonly string[]): number {
  return Math.max(0, ...labels.map(({ length }) => length)) * characterWidth;
}
