import type * as Plot from '@observablehq/plot';
import { palette } from './palette.ts';
import { printable, shorten } from './printable.ts';

/** The little of an SVG element that is used here; the types of Plot and linkedom name the browser's own. */
export type SvgElement = {
  setAttribute(name: string, value: string): void;
  getAttribute(name: string): string | null;
  removeAttribute(name: string): void;
  append(...children: (SvgElement | string)[]): void;
  remove(): void;
  querySelectorAll(selector: string): Iterable<SvgElement>;
  readonly attributes: Iterable<{ readonly name: string; value: string }>;
  readonly outerHTML: string;
};

type SvgDocument = {
  readonly documentElement: SvgElement;
  createElementNS(namespace: string, name: string): SvgElement;
};

type Attributes = Readonly<Record<string, string | number>>;

/** One picture in the making: a document without a browser, and the library that draws into it. */
export type Drawing = {
  readonly plots: typeof Plot;
  readonly element: (
    name: string,
    attributes: Attributes,
    children?: readonly (SvgElement | string)[],
  ) => SvgElement;
  /** A chart as an element that can be placed: without the style sheet that would only serve a page. */
  readonly chart: (
    options: Plot.PlotOptions,
    place: { readonly x: number; readonly y: number },
  ) => SvgElement;
};

const svgNamespace = 'http://www.w3.org/2000/svg';
const font = 'system-ui, sans-serif';

/** Starts a picture. Plot and the document are loaded here, on first use: together they take about a fifth of a second,
 *  which commands without a picture do not pay. */
export async function startDrawing(): Promise<Drawing> {
  const [plots, { DOMParser }] = await Promise.all([
    import('@observablehq/plot'),
    import('linkedom'),
  ]);
  const document = new DOMParser().parseFromString(
    `<svg xmlns="${svgNamespace}"/>`,
    'image/svg+xml',
  ) as unknown as SvgDocument;
  return {
    plots,
    element: (name, attributes, children = []) => {
      const created = document.createElementNS(svgNamespace, name);
      for (const [key, value] of Object.entries(attributes))
        created.setAttribute(key, String(value));
      created.append(
        ...children.map((child) => (typeof child === 'string' ? printable(child) : child)),
      );
      return created;
    },
    chart: (options, place) => {
      const chart = plots.plot({ ...options, document: document as never }) as SvgElement;
      for (const sheet of chart.querySelectorAll('style')) sheet.remove();
      chart.removeAttribute('class');
      chart.setAttribute('x', String(place.x));
      chart.setAttribute('y', String(place.y));
      return chart;
    },
  };
}

/** The size of a picture in pixels, its title, and a line below the title. */
export type Frame = {
  readonly width: number;
  readonly height: number;
  readonly title: string;
  readonly subtitle: string;
};

/** Where the space below title and subtitle begins. */
export const frameTop = 52;

/** The text of one standalone SVG file: a white ground (it is read on dark pages too), the titles, then `children`. */
export function writeSvg(drawing: Drawing, frame: Frame, children: readonly SvgElement[]): string {
  const { width, height } = frame;
  const { element } = drawing;
  const title = element('text', { x: 16, y: 24, 'font-size': 15, 'font-weight': 600 }, [
    shorten(frame.title, Math.floor(width / 9)),
  ]);
  const subtitle = element('text', { x: 16, y: 42, 'font-size': 11, fill: palette.quiet }, [
    shorten(frame.subtitle, Math.floor(width / 6.5)),
  ]);
  const root = element(
    'svg',
    {
      xmlns: svgNamespace,
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'font-family': font,
      color: palette.ink,
      fill: palette.ink,
    },
    [
      element('title', {}, [frame.title]),
      element('rect', { width, height, fill: palette.ground }),
      title,
      subtitle,
      ...children,
    ],
  );
  roundNumbers(root);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${root.outerHTML}\n`;
}

/** A hundredth of a pixel is finer than any screen; the digits beyond differ between versions of Node. */
function roundNumbers(root: SvgElement): void {
  for (const element of root.querySelectorAll('*')) {
    for (const attribute of element.attributes) {
      if (attribute.name === 'aria-label') continue;
      const rounded = attribute.value.replace(/-?\d+\.\d{3,}(?:e[+-]?\d+)?/g, (digits) =>
        String(Number(Number(digits).toFixed(2))),
      );
      if (rounded !== attribute.value) attribute.value = rounded;
    }
  }
}
