import Table from 'cli-table3';
import { cutMiddle, withoutControlCharacters } from './terminal-text.ts';

export type Column = { readonly title: string; readonly align?: 'left' | 'right' };

/** Rows that are laid out at once: what cli-table3 does grows with their square. */
const chunkRows = 64;

/** Wider cells lose their middle, so that one long name does not push all others off the screen; the last column may be prose. */
const widestCell = 160;

/** A plain table: a header, rows; columns two spaces apart. Numbers are formatted by the caller. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
): string {
  const head = columns.map(({ title }) => title);
  const shown = rows.map((row) =>
    row.map((cell, at) => {
      const text = withoutControlCharacters(cell);
      return at < columns.length - 1 ? cutMiddle(text, widestCell) : text;
    }),
  );
  if (shown.length <= chunkRows) return layOut(columns, { head, rows: shown, widths: null });
  const chunks = chunksOf(shown);
  const widths = columnWidths(columns, shown);
  return chunks
    .map((chunk, index) => layOut(columns, { head: index === 0 ? head : [], rows: chunk, widths }))
    .join('\n');
}

type Part = {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** Null: as wide as the widest cell. */
  readonly widths: readonly number[] | null;
};

function layOut(columns: readonly Column[], { head, rows, widths }: Part): string {
  const table = new Table({
    head: [...head],
    ...(widths === null ? {} : { colWidths: [...widths] }),
    colAligns: columns.map(({ align }) => align ?? 'right'),
    chars: plainBorders,
    style: plainStyle,
  });
  for (const row of rows) table.push([...row]);
  return table
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
}

function chunksOf<T>(rows: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(rows.length / chunkRows) }, (_, index) =>
    rows.slice(index * chunkRows, (index + 1) * chunkRows),
  );
}

/** How wide each column comes out, padding included. */
function columnWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): number[] {
  const candidates = columns.map(({ title }, at) =>
    widestOf([title, ...rows.map((row) => row[at] ?? '')]),
  );
  const most = Math.max(...candidates.map(({ length }) => length));
  const few = Array.from({ length: most }, (_, row) => candidates.map((own) => own[row] ?? ''));
  const perChunk = chunksOf(few).map(measuredWidths);
  return columns.map((_, at) => Math.max(...perChunk.map((own) => own[at] ?? 0)));
}

/** The texts that may be the widest: one of those with a column a character, and all others. */
function widestOf(texts: readonly string[]): string[] {
  let longest = '';
  const others = new Set<string>();
  for (const text of texts) {
    if (!/^[ -~]*$/.test(text)) others.add(text);
    else if (text.length > longest.length) longest = text;
  }
  return [longest, ...others];
}

/** The library's own measure, read off the rule above the cells. */
function measuredWidths(rows: readonly (readonly string[])[]): number[] {
  const chars = { ...plainBorders, top: '-', 'top-mid': '+', middle: '|' };
  const table = new Table({ chars, style: plainStyle });
  for (const row of rows) table.push([...row]);
  const [rule = ''] = table.toString().split('\n');
  return rule.split('+').map((part) => part.length);
}

const plainStyle = { head: [], border: [], 'padding-left': 0, 'padding-right': 2 };

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
