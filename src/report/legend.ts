import type { Drawing, SvgElement } from './drawing.ts';

/** One entry: what is drawn in a box of 24 × 12 pixels, and what it means. */
export type LegendEntry = {
  readonly symbol: (drawing: Drawing) => readonly SvgElement[];
  readonly label: string;
};

const symbolWidth = 24;
const rowHeight = 20;
/** Wide enough for the widest of the usual system fonts at 11 pixels. */
const pixelsPerCharacter = 6;

/** Entries in as many rows as `width` asks for, from `top` down; `height` is what they take. */
export function drawLegend(
  drawing: Drawing,
  entries: readonly LegendEntry[],
  box: { readonly top: number; readonly left: number; readonly width: number },
): { readonly element: SvgElement; readonly height: number } {
  let [x, y] = [box.left, box.top];
  const drawn = entries.map(({ symbol, label }) => {
    const width = symbolWidth + 6 + pixelsPerCharacter * label.length + 14;
    if (x > box.left && x + width > box.left + box.width) [x, y] = [box.left, y + rowHeight];
    const text = drawing.element('text', { x: symbolWidth + 6, y: 10, 'font-size': 11 }, [label]);
    const entry = drawing.element('g', { transform: `translate(${x},${y})` }, [
      ...symbol(drawing),
      text,
    ]);
    x += width;
    return entry;
  });
  const element = drawing.element('g', { 'aria-label': 'legend' }, drawn);
  return { element, height: y - box.top + rowHeight };
}

/** A line of the given look across the symbol's box. */
export function lineSymbol(
  stroke: string,
  look: Readonly<Record<string, string | number>> = {},
): LegendEntry['symbol'] {
  return ({ element }) => [
    element('path', { d: 'M0,6H24', stroke, 'stroke-width': 2, fill: 'none', ...look }),
  ];
}

/** A dot in the middle of the symbol's box. */
export function dotSymbol(fill: string): LegendEntry['symbol'] {
  return ({ element }) => [element('circle', { cx: 12, cy: 6, r: 3.5, fill })];
}
