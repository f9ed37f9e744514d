/** A chart as a file of its own: with its title and legend, on a ground, in the colours that are on the screen. */
import { type LegendEntry, markShape } from './legend-marks.ts';
import type { Palette } from './palette.ts';

export type Caption = {
  readonly title: string;
  readonly legend: readonly LegendEntry[];
  readonly palette: Palette;
};

const margin = 12;
const lineHeight = 18;
const font = '12px system-ui, "Open Sans", sans-serif';
/** Characters are about so wide at 12 px: legends are broken before they run out of the picture. */
const characterWidth = 6.6;
const markWidth = 26;
const pngScale = 2;
const namespace = 'http://www.w3.org/2000/svg';

/** The text of a stand-alone SVG file. */
export function standaloneSvg(chart: SVGSVGElement, caption: Caption): string {
  const { width, height } = sizeOf(chart);
  const lines = legendLines(caption.legend, width);
  const top = margin + lineHeight * (1 + lines.length);
  const outer = shape('svg', {
    xmlns: namespace,
    width: width + 2 * margin,
    height: height + top + margin,
    viewBox: `0 0 ${width + 2 * margin} ${height + top + margin}`,
    style: `font:${font};color:${caption.palette.ink}`,
  });
  outer.append(
    shape('rect', { width: '100%', height: '100%', fill: caption.palette.ground }),
    text(caption.title, margin, margin + 10, { fill: caption.palette.ink, 'font-weight': 600 }),
    ...lines.flatMap((line, index) =>
      legendLine(line, margin + 10 + lineHeight * (index + 1), caption.palette),
    ),
  );
  const inner = chart.cloneNode(true) as SVGSVGElement;
  inner.setAttribute('x', String(margin));
  inner.setAttribute('y', String(top));
  inner.setAttribute('style', `overflow:visible;font:${font};font-variant-numeric:tabular-nums`);
  outer.append(inner);
  return new XMLSerializer().serializeToString(outer);
}

/** @throws Error where the browser cannot draw it. */
export async function toPng(svg: string): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = image.naturalWidth * pngScale;
  canvas.height = image.naturalHeight * pngScale;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('toPng: this browser gives no canvas to draw on');
  context.drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => {
      if (blob === null) reject(new Error('toPng: this browser could not write the picture'));
      else resolve(blob);
    }, 'image/png');
  });
}

function sizeOf(chart: SVGSVGElement): { width: number; height: number } {
  return {
    width: Number(chart.getAttribute('width')),
    height: Number(chart.getAttribute('height')),
  };
}

function legendLines(entries: readonly LegendEntry[], width: number): LegendEntry[][] {
  const lines: LegendEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const needed = entryWidth(entry);
    const line = lines.at(-1);
    if (line === undefined || needed > room) {
      lines.push([entry]);
      room = width - needed;
    } else {
      line.push(entry);
      room -= needed;
    }
  }
  return lines;
}

function entryWidth({ label }: LegendEntry): number {
  return markWidth + label.length * characterWidth + 12;
}

function legendLine(line: readonly LegendEntry[], y: number, palette: Palette): SVGElement[] {
  let x = margin;
  return line.flatMap((entry) => {
    const at = x;
    x += entryWidth(entry);
    return [
      legendMark(entry, at, y - 4),
      text(entry.label, at + markWidth, y, { fill: palette.quiet }),
    ];
  });
}

/** @param y of its middle. */
function legendMark(entry: LegendEntry, x: number, y: number): SVGElement {
  const { path, pen, opacity, dash } = markShape(entry);
  return shape('path', {
    d: path,
    transform: `translate(${x} ${y - 5})`,
    opacity,
    ...(pen === null
      ? { fill: entry.color }
      : { fill: 'none', stroke: entry.color, 'stroke-width': pen }),
    ...(dash === null ? {} : { 'stroke-dasharray': dash }),
  });
}

function text(
  content: string,
  x: number,
  y: number,
  attributes: Readonly<Record<string, string | number>>,
): SVGElement {
  const element = shape('text', { x, y, ...attributes });
  element.textContent = content;
  return element;
}

function shape(name: string, attributes: Readonly<Record<string, string | number>>): SVGElement {
  const element = document.createElementNS(namespace, name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, String(value));
  return element;
}
