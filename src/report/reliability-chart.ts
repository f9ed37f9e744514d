import type { Markish } from '@observablehq/plot';
import { percent, percentAxis } from './axes.ts';
import { type Drawing, frameTop, startDrawing, writeSvg } from './drawing.ts';
import { dotSymbol, drawLegend, type LegendEntry, lineSymbol } from './legend.ts';
import { palette } from './palette.ts';

/** Questions of like predictions together, and what they came to. Shares are 0 to 1. */
export type ReliabilityBin = {
  /** Mean predicted probability. */
  readonly predicted: number;
  /** Mean measured rate, and the interval around it. */
  readonly measured: number;
  readonly low: number;
  readonly high: number;
  /** Questions in the bin, at least 1. */
  readonly count: number;
};

/** A reliability diagram; what could not be computed is null. */
export type ReliabilityFigure = {
  readonly title: string;
  readonly bins: readonly ReliabilityBin[];
  /** Of measured on predicted log-odds; 1 and 0 where predictions are calibrated. */
  readonly slope: number | null;
  readonly intercept: number | null;
  /** Expected calibration error, 0 to 1. */
  readonly ece: number | null;
};

/** The line below the title: slope, intercept, expected calibration error, questions. */
export function describeReliability({
  bins,
  slope,
  intercept,
  ece,
}: Omit<ReliabilityFigure, 'title'>): string {
  const digits = (value: number | null): string => value?.toFixed(2).replace('-', '−') ?? '–';
  const error = ece === null ? '–' : `${(100 * ece).toFixed(1)} points`;
  const questions = bins.reduce((sum, { count }) => sum + count, 0);
  return `slope ${digits(slope)}, intercept ${digits(intercept)}, ECE ${error}, ${questions} question${questions === 1 ? '' : 's'}`;
}

const size = 480;
const edge = 16;

/** Measured over predicted with intervals, the diagonal (dashed), and dots by the number of questions, as a standalone
 *  SVG file. */
export async function reliabilitySvg(figure: ReliabilityFigure): Promise<string> {
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
      height: size - 24,
      marginTop: 24,
      marginRight: 24,
      marginBottom: 44,
      marginLeft: 52,
      x: { domain: [0, 100] },
      y: { domain: [0, 100] },
      // Radii are set in pixels by `radiusOf`.
      r: { type: 'identity' },
      marks: marksOf(drawing, figure.bins),
    },
    { x: 0, y: top },
  );
  const frame = {
    width: size,
    height: top + size - 24,
    title: figure.title,
    subtitle: describeReliability(figure),
  };
  return writeSvg(drawing, frame, [legend.element, chart]);
}

const legendEntries: readonly LegendEntry[] = [
  { symbol: dotSymbol(palette.curve), label: 'questions of like predictions, interval' },
  {
    symbol: lineSymbol(palette.quiet, { 'stroke-dasharray': '5 4', 'stroke-width': 1 }),
    label: 'as predicted',
  },
];

function marksOf({ plots }: Drawing, bins: readonly ReliabilityBin[]): Markish[] {
  const most = bins.reduce((highest, { count }) => Math.max(highest, count), 1);
  const x = (bin: ReliabilityBin): number => percent(bin.predicted);
  return [
    ...percentAxis(plots),
    plots.axisX([0, 25, 50, 75, 100], { label: null, tickSize: 4, tickFormat: String }),
    plots.ruleY([0], { strokeOpacity: 0.5 }),
    plots.lineY([0, 100], { x: [0, 100], stroke: palette.quiet, strokeDasharray: '5 4' }),
    plots.ruleX(bins, {
      x,
      y1: (bin: ReliabilityBin) => percent(bin.low),
      y2: (bin: ReliabilityBin) => percent(bin.high),
      stroke: palette.curve,
      strokeWidth: 1.5,
    }),
    plots.dot(bins, {
      x,
      y: (bin: ReliabilityBin) => percent(bin.measured),
      r: (bin: ReliabilityBin) => radiusOf(bin.count / most),
      fill: palette.curve,
      stroke: palette.ground,
      strokeWidth: 0.7,
      title: describeBin,
    }),
    plots.text(['measured (%)'], {
      frameAnchor: 'top-left',
      dx: -40,
      dy: -18,
      textAnchor: 'start',
    }),
    plots.text(['predicted (%)'], { frameAnchor: 'bottom-right', dy: 34, textAnchor: 'end' }),
  ];
}

/** Pixels; the area grows with the share of the fullest bin, and the smallest can still be seen. */
function radiusOf(share: number): number {
  return Math.max(2, 6 * Math.sqrt(share));
}

function describeBin({ predicted, measured, low, high, count }: ReliabilityBin): string {
  const [at, found, from, to] = [predicted, measured, low, high].map((share) =>
    percent(share).toFixed(1),
  );
  return `${count} questions: predicted ${at ?? ''}, measured ${found ?? ''} [${from ?? ''}, ${to ?? ''}]`;
}
