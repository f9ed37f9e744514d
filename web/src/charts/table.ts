/** What a chart shows, as rows: its text alternative, and what is exported. */

export type Cell = string | number | null;

export type ChartTable = {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly Cell[])[];
};

/** RFC 4180; what is not there is an empty field. A text that a spreadsheet would run as a formula is quoted by an apostrophe. */
export function toCsv({ columns, rows }: ChartTable): string {
  return `${[columns, ...rows].map((row) => row.map(field).join(',')).join('\r\n')}\r\n`;
}

function field(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell === 'number') return String(cell);
  const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
