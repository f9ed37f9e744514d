/** A heat map on a canvas and as SVG, both from one layout. */
import type { Rgb } from './color-scale.ts';
import { isLight } from './color-scale.ts';
import { columnLabelAt, type HeatMapLayout } from './heat-map-layout.ts';
import type { Palette } from './palette.ts';

export type HeatMapCells = {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
  /** Null: nothing is known; the ground shows. */
  readonly color: (row: number, column: number) => Rgb | null;
  /** What stands in a cell that has room for it. */
  readonly text: ((row: number, column: number) => string | null) | null;
};

const font = '11px system-ui, "Open Sans", sans-serif';
const namespace = 'http://www.w3.org/2000/svg';
/** Cells with a text are at least so wide and high. */
const textRoom = { width: 30, height: 14 } as const;

/** One pixel a cell, to be stretched: so that 80,000 cells are one drawing. */
export function cellPixels({ rows, columns, color }: HeatMapCells): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(columns.length, 1);
  canvas.height = Math.max(rows.length, 1);
  const context = contextOf(canvas);
  const image = context.createImageData(canvas.width, canvas.height);
  for (let row = 0; row < rows.length; row++) {
    for (let column = 0; column < columns.length; column++) {
      const shade = color(row, column);
      if (shade === null) continue;
      image.data.set([...shade, 255], 4 * (row * columns.length + column));
    }
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

export type HeatMapPicture = {
  readonly cells: HeatMapCells;
  readonly pixels: HTMLCanvasElement;
  readonly layout: HeatMapLayout;
  readonly palette: Palette;
};

export function drawHeatMap(canvas: HTMLCanvasElement, picture: HeatMapPicture): void {
  const { cells, pixels, layout, palette } = picture;
  const density = window.devicePixelRatio;
  canvas.width = Math.round(layout.width * density);
  canvas.height = Math.round(layout.height * density);
  const context = contextOf(canvas);
  context.scale(density, density);
  context.clearRect(0, 0, layout.width, layout.height);
  // Cells smaller than a pixel of the screen are averaged, larger ones keep their edges.
  context.imageSmoothingEnabled = layout.cellHeight * density < 1 || layout.cellWidth * density < 1;
  const { left, top, cellWidth, cellHeight } = layout;
  const size = [cellWidth * cells.columns.length, cellHeight * cells.rows.length] as const;
  context.drawImage(pixels, left, top, ...size);
  context.font = font;
  for (const { text, x, y, anchor, color } of labelsOf(picture)) {
    context.fillStyle = color;
    context.textAlign = anchor;
    context.fillText(text, x, y);
  }
  context.strokeStyle = palette.line;
  context.strokeRect(left, top, ...size);
}

/** The same as a vector picture, with the cells as one image in it. */
export function heatMapSvg(picture: HeatMapPicture): SVGSVGElement {
  const { cells, pixels, layout, palette } = picture;
  const { left, top, cellWidth, cellHeight } = layout;
  const svg = element('svg', { width: layout.width, height: layout.height }) as SVGSVGElement;
  const size = { width: cellWidth * cells.columns.length, height: cellHeight * cells.rows.length };
  svg.append(
    element('image', {
      x: left,
      y: top,
      ...size,
      href: pixels.toDataURL('image/png'),
      preserveAspectRatio: 'none',
      'image-rendering': 'pixelated',
    }),
    element('rect', { x: left, y: top, ...size, fill: 'none', stroke: palette.line }),
  );
  for (const { text, x, y, anchor, color } of labelsOf(picture)) {
    const textAnchor = { left: 'start', center: 'middle', right: 'end' }[anchor];
    const label = element('text', {
      x,
      y,
      'text-anchor': textAnchor,
      fill: color,
      style: `font:${font}`,
    });
    label.textContent = text;
    svg.append(label);
  }
  return svg;
}

type Label = {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly anchor: 'left' | 'center' | 'right';
  readonly color: string;
};

function labelsOf({ cells, layout, palette }: HeatMapPicture): Label[] {
  const { left, top, cellHeight, namedRows, namedColumns, height } = layout;
  return [
    ...namedRows.map(
      (row): Label => ({
        text: shorten(cells.rows[row] ?? '', left - 14),
        x: left - 6,
        y: top + (row + 0.5) * cellHeight + 4,
        anchor: 'right',
        color: palette.ink,
      }),
    ),
    ...namedColumns.map(
      (column): Label => ({
        text: cells.columns[column] ?? '',
        x: columnLabelAt(cells.columns[column] ?? '', column, layout),
        y: height - 7,
        anchor: 'center',
        color: palette.quiet,
      }),
    ),
    ...cellTexts(cells, layout),
  ];
}

function cellTexts({ rows, columns, color, text }: HeatMapCells, layout: HeatMapLayout): Label[] {
  const { left, top, cellWidth, cellHeight } = layout;
  if (text === null || cellWidth < textRoom.width || cellHeight < textRoom.height) return [];
  return rows.flatMap((_, row) =>
    columns.flatMap((__, column): Label[] => {
      const shade = color(row, column);
      const words = text(row, column);
      if (shade === null || words === null) return [];
      return [
        {
          text: words,
          x: left + (column + 0.5) * cellWidth,
          y: top + (row + 0.5) * cellHeight + 4,
          anchor: 'center',
          color: isLight(shade) ? '#101418' : '#ffffff',
        },
      ];
    }),
  );
}

function shorten(text: string, width: number): string {
  const fits = Math.floor(width / 6);
  return text.length <= fits ? text : `${text.slice(0, Math.max(fits - 1, 0))}…`;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('heat map: this browser gives no canvas to draw on');
  return context;
}

function element(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const made = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
