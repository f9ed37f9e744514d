import {
  describePrefixes,
  type HeatMap,
  heatPanels,
  heatShare,
  heatText,
  type HeatValues,
  printable,
  shorten,
  shortNames,
} from '../../report/index.ts';
import { inShade } from './heat-shades.ts';

export type HeatMapOptions = {
  /** Characters a line; at least 40 are used. */
  readonly width: number;
  /** Whether the terminal shows colours; without, the text has no escape sequences. */
  readonly color: boolean;
};

/** How the tables of a map are laid out: all panels alike. */
type Layout = {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly rowWidth: number;
  readonly cellWidth: number;
  /** Columns side by side; the others follow below. */
  readonly perBlock: number;
  /** What the numbers above the columns stand for; empty where names stand there, or the rows tell. */
  readonly key: readonly string[];
};

/**
 * The matrices of a map as tables of numbers, on shaded grounds where there are colours. Columns that find no room under
 * their names are numbered.
 */
export function renderHeatMap(map: HeatMap, options: HeatMapOptions): string {
  const panels = heatPanels(map);
  const width = Math.max(40, options.width);
  const layout = layOut(map, width);
  const tables = panels.flatMap(({ title, values }) => [
    ...(title === null ? [] : ['', shorten(printable(title), width)]),
    ...renderValues(map, { values, layout, color: options.color }),
  ]);
  return [
    ...wrap([`${map.title}: ${map.subtitle}`], width),
    ...wrap(prefixNote(map), width),
    shorten(printable(`rows: ${map.rowsLabel}; columns: ${map.columnsLabel}`), width),
    ...layout.key,
    ...tables,
    ...legend(map, options.color),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}

function prefixNote(map: HeatMap): readonly string[] {
  const note = describePrefixes(
    { label: map.rowsLabel, prefix: shortNames(map.rows).prefix },
    { label: map.columnsLabel, prefix: shortNames(map.columns).prefix },
  );
  return note === null ? [] : [note];
}

function layOut(map: HeatMap, width: number): Layout {
  const rows = shortNames(map.rows).names.map(printable);
  const columns = shortNames(map.columns).names.map(printable);
  const cells = heatPanels(map).flatMap(({ values }) =>
    values.flat().map((value) => heatText(value, map)),
  );
  const ofNumbers = widest(cells) + 2;
  const cut = (names: readonly string[]): string[] =>
    names.map((name) => shorten(name, Math.max(12, Math.floor(0.4 * width))));
  const named = {
    cellWidth: Math.max(ofNumbers, widest(columns) + 2),
    rowWidth: widest(cut(rows)) + 1,
  };
  if (named.rowWidth + columns.length * named.cellWidth <= width) {
    return { ...named, rows: cut(rows), columns, perBlock: Math.max(1, columns.length), key: [] };
  }
  const isSquare = rows.length === columns.length && rows.every((row, i) => row === columns[i]);
  const numbers = columns.map((_, index) => `${index + 1}`);
  const digits = widest(numbers);
  const shown = cut(
    isSquare ? rows.map((row, index) => `${index + 1}`.padStart(digits) + ` ${row}`) : rows,
  );
  const rowWidth = widest(shown) + 1;
  const cellWidth = Math.max(ofNumbers, digits + 2);
  const key = isSquare
    ? []
    : wrap(
        columns.map((name, index) => `${index + 1} ${name}`),
        width,
      );
  const perBlock = Math.max(1, Math.floor((width - rowWidth) / cellWidth));
  return { rows: shown, columns: numbers, rowWidth, cellWidth, perBlock, key };
}

function renderValues(
  map: HeatMap,
  about: { readonly values: HeatValues; readonly layout: Layout; readonly color: boolean },
): string[] {
  const { values, layout, color } = about;
  const { rows, columns, rowWidth, cellWidth, perBlock } = layout;
  const lines: string[] = [];
  for (let from = 0; from < columns.length; from += perBlock) {
    const head = columns.slice(from, from + perBlock);
    if (from > 0) lines.push('');
    lines.push(padEnd('', rowWidth) + head.map((name) => padCell(name, cellWidth)).join(''));
    rows.forEach((row, index) => {
      const cells = values[index]?.slice(from, from + perBlock) ?? [];
      const shown = cells.map((value) => {
        const text = padCell(heatText(value, map), cellWidth);
        if (value === null || !color) return text;
        return inShade(text, heatShare(value, map), map.diverging);
      });
      lines.push(padEnd(row, rowWidth) + shown.join(''));
    });
  }
  return lines;
}

const swatches = 9;

/** What the shades stand for, or between which numbers the values are meant; and the sign of none. */
function legend(map: HeatMap, color: boolean): readonly string[] {
  const [from, to] = map.domain.map((value) => heatText(value, map));
  const shades = Array.from({ length: swatches }, (_, index) =>
    inShade('  ', index / (swatches - 1), map.diverging),
  );
  const scale = color
    ? `${from ?? ''} ${shades.join('')} ${to ?? ''}`
    : `scale ${from ?? ''} to ${to ?? ''}`;
  const hasGaps = heatPanels(map).some(({ values }) => values.flat().includes(null));
  return ['', hasGaps ? `${scale}  · no value` : scale];
}

/** Entries two spaces apart, as many a line as fit. */
function wrap(entries: readonly string[], width: number): string[] {
  const lines: string[] = [];
  for (const entry of entries) {
    const text = shorten(printable(entry), width);
    const last = lines.at(-1);
    if (last !== undefined && lengthOf(last) + 2 + lengthOf(text) <= width) {
      lines[lines.length - 1] = `${last}  ${text}`;
    } else lines.push(text);
  }
  return lines;
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, lengthOf(text)), 0);
}

function padEnd(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - lengthOf(text)));
}

/** To the right, with a space behind: the ground of a cell stands out on both sides of its number. */
function padCell(text: string, width: number): string {
  return `${' '.repeat(Math.max(0, width - 1 - lengthOf(text)))}${text} `;
}
