import { type Ink, inInk } from './ink.ts';

/** A canvas of characters: what is put later covers what was there. Places outside are ignored. */
export type PlotGrid = {
  readonly put: (column: number, row: number, glyph: string, ink: Ink) => void;
  readonly lines: (color: boolean) => readonly string[];
};

type Cell = { readonly glyph: string; readonly ink: Ink };

const empty: Cell = { glyph: ' ', ink: 'plain' };

/** An empty canvas. */
export function createPlotGrid(columns: number, rows: number): PlotGrid {
  const cells = Array.from({ length: rows }, () => Array.from({ length: columns }, () => empty));
  return {
    put: (column, row, glyph, ink) => {
      const line = cells[row];
      if (line?.[column] !== undefined) line[column] = { glyph, ink };
    },
    lines: (color) => cells.map((line) => (color ? coloured(line) : plain(line))),
  };
}

function plain(line: readonly Cell[]): string {
  return line.map((cell) => cell.glyph).join('');
}

/** Neighbours of one colour share one escape sequence. */
function coloured(line: readonly Cell[]): string {
  const runs: { ink: Ink; text: string }[] = [];
  for (const cell of line) {
    const last = runs.at(-1);
    if (last?.ink === cell.ink) last.text += cell.glyph;
    else runs.push({ ink: cell.ink, text: cell.glyph });
  }
  return runs.map((run) => inInk(run.text, run.ink)).join('');
}

/** The bits of a Braille character's dots: two columns, four rows. */
const brailleBits = [
  [0x01, 0x08],
  [0x02, 0x10],
  [0x04, 0x20],
  [0x40, 0x80],
] as const;

/**
 * Puts a line on the canvas in Braille dots, two a column and four a row. `rowAt` gives the line's height at a place, in
 * rows from the top (0 is the middle of the first), or null where there is none; places are columns, 0 the middle of the
 * first. Steep parts are filled, so that the line does not tear.
 */
export function putLine(
  grid: PlotGrid,
  columns: number,
  rowAt: (column: number) => number | null,
  ink: Ink,
): void {
  const dots = new Map<string, number>();
  let before: number | null = null;
  for (let place = 0; place < 2 * columns; place += 1) {
    const row = rowAt(place / 2 - 0.25);
    const here: number | null = row === null ? null : Math.round(4 * row + 1.5);
    if (here !== null) {
      const step = Math.sign(here - (before ?? here));
      const from: number = before === null || step === 0 ? here : before + step;
      for (let dot = Math.min(from, here); dot <= Math.max(from, here); dot += 1) {
        const cell = `${Math.floor(place / 2)},${Math.floor(dot / 4)}`;
        const bit = brailleBits[dot & 3]?.[place & 1] ?? 0;
        dots.set(cell, (dots.get(cell) ?? 0) | bit);
      }
    }
    before = here;
  }
  for (const [cell, bits] of dots) {
    const [column = 0, row = 0] = cell.split(',').map(Number);
    grid.put(column, row, String.fromCodePoint(0x2800 + bits), ink);
  }
}
