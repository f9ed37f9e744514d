import {
  describeReliability,
  printable,
  type ReliabilityBin,
  type ReliabilityFigure,
  shorten,
} from '../../report/index.ts';
import { createPlotGrid, type PlotGrid, putLine } from './curve-plot-grid.ts';
import { type Ink, inInk } from './ink.ts';
import { points } from './format.ts';

export type ReliabilityPlotOptions = {
  /** Characters a line, and lines; at least 40 × 14 are used. */
  readonly width: number;
  readonly height: number;
  /** Whether the terminal shows colours; without, the text has no escape sequences. */
  readonly color: boolean;
};

/** Where shares stand on the canvas: columns from the left, rows from the top. */
type Scale = {
  readonly columns: number;
  readonly rows: number;
  readonly columnOf: (share: number) => number;
  readonly rowOf: (share: number) => number;
};

/** What stands left of the canvas: `100 ┤`. */
const labelWidth = 5;
/** Title, numbers, the axis and its labels, the legend. */
const otherLines = 5;
/** Wider ones are no easier to read. */
const mostColumns = 72;

const levels = [0, 0.25, 0.5, 0.75, 1];

/** A reliability diagram as text: measured over predicted points, with intervals and the diagonal. */
export function renderReliability(
  figure: ReliabilityFigure,
  options: ReliabilityPlotOptions,
): string {
  const width = Math.max(40, options.width);
  const scale = scaleOf(
    Math.min(mostColumns, width - labelWidth),
    Math.max(14, options.height) - otherLines,
  );
  const grid = createPlotGrid(scale.columns, scale.rows);
  const diagonal = (column: number): number => scale.rowOf(column / (scale.columns - 1));
  putLine(grid, scale.columns, diagonal, 'quiet');
  putBins(grid, scale, figure.bins);
  const quiet = (text: string): string => (options.color ? inInk(text, 'quiet') : text);
  return [
    shorten(printable(figure.title), width),
    shorten(describeReliability(figure), width),
    ...grid.lines(options.color).map((line, row) => quiet(levelAt(scale, row)) + line),
    ...predictedAxis(scale).map(quiet),
    shorten('● measured (%) over predicted (%)  │ interval  ⠒ as predicted', width),
  ]
    .map((line) => line.trimEnd())
    .join('\n');
}

function scaleOf(columns: number, rows: number): Scale {
  const within = (share: number): number => Math.min(1, Math.max(0, share));
  return {
    columns,
    rows,
    columnOf: (share) => Math.round(within(share) * (columns - 1)),
    rowOf: (share) => (1 - within(share)) * (rows - 1),
  };
}

/** All points after all intervals: a neighbour's interval must not hide a point. */
function putBins(grid: PlotGrid, scale: Scale, bins: readonly ReliabilityBin[]): void {
  const put = (bin: ReliabilityBin, share: number, [glyph, ink]: readonly [string, Ink]): void => {
    grid.put(scale.columnOf(bin.predicted), Math.round(scale.rowOf(share)), glyph, ink);
  };
  for (const bin of bins) {
    const [top, bottom] = [Math.round(scale.rowOf(bin.high)), Math.round(scale.rowOf(bin.low))];
    for (let row = top; row <= bottom; row += 1) {
      grid.put(scale.columnOf(bin.predicted), row, '│', 'band');
    }
  }
  for (const bin of bins) put(bin, bin.measured, ['●', 'forecast']);
}

function levelAt(scale: Scale, row: number): string {
  const level = levels.find((share) => Math.round(scale.rowOf(share)) === row);
  const label = level === undefined ? '' : points(level, 0);
  return `${label.padStart(labelWidth - 2)} ${level === undefined ? '│' : '┤'}`;
}

/** The axis below the canvas: a rule with ticks, and their labels. */
function predictedAxis(scale: Scale): readonly [string, string] {
  const rule = Array.from({ length: scale.columns }, () => '─');
  let labels = '';
  for (const level of levels) {
    const column = scale.columnOf(level);
    rule[column] = '┬';
    const label = points(level, 0);
    const start = Math.min(
      labelWidth + column - Math.floor(label.length / 2),
      labelWidth + scale.columns - label.length,
    );
    labels = labels.padEnd(start) + label;
  }
  return [`${' '.repeat(labelWidth - 1)}└${rule.join('')}`, labels];
}
