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

export function layOut({ rows, columns, width, most }: LayoutRequest): HeatMapLayout {
  const cellHeight = Math.min(most / Math.max(rows.length, 1), tallestRow);
  const named = cellHeight >= lineHeight;
  const longest = Math.max(0, ...rows.map(({ length }) => length));
  const left = named ? Math.min(longest * characterWidth + 14, width * 0.35) : 20;
  const cellWidth = Math.max((width - left - right) / Math.max(columns.length, 1), 0);
  const every = Math.max(1, Math.ceil((labelWidth(columns) + 10) / Math.max(cellWidth, 0.1)));
  return {
    left,
    top: 2,
    cellWidth,
    cellHeight,
    width,
    height: 2 + cellHeight * rows.length + columnLabels,
    namedRows: named ? rows.map((_, index) => index) : [],
    namedColumns: columns.map((_, index) => index).filter((index) => index % every === 0),
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

function labelWidth(labels: readonly string[]): number {
  return Math.max(0, ...labels.map(({ length }) => length)) * characterWidth;
}
