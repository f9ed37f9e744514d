import type { Markish } from '@observablehq/plot';
import { computeAxis, percent, percentAxis, percentOrGap } from './axes.ts';
import type { Drawing, SvgElement } from './drawing.ts';
import {
  describeForecast,
  describeRung,
  type CurvePoint,
  curvePieces,
  type ForecastPanel,
  forecastFlops,
  panelName,
  points,
} from './forecast-panel.ts';
import { hasLogarithm, logAxis } from './log-axis.ts';
import { palette } from './palette.ts';
import { printable } from './printable.ts';

type Place = {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
};

const margins = { marginTop: 44, marginRight: 14, marginBottom: 28, marginLeft: 36 };

/** One panel: header, ladder, curve with its bands, target and forecast. A refused forecast is drawn in grey. */
export function drawForecastPanel(
  drawing: Drawing,
  panel: ForecastPanel,
  { x, y, width, height }: Place,
): SvgElement {
  const axis = logAxis(forecastFlops(panel), Math.floor(width / 62));
  const marks = [
    ...percentAxis(drawing.plots),
    ...computeAxis(drawing.plots, axis.ticks),
    ...bands(drawing, panel),
    ...references(drawing, panel),
    ...evidence(drawing, panel),
    ...outcome(drawing, panel),
    ...header(drawing, panel, width),
  ];
  const options = {
    ...margins,
    width,
    height,
    marks,
    x: { type: 'log' as const, domain: [axis.low, axis.high] },
    y: { domain: [0, 100] },
  };
  return drawing.chart(options, { x, y });
}

function bands({ plots }: Drawing, panel: ForecastPanel): readonly Markish[] {
  return (['0.95', '0.8'] as const).flatMap((level) =>
    drawnPieces(panel).map(({ isRefused: isGrey, points }) =>
      plots.areaY(points, {
        x: (point: CurvePoint) => point.flops,
        y1: (point: CurvePoint) => percentOrGap(point.intervals?.[level][0]),
        y2: (point: CurvePoint) => percentOrGap(point.intervals?.[level][1]),
        fill: isGrey ? palette.refused : palette.curve,
        fillOpacity: bandOpacity[level],
      }),
    ),
  );
}

function drawnPieces({ curve }: ForecastPanel): ReturnType<typeof curvePieces> {
  return curvePieces(curve.filter((point) => hasLogarithm(point.flops)));
}

type Rung = ForecastPanel['ladder'][number];

/** The 80 % band lies on the 95 % band: the eye sees the sum of the two. */
export const bandOpacity = { '0.95': 0.14, '0.8': 0.2 } as const;

function references({ plots }: Drawing, panel: ForecastPanel): readonly Markish[] {
  const targets = [panel.target].filter((target) => hasLogarithm(target.flops));
  return [
    plots.ruleY([percent(panel.chance)], { stroke: palette.quiet, strokeDasharray: '5 4' }),
    plots.ruleX(targets, { x: 'flops', stroke: palette.quiet, strokeWidth: 1 }),
  ];
}

function evidence({ plots }: Drawing, panel: ForecastPanel): readonly Markish[] {
  const rungs = panel.ladder.filter((rung) => hasLogarithm(rung.flops));
  const stroke = isRefused(panel) ? palette.refused : palette.ink;
  return [
    ...drawnPieces(panel).map(({ isRefused: isGrey, points }) =>
      plots.lineY(points, {
        x: (point: CurvePoint) => point.flops,
        y: (point: CurvePoint) => percentOrGap(point.accuracy),
        stroke: isGrey ? palette.refused : palette.curve,
        strokeWidth: 2,
      }),
    ),
    plots.ruleX(
      rungs.filter((rung) => rung.standardError !== null),
      {
        x: (rung: Rung) => rung.flops,
        y1: (rung: Rung) => percent(rung.accuracy - (rung.standardError ?? 0)),
        y2: (rung: Rung) => percent(rung.accuracy + (rung.standardError ?? 0)),
        stroke,
      },
    ),
    plots.dot(rungs, {
      x: (rung: Rung) => rung.flops,
      y: (rung: Rung) => percent(rung.accuracy),
      r: 3,
      fill: stroke,
      title: (rung: Rung) => printable(describeRung(rung)),
    }),
  ];
}

/** The forecast at the target with its interval, and over it what was measured. */
function outcome(drawing: Drawing, panel: ForecastPanel): readonly Markish[] {
  const { forecast, target, measured } = panel;
  if (!hasLogarithm(target.flops)) return [];
  const at = { x: (): number => target.flops, y: percent };
  const { plots } = drawing;
  return [
    ...interval(drawing, panel),
    plots.dot(known(forecast.accuracy), {
      ...at,
      symbol: 'diamond',
      r: 5,
      fill: curveColour(panel),
      stroke: palette.ground,
      title: () => `forecast: ${describeForecast(panel)}`,
    }),
    plots.dot(known(measured), {
      ...at,
      symbol: 'times',
      r: 4.5,
      stroke: palette.measured,
      strokeWidth: 2,
      title: (share: number) => `measured: ${points(share)}`,
    }),
  ];
}

/** A bar from `low` to `high` with caps. Plot's own markers carry ids that count on from picture to picture. */
function interval({ plots }: Drawing, panel: ForecastPanel): readonly Markish[] {
  const { low, high } = panel.forecast;
  if (low === null || high === null) return [];
  const look = { x: () => panel.target.flops, stroke: curveColour(panel), strokeWidth: 2 };
  const cap = {
    draw: (path: { moveTo(x: number, y: number): void; lineTo(x: number, y: number): void }) => {
      path.moveTo(-5, 0);
      path.lineTo(5, 0);
    },
  };
  return [
    plots.ruleX([panel], { ...look, y1: percent(low), y2: percent(high) }),
    plots.vector([low, high], { ...look, y: percent, shape: cap, anchor: 'start', length: 10 }),
  ];
}

function header({ plots }: Drawing, panel: ForecastPanel, width: number): readonly Markish[] {
  const [name, verdict] = headerLines(panel).map(printable);
  const line = {
    frameAnchor: 'top-left' as const,
    dx: 4 - margins.marginLeft,
    fontSize: 12,
    // In ems; four are kept free for fonts that are wider than Plot takes them to be.
    lineWidth: width / 12 - 4,
    textOverflow: 'ellipsis' as const,
  };
  const fill = isRefused(panel) ? palette.quiet : palette.ink;
  return [
    plots.text([name], { ...line, dy: -40, fontWeight: 600, fill }),
    plots.text([verdict], { ...line, dy: -25, fill: isRefused(panel) ? fill : palette.curve }),
  ];
}

function headerLines(panel: ForecastPanel): readonly [string, string] {
  const measured = panel.measured === null ? '' : `, measured ${points(panel.measured)}`;
  const method = isRefused(panel) ? '' : ` (${panel.forecast.method})`;
  return [panelName(panel), `${describeForecast(panel)}${measured}${method}`];
}

function isRefused(panel: ForecastPanel): boolean {
  return panel.forecast.verdict === 'not-predictable';
}

function curveColour(panel: ForecastPanel): string {
  return isRefused(panel) ? palette.refused : palette.curve;
}

function known(share: number | null): readonly number[] {
  return share === null ? [] : [share];
}
