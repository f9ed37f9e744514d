import type { Markish } from '@observablehq/plot';
import { percent, percentAxis } from './axes.ts';
import { type Drawing, frameTop, startDrawing, writeSvg } from './drawing.ts';
import { dotSymbol, drawLegend, type LegendEntry, lineSymbol } from './legend.ts';
import { palette } from './palette.ts';
import { printable } from './printable.ts';

/** How the accuracy on a subset of questions maps to that on all of them; accuracies are shares, 0 to 1. */
export type MapFigure = {
  readonly title: string;
  readonly points: readonly {
    readonly subset: number;
    readonly full: number;
    readonly label: string;
    readonly kind: 'ladder' | 'anchor';
  }[];
  readonly curve: readonly { readonly subset: number; readonly full: number }[];
};

type Point = MapFigure['points'][number];
type Place = MapFigure['curve'][number];

const size = 520;
const edge = 16;

/** Points, the fitted map and the identity (dashed) as a standalone SVG file. */
export async function mapSvg(figure: MapFigure): Promise<string> {
  const drawing = await startDrawing();
  const legend = drawLegend(drawing, legendEntries, {
    top: frameTop,
    left: edge,
    width: size - 2 * edge,
  });
  const top = frameTop + legend.height;
  const chart = drawing.chart(
    {
      width: size,
      height: size - 40,
      marginTop: 16,
      marginRight: 24,
      marginBottom: 44,
      marginLeft: 52,
      x: { domain: [0, 100] },
      y: { domain: [0, 100] },
      marks: marksOf(drawing, figure),
    },
    { x: 0, y: top },
  );
  const frame = {
    width: size,
    height: top + size - 40,
    title: figure.title,
    subtitle: 'accuracy (%) on all questions over accuracy (%) on the subset',
  };
  return writeSvg(drawing, frame, [legend.element, chart]);
}

const colours = { ladder: palette.ink, anchor: palette.measured } as const;

const legendEntries: readonly LegendEntry[] = [
  { symbol: dotSymbol(colours.ladder), label: 'labelled checkpoint' },
  { symbol: dotSymbol(colours.anchor), label: 'anchor' },
  { symbol: lineSymbol(palette.curve), label: 'fitted map' },
  {
    symbol: lineSymbol(palette.quiet, { 'stroke-dasharray': '5 4', 'stroke-width': 1 }),
    label: 'identity',
  },
];

function marksOf({ plots }: Drawing, figure: MapFigure): Markish[] {
  const place = {
    x: (point: Place): number => percent(point.subset),
    y: (point: Place): number => percent(point.full),
  };
  return [
    ...percentAxis(plots),
    plots.axisX([0, 25, 50, 75, 100], { label: null, tickSize: 4, tickFormat: String }),
    plots.ruleY([0], { strokeOpacity: 0.5 }),
    plots.lineY(identity, { ...place, stroke: palette.quiet, strokeDasharray: '5 4' }),
    plots.lineY(figure.curve, { ...place, stroke: palette.curve, strokeWidth: 2 }),
    plots.dot(figure.points, {
      ...place,
      r: 3.5,
      fill: (point: Point) => colours[point.kind],
      stroke: palette.ground,
      strokeWidth: 0.7,
      title: describePoint,
    }),
  ];
}

const identity: MapFigure['curve'] = [
  { subset: 0, full: 0 },
  { subset: 1, full: 1 },
];

function describePoint({ label, subset, full }: Point): string {
  return printable(
    `${label}: subset ${percent(subset).toFixed(1)}, all ${percent(full).toFixed(1)}`,
  );
}
