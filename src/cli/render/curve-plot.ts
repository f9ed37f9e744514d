import {
  describeFlops,
  describeForecast,
  type ForecastPanel,
  forecastFlops,
  hasLogarithm,
  isRefusedPoint,
  logAxis,
  panelName,
  points,
  printable,
  shorten,
  tickLabel,
} from '../../report/index.ts';
import { createPlotGrid, type PlotGrid, putLine } from './curve-plot-grid.ts';
import { type Ink, inInk } from './ink.ts';

// By hand: the libraries for terminals draw series at equal steps (asciichart) or bars, none has bands on a log axis.

export type ForecastPlotOptions = {
  /** Characters a line, and lines; at least 40 × 12 are used. */
  readonly width: number;
  readonly height: number;
  /** Whether the terminal shows colours; without, the text has no escape sequences. */
  readonly color: boolean;
};

/** Where a panel's values stand on the canvas: columns from the left and rows from the top, both from 0. */
type Scale = {
  readonly columns: number;
  readonly rows: number;
  readonly columnOf: (flops: number) => number;
  readonly flopsAt: (column: number) => number;
  readonly rowOf: (share: number) => number;
};

/** What stands left of the canvas: `100 ┤`. */
const labelWidth = 5;

/** One benchmark's forecast as text: a header, accuracy in points over training FLOPs, a legend. */
export function renderForecastPlot(panel: ForecastPanel, options: ForecastPlotOptions): string {
  const width = Math.max(40, options.width);
  const legend = legendLines(panel, width);
  const columns = width - labelWidth;
  const rows = Math.max(12, options.height) - 3 - legend.length;
  const axis = logAxis(forecastFlops(panel), Math.floor(columns / 10));
  const scale = scaleOf(axis, columns, rows);
  const grid = createPlotGrid(columns, rows);
  putBands(grid, scale, panel);
  putReferences(grid, scale, panel);
  putCurve(grid, scale, panel);
  putLadder(grid, scale, panel);
  putOutcome(grid, scale, panel);
  const quiet = (text: string): string => (options.color ? inInk(text, 'quiet') : text);
  return [
    header(panel, width),
    ...withLevels(grid.lines(options.color), scale).map(([level, line]) => quiet(level) + line),
    ...computeAxis(axis.ticks, scale).map(quiet),
    ...legend,
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}

/** Where the line is too short, the name is cut and not the verdict. */
function header(panel: ForecastPanel, width: number): string {
  const { verdict, method } = panel.forecast;
  const by = verdict === 'predictable' ? ` (${method})` : '';
  const measured = panel.measured === null ? '' : `, measured ${points(panel.measured)}`;
  const at = `at ${describeFlops(panel.target.flops)}`;
  const verdictText = printable(`: ${describeForecast(panel)}${by} ${at}${measured}`);
  const name = shorten(printable(panelName(panel)), Math.max(12, width - verdictText.length));
  return shorten(name + verdictText, width);
}

function scaleOf(
  axis: { readonly low: number; readonly high: number },
  columns: number,
  rows: number,
): Scale {
  const low = Math.log10(axis.low);
  const decadesPerColumn = (Math.log10(axis.high) - low) / (columns - 1);
  return {
    columns,
    rows,
    columnOf: (flops) => Math.round((Math.log10(flops) - low) / decadesPerColumn),
    flopsAt: (column) => 10 ** (low + column * decadesPerColumn),
    rowOf: (share) => (1 - Math.min(1, Math.max(0, share))) * (rows - 1),
  };
}

/** The 95 % band first: the 80 % band covers its middle. */
function putBands(grid: PlotGrid, scale: Scale, panel: ForecastPanel): void {
  for (const [level, glyph] of [
    ['0.95', '░'],
    ['0.8', '▒'],
  ] as const) {
    for (let column = 0; column < scale.columns; column += 1) {
      const flops = scale.flopsAt(column);
      const low = between(panel.curve, flops, (point) => point.intervals?.[level][0]);
      const high = between(panel.curve, flops, (point) => point.intervals?.[level][1]);
      if (low === null || high === null) continue;
      const ends = [scale.rowOf(high), scale.rowOf(low)] as const;
      const ink = isRefusedAt(panel, flops) ? 'quiet' : 'band';
      putColumn(grid, column, ends, { glyph, ink });
    }
  }
}

function putReferences(grid: PlotGrid, scale: Scale, panel: ForecastPanel): void {
  const chance = Math.round(scale.rowOf(panel.chance));
  for (let column = 0; column < scale.columns; column += 1) grid.put(column, chance, '┄', 'quiet');
  if (!hasLogarithm(panel.target.flops)) return;
  const target = scale.columnOf(panel.target.flops);
  for (let row = 0; row < scale.rows; row += 1) grid.put(target, row, '┊', 'quiet');
}

/** Dashed where it is no answer: grey alone would be lost without colours. */
function putCurve(grid: PlotGrid, scale: Scale, panel: ForecastPanel): void {
  const rowAt = (column: number, isRefused: boolean): number | null => {
    const flops = scale.flopsAt(column);
    if (isRefusedAt(panel, flops) !== isRefused) return null;
    const share = between(panel.curve, flops, (point) => point.accuracy);
    return share === null ? null : scale.rowOf(share);
  };
  const isDash = (column: number): boolean => Math.round(column / 2) % 2 === 0;
  const refused = (column: number): number | null => (isDash(column) ? rowAt(column, true) : null);
  putLine(grid, scale.columns, refused, 'quiet');
  putLine(grid, scale.columns, (column) => rowAt(column, false), 'curve');
}

/** Between two points of the curve, one of which is no answer, there is none. */
function isRefusedAt({ curve }: ForecastPanel, flops: number): boolean {
  const index = curve.findIndex((point) => point.flops >= flops);
  return [curve[index - 1], curve[index]].some(
    (point) => point !== undefined && isRefusedPoint(point),
  );
}

function putLadder(grid: PlotGrid, scale: Scale, panel: ForecastPanel): void {
  const rungs = panel.ladder.filter((rung) => hasLogarithm(rung.flops));
  const ink = inkOf(panel, 'plain');
  for (const { flops, accuracy, standardError } of rungs) {
    const error = standardError ?? 0;
    const ends = [scale.rowOf(accuracy + error), scale.rowOf(accuracy - error)] as const;
    putColumn(grid, scale.columnOf(flops), ends, { glyph: '│', ink });
  }
  // All points after all bars: a neighbour's bar must not hide a point.
  for (const { flops, accuracy } of rungs) {
    grid.put(scale.columnOf(flops), Math.round(scale.rowOf(accuracy)), '●', ink);
  }
}

/** The forecast with its bar on the target's line; what was measured right beside it, so that neither hides the other. */
function putOutcome(grid: PlotGrid, scale: Scale, panel: ForecastPanel): void {
  const { target, forecast, measured } = panel;
  if (!hasLogarithm(target.flops)) return;
  const column = scale.columnOf(target.flops);
  const ink = inkOf(panel, 'forecast');
  if (forecast.low !== null && forecast.high !== null) {
    const [top, bottom] = [scale.rowOf(forecast.high), scale.rowOf(forecast.low)];
    putColumn(grid, column, [top, bottom], { glyph: '┃', ink });
    grid.put(column, Math.round(top), '┳', ink);
    grid.put(column, Math.round(bottom), '┻', ink);
  }
  if (forecast.accuracy !== null) {
    grid.put(column, Math.round(scale.rowOf(forecast.accuracy)), '◆', ink);
  }
  if (measured !== null) {
    const beside = Math.min(column + 1, scale.columns - 1);
    grid.put(beside, Math.round(scale.rowOf(measured)), '✕', 'measured');
  }
}

/** Fills the rows from `top` to `bottom`, at least one. */
function putColumn(
  grid: PlotGrid,
  column: number,
  [top, bottom]: readonly [number, number],
  { glyph, ink }: { readonly glyph: string; readonly ink: Ink },
): void {
  for (let row = Math.round(top); row <= Math.round(bottom); row += 1) {
    grid.put(column, row, glyph, ink);
  }
}

function inkOf(panel: ForecastPanel, ink: Ink): Ink {
  return panel.forecast.verdict === 'predictable' ? ink : 'quiet';
}

type Point = ForecastPanel['curve'][number];

/** A curve's value at `flops`, linear over log FLOPs between its points; null outside and beside a missing value. */
function between(
  curve: readonly Point[],
  flops: number,
  valueOf: (point: Point) => number | null | undefined,
): number | null {
  const index = curve.findIndex((point) => point.flops >= flops);
  const [before, after] = [curve[index - 1], curve[index]];
  if (before === undefined || after === undefined || !hasLogarithm(before.flops)) return null;
  const [first, second] = [valueOf(before), valueOf(after)];
  if (first == null || second == null) return null;
  const part = Math.log(flops / before.flops) / Math.log(after.flops / before.flops);
  return first + part * (second - first);
}

/** The axis of accuracy before the canvas: 0, 25, … 100 at the rows nearest to them. */
function withLevels(
  lines: readonly string[],
  scale: Scale,
): readonly (readonly [string, string])[] {
  const levels = new Map(
    [0, 0.25, 0.5, 0.75, 1].map((share) => [Math.round(scale.rowOf(share)), points(share)]),
  );
  return lines.map((line, row) => {
    const level = levels.get(row);
    return [`${(level ?? '').padStart(labelWidth - 2)} ${level === undefined ? '│' : '┤'}`, line];
  });
}

/** The axis of compute below the canvas: a rule with ticks, and their labels. */
function computeAxis(ticks: readonly number[], scale: Scale): readonly [string, string] {
  const rule = Array.from({ length: scale.columns }, () => '─');
  let labels = '';
  for (const tick of ticks) {
    const column = scale.columnOf(tick);
    rule[column] = '┬';
    const label = tickLabel(tick);
    const start = Math.min(
      labelWidth + column - Math.floor(label.length / 2),
      labelWidth + scale.columns - label.length,
    );
    // Labels are kept a space apart; one that finds no room is left out.
    if (labels === '' || start > labels.length) labels = labels.padEnd(start) + label;
  }
  return [`${' '.repeat(labelWidth - 1)}└${rule.join('')}`, labels];
}

/** Entries only for what the panel shows, as many a line as fit. */
function legendLines(panel: ForecastPanel, width: number): readonly string[] {
  const hasBand = panel.curve.some((point) => point.intervals !== null);
  const hasCurve = panel.curve.some((point) => point.accuracy !== null);
  const entries = [
    ...(panel.ladder.length > 0 ? ['● ladder ± SE'] : []),
    ...(hasCurve ? ['⠒ law, forecast beyond ladder'] : []),
    ...(hasCurve && panel.curve.some(isRefusedPoint) ? ['dashed: not predictable'] : []),
    ...(hasBand ? ['▒ 80% ░ 95%'] : []),
    ...(panel.forecast.accuracy === null ? [] : ['◆ forecast']),
    ...(panel.measured === null ? [] : ['✕ measured']),
    '┄ chance',
    '┊ target',
  ];
  const lines = [''];
  for (const entry of entries) {
    const last = lines.at(-1) ?? '';
    if (last === '') lines[lines.length - 1] = entry;
    else if (last.length + 2 + entry.length <= width) lines[lines.length - 1] = `${last}  ${entry}`;
    else lines.push(entry);
  }
  return lines;
}
