import Table from 'cli-table3';

export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

/** A plain table: a header, a rule, rows; columns two spaces apart. Numbers are formatted by the caller. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const table = new Table({
    head: columns.map((column) => column.title),
    colAligns: columns.map((column) => column.align ?? 'right'),
    chars: plainBorders,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 },
  });
  for (const row of rows) table.push(row.map(withoutControlCharacters));
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Names come from logs and folders: an escape sequence in one must not reach the terminal. */
export function withoutControlCharacters(text: string): string {
  // biome-ignore lint: control characters are what this pattern is for.
  return text.replace(/\p{Cc}/gu, '\u{FFFD}');
}

const plainBorders = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '',
};
