/** A chart drawn by Observable Plot, whose points can be read one by one with the pointer and with the arrow keys. */
import * as Plot from '@observablehq/plot';
import { type ReactElement, useEffect, useMemo, useRef, useState } from 'react';
import { standaloneSvg } from './export-picture.ts';
import { Figure, type FigureProps } from './figure.tsx';
import { type Palette, usePalette } from './palette.ts';
import { type PlacedPoint, type Step, stepFrom } from './reading.ts';
import { useNear, useWidth } from './use-size.ts';

/** What can be read off the chart: a place in its own units, and words. */
export type ReadablePoint = {
  readonly x: number | string;
  readonly y: number | string;
  /** Left and right move within a series, up and down between them. */
  readonly series: string;
  readonly text: string;
};

export type PlotFigureProps = Omit<FigureProps, 'picture' | 'children'> & {
  /** The text alternative: what is drawn, and what it comes to. */
  readonly summary: string;
  readonly height: number;
  readonly points: readonly ReadablePoint[];
  /** Keep it by `useCallback`: a new one draws anew. */
  readonly draw: (palette: Palette, width: number) => Plot.PlotOptions;
};

export function PlotFigure(props: PlotFigureProps): ReactElement {
  const { title, summary, legend, height, points, draw } = props;
  const holder = useRef<HTMLDivElement>(null);
  const near = useNear(holder);
  const width = useWidth(holder);
  const palette = usePalette();
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  useEffect(() => {
    const element = holder.current;
    if (element === null || !near || width === 0) return;
    const next = drawPlot({ ...baseOptions(palette, width, height), ...draw(palette, width) });
    element.replaceChildren(next.svg);
    setDrawn(next);
  }, [draw, palette, width, height, near]);
  const placed = useMemo(
    () => (drawn === null ? [] : points.flatMap((point) => drawn.place(point))),
    [drawn, points],
  );
  const picture = (): string | null =>
    drawn === null ? null : standaloneSvg(drawn.svg, { title, legend, palette });
  return (
    <Figure {...props} picture={picture}>
      <Reading label={`${title}. ${summary}`} points={placed} height={height}>
        <div ref={holder} style={{ minHeight: height }} />
      </Reading>
    </Figure>
  );
}

type ReadingProps = {
  readonly label: string;
  readonly points: readonly PlacedPoint[];
  readonly height: number;
  readonly children: ReactElement;
};

/** How near the pointer must come to a point, in pixels. */
const reach = 40;

const keys: Readonly<Record<string, Step>> = {
  ArrowRight: 'next',
  ArrowLeft: 'previous',
  ArrowUp: 'above',
  ArrowDown: 'below',
  Home: 'first',
  End: 'last',
};

function Reading({ label, points, height, children }: ReadingProps): ReactElement {
  const [read, setRead] = useState<PlacedPoint | null>(null);
  const shown = read === null ? null : (points.find(({ id }) => id === read.id) ?? null);
  return (
    <div
      className="reading"
      role="group"
      aria-roledescription="chart"
      aria-label={label}
      tabIndex={points.length === 0 ? -1 : 0}
      onKeyDown={(event) => {
        const step = keys[event.key];
        if (event.key === 'Escape') setRead(null);
        if (step === undefined) return;
        event.preventDefault();
        setRead(stepFrom(points, shown, step));
      }}
      onBlur={() => setRead(null)}
      onPointerLeave={() => setRead(null)}
      onPointerMove={(event) => {
        const box = event.currentTarget.getBoundingClientRect();
        setRead(nearest(points, event.clientX - box.left, event.clientY - box.top));
      }}
    >
      <div aria-hidden="true">{children}</div>
      {shown === null ? null : <Cursor point={shown} height={height} />}
      <output className="visually-hidden">{shown?.text}</output>
    </div>
  );
}

function Cursor(props: { readonly point: PlacedPoint; readonly height: number }): ReactElement {
  const { left, top, text, width } = props.point;
  const side = left > width / 2 ? { right: width - left + 10 } : { left: left + 10 };
  return (
    <>
      <span className="cursor" aria-hidden="true" style={{ left, top }} />
      <span
        className="tip"
        aria-hidden="true"
        style={{ ...side, top: Math.min(Math.max(top - 12, 0), props.height - 24) }}
      >
        {text}
      </span>
    </>
  );
}

function nearest(points: readonly PlacedPoint[], x: number, y: number): PlacedPoint | null {
  let best: PlacedPoint | null = null;
  let least = reach;
  for (const point of points) {
    const distance = Math.hypot(point.left - x, point.top - y);
    if (distance >= least) continue;
    best = point;
    least = distance;
  }
  return best;
}

type Drawn = {
  readonly svg: SVGSVGElement;
  /** Where a point stands in pixels; nothing where it is outside the chart's scales. */
  readonly place: (point: ReadablePoint) => PlacedPoint[];
};

function drawPlot(options: Plot.PlotOptions): Drawn {
  const plot = Plot.plot(options);
  const svg = plot instanceof SVGSVGElement ? plot : plot.querySelector('svg');
  if (svg === null) throw new Error('drawPlot: Plot drew no picture');
  // Plot's own style element would need an exception in the page's content security policy: charts.css says the same.
  svg.querySelector('style')?.remove();
  const width = Number(svg.getAttribute('width'));
  const x = placer(plot.scale('x'));
  const y = placer(plot.scale('y'));
  return {
    svg,
    place: (point) => {
      const left = x(point.x);
      const top = y(point.y);
      if (left === null || top === null) return [];
      return [{ ...point, id: `${point.series}\n${point.x}\n${point.y}`, left, top, width }];
    },
  };
}

function placer(scale: Plot.Scale | undefined): (value: number | string) => number | null {
  return (value) => {
    const place: unknown = scale?.apply(value);
    if (typeof place !== 'number' || !Number.isFinite(place)) return null;
    return place + (scale?.bandwidth ?? 0) / 2;
  };
}

function baseOptions(palette: Palette, width: number, height: number): Plot.PlotOptions {
  return {
    width,
    height,
    marginTop: 22,
    marginBottom: 34,
    marginLeft: 36,
    marginRight: 12,
    className: 'plot',
    style: { color: palette.ink, background: 'transparent', fontSize: '11px' },
  };
}
