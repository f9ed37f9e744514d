import { type Drawing, frameTop, startDrawing, type SvgElement, writeSvg } from './drawing.ts';
import { heatColours, type HeatScale, heatShare, heatText } from './heat-scale.ts';
import { palette } from './palette.ts';
import { printable, shorten } from './printable.ts';
import { describePrefixes, shortNames } from './short-names.ts';

/** Rows of numbers, as many a row as there are columns; null where there is none. */
export type HeatValues = readonly (readonly (number | null)[])[];

/** A matrix of numbers, or several over the same rows and columns. */
export type HeatMap = HeatScale & {
  readonly title: string;
  readonly subtitle: string;
  /** What rows and columns are: `trained on`, `scored on`. */
  readonly rowsLabel: string;
  readonly columnsLabel: string;
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly values: HeatValues;
  /** More matrices on the same scale, shown below the first: one a task, for example. */
  readonly panels?: readonly { readonly title: string; readonly values: HeatValues }[];
};

type Panel = { readonly title: string | null; readonly values: HeatValues };

/**
 * The matrices of a map, the first without a title of its own.
 *
 * @throws Error where a matrix has not the map's shape, or a value or the domain is not finite.
 */
export function heatPanels(map: HeatMap): readonly Panel[] {
  const { title, rows, columns, domain } = map;
  const all: Panel[] = [{ title: null, values: map.values }, ...(map.panels ?? [])];
  if (!domain.every(Number.isFinite)) {
    throw new Error(`heat map \`${title}\`: expected a finite domain, got ${domain.join(' to ')}`);
  }
  for (const { title: panel, values } of all) {
    const where = `heat map \`${panel ?? title}\``;
    const lengths = values.map((row) => row.length);
    if (lengths.length !== rows.length || lengths.some((length) => length !== columns.length)) {
      throw new Error(
        `${where}: expected ${rows.length} rows of ${columns.length} values, got ${lengths.length} of ${[...new Set(lengths)].join(', ')}`,
      );
    }
    const wrong = values.flat().find((value) => value !== null && !Number.isFinite(value));
    if (wrong !== undefined) throw new Error(`${where}: expected finite values, got ${wrong}`);
  }
  return all;
}

const edge = 16;
const cellHeight = 24;
const gap = 20;
/** Panels stand beside each other as far as a page is so wide. */
const pageWidth = 1000;
const legendHeight = 40;
const mostCharacters = 26;
/** Wide enough for the widest of the usual system fonts at 11 pixels. */
const pixelsPerCharacter = 7;
/** Column names rise at this angle, in degrees. */
const slant = 40;
const rise = Math.sin((slant * Math.PI) / 180);
const run = Math.cos((slant * Math.PI) / 180);

/** Sizes that all panels of a map share, and the names as they are shown. */
type Layout = {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  readonly cellWidth: number;
  /** From a panel's corner to its first cell. */
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
};

/** Shaded cells with their numbers as a standalone SVG file: legend, then one panel a matrix. */
export async function heatMapSvg(map: HeatMap): Promise<string> {
  const panels = heatPanels(map);
  const drawing = await startDrawing();
  const rows = shortNames(map.rows);
  const columns = shortNames(map.columns);
  const layout = layOut(map, { rows: rows.names, columns: columns.names });
  const perLine = Math.max(
    1,
    Math.min(panels.length, Math.floor((pageWidth - 2 * edge + gap) / (layout.width + gap))),
  );
  const lines = Math.ceil(panels.length / perLine);
  const top = frameTop + legendHeight;
  const prefixes = describePrefixes(
    { label: map.rowsLabel, prefix: rows.prefix },
    { label: map.columnsLabel, prefix: columns.prefix },
  );
  const children = panels.map((panel, index) => {
    const x = edge + (index % perLine) * (layout.width + gap);
    const y = top + Math.floor(index / perLine) * (layout.height + gap);
    return drawPanel(drawing, map, { panel, layout, x, y });
  });
  const frame = {
    width: Math.max(480, 2 * edge + perLine * (layout.width + gap) - gap),
    height: top + lines * (layout.height + gap),
    title: map.title,
    subtitle: [map.subtitle, ...(prefixes === null ? [] : [prefixes])].join(' · '),
  };
  return writeSvg(drawing, frame, [drawScale(drawing, map), ...children]);
}

function layOut(
  map: HeatMap,
  names: { readonly rows: readonly string[]; readonly columns: readonly string[] },
): Layout {
  const cut = (name: string): string => shorten(printable(name), mostCharacters);
  const [rows, columns] = [names.rows.map(cut), names.columns.map(cut)];
  const numbers = heatPanels(map).flatMap(({ values }) =>
    values.flat().map((value) => heatText(value, map).length),
  );
  const cellWidth = Math.max(40, 12 + pixelsPerCharacter * longest(numbers));
  const left = 10 + pixelsPerCharacter * longest([map.rowsLabel, ...rows].map(lengthOf));
  const slanted = pixelsPerCharacter * longest(columns.map(lengthOf));
  const top = Math.ceil(54 + rise * slanted);
  const cells = cellWidth * columns.length;
  const width = Math.max(
    left + cells + Math.max(0, Math.ceil(run * slanted - cellWidth / 2)),
    left + pixelsPerCharacter * lengthOf(map.columnsLabel),
  );
  return { rows, columns, cellWidth, left, top, width, height: top + cellHeight * rows.length };
}

function longest(lengths: readonly number[]): number {
  return lengths.reduce((most, length) => Math.max(most, length), 0);
}

function lengthOf(text: string): number {
  return Array.from(text).length;
}

type Place = {
  readonly panel: Panel;
  readonly layout: Layout;
  readonly x: number;
  readonly y: number;
};

/** One matrix as an `svg` of its own: its title, what columns and rows are, their names, the cells. */
function drawPanel({ element }: Drawing, map: HeatMap, { panel, layout, x, y }: Place): SvgElement {
  const { cellWidth, left, top, width, height } = layout;
  const small = { 'font-size': 11 };
  const quiet = { ...small, fill: palette.quiet };
  const most = Math.floor(width / 8);
  const title = panel.title === null ? [] : [shorten(printable(panel.title), most)];
  const rows = layout.rows.map((name, row) => {
    const middle = top + cellHeight * (row + 0.5) + 4;
    return element('text', { x: left - 8, y: middle, 'text-anchor': 'end', ...small }, [
      name,
      element('title', {}, [map.rows[row] ?? '']),
    ]);
  });
  const columns = layout.columns.map((name, column) => {
    const place = `translate(${left + cellWidth * (column + 0.5)},${top - 6}) rotate(${-slant})`;
    return element('text', { transform: place, ...small }, [
      name,
      element('title', {}, [map.columns[column] ?? '']),
    ]);
  });
  return element('svg', { x, y, width, height }, [
    ...title.map((text) => element('text', { x: 0, y: 14, 'font-weight': 600, ...small }, [text])),
    element('text', { x: left, y: 30, ...quiet }, [map.columnsLabel]),
    element('text', { x: left - 8, y: top - 6, 'text-anchor': 'end', ...quiet }, [map.rowsLabel]),
    ...rows,
    ...columns,
    ...drawCells({ element }, map, { panel, layout }),
  ]);
}

function drawCells(
  { element }: Pick<Drawing, 'element'>,
  map: HeatMap,
  { panel, layout: { cellWidth, left, top } }: Pick<Place, 'panel' | 'layout'>,
): SvgElement[] {
  return panel.values.flatMap((values, row) =>
    values.map((value, column) => {
      const colours = value === null ? null : heatColours(heatShare(value, map), map);
      const text = heatText(value, map);
      const about = `${map.rows[row] ?? ''} → ${map.columns[column] ?? ''}: ${text}`;
      const x = left + cellWidth * column;
      const y = top + cellHeight * row;
      const box = { x, y, width: cellWidth, height: cellHeight };
      const look = { fill: colours?.ground ?? palette.ground, stroke: '#e5e7eb' };
      const middle = { x: x + cellWidth / 2, y: y + cellHeight / 2 + 4, 'text-anchor': 'middle' };
      const ink = { fill: colours?.ink ?? palette.quiet, 'font-size': 11 };
      return element('g', {}, [
        element('rect', { ...box, ...look }, [element('title', {}, [about])]),
        element('text', { ...middle, ...ink, 'pointer-events': 'none' }, [text]),
      ]);
    }),
  );
}

const swatches = 24;
const swatchWidth = 6;

/** The legend: the shades from one end of the domain to the other, and what an empty cell means. */
function drawScale({ element }: Drawing, map: HeatMap): SvgElement {
  const [from, to] = map.domain.map((value) => heatText(value, map)) as [string, string];
  const start = pixelsPerCharacter * lengthOf(from) + 6;
  const end = start + swatches * swatchWidth;
  const words = { y: 10, 'font-size': 11 };
  const shades = Array.from({ length: swatches }, (_, index) => {
    const { ground } = heatColours(index / (swatches - 1), map);
    const x = start + index * swatchWidth;
    return element('rect', { x, y: 0, width: swatchWidth, height: 12, fill: ground });
  });
  const border = { x: start, y: 0, width: end - start, height: 12, fill: 'none' };
  const toEnd = end + 6 + pixelsPerCharacter * lengthOf(to);
  return element('g', { 'aria-label': 'legend', transform: `translate(${edge},${frameTop + 4})` }, [
    element('text', { x: 0, ...words }, [from]),
    ...shades,
    element('rect', { ...border, stroke: '#e5e7eb' }),
    element('text', { x: end + 6, ...words }, [to]),
    element('text', { x: toEnd + 16, ...words, fill: palette.quiet }, ['· no value']),
  ]);
}
