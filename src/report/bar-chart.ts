import type { Markish } from '@observablehq/plot';
import { type Drawing, frameTop, startDrawing, writeSvg } from './drawing.ts';
import { palette } from './palette.ts';
import { printable } from './printable.ts';

/** Methods beside each other; values are points of accuracy (or whatever `xLabel` says), 0 or more. */
export type BarFigure = {
  readonly title: string;
  readonly xLabel: string;
  readonly bars: readonly {
    readonly label: string;
    readonly value: number;
    readonly highlighted: boolean;
  }[];
};

type Bar = BarFigure['bars'][number];

const width = 640;
const barHeight = 26;
const margins = { marginTop: 6, marginRight: 52, marginBottom: 34, marginLeft: 210 };

/** Horizontal bars in the given order as a standalone SVG file; what is highlighted has a colour, the rest is grey. */
export async function barSvg(figure: BarFigure): Promise<string> {
  const drawing = await startDrawing();
  const height =
    margins.marginTop + margins.marginBottom + barHeight * Math.max(1, figure.bars.length);
  const most = figure.bars.reduce((highest, bar) => Math.max(highest, bar.value), 0);
  const chart = drawing.chart(
    {
      ...margins,
      width,
      height,
      x: { domain: [0, most > 0 ? most : 1] },
      // Bars stand by their number: two methods may carry the same name.
      y: { type: 'band', domain: figure.bars.map((_, index) => index), padding: 0.25, axis: null },
      marks: marksOf(drawing, figure.bars),
    },
    { x: 0, y: frameTop },
  );
  const frame = { width, height: frameTop + height, title: figure.title, subtitle: figure.xLabel };
  return writeSvg(drawing, frame, [chart]);
}

function marksOf({ plots }: Drawing, bars: readonly Bar[]): Markish[] {
  const rows = bars.map((bar, row) => ({ ...bar, row }));
  return [
    plots.gridX({ ticks: 5, strokeOpacity: 0.12 }),
    plots.axisX({ ticks: 5, label: null, tickSize: 4 }),
    plots.barX(rows, {
      x: 'value',
      y: 'row',
      fill: (bar: Bar) => (bar.highlighted ? palette.curve : palette.refused),
      title: (bar: Bar) => printable(`${bar.label}: ${bar.value.toFixed(2)}`),
    }),
    plots.ruleX([0], { strokeOpacity: 0.5 }),
    ...[true, false].flatMap((highlighted) =>
      labels(
        plots,
        rows.filter((bar) => bar.highlighted === highlighted),
        highlighted ? 600 : 400,
      ),
    ),
  ];
}

/** The method's name before a bar, and the value behind it. */
function labels(
  plots: Drawing['plots'],
  rows: readonly (Bar & { readonly row: number })[],
  fontWeight: number,
): Markish[] {
  return [
    plots.text(rows, {
      x: 'value',
      y: 'row',
      text: (bar: Bar) => bar.value.toFixed(1),
      textAnchor: 'start',
      dx: 6,
      fontSize: 11,
      fontWeight,
    }),
    plots.text(rows, {
      frameAnchor: 'left',
      y: 'row',
      text: (bar: Bar) => printable(bar.label),
      textAnchor: 'end',
      dx: -8,
      fontSize: 12,
      fontWeight,
      // In ems: the left margin, less room for fonts wider than Plot takes them to be.
      lineWidth: 15,
      textOverflow: 'ellipsis',
    }),
  ];
}
