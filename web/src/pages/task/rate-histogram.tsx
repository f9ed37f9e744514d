import * as Plot from '@observablehq/plot';
import { type ReactElement, useCallback, useMemo } from 'react';
import type { ItemMatrix } from '../../../../src/wire/index.ts';
import { type Palette, PlotFigure } from '../../charts/index.ts';
import { withinRun } from '../../format/index.ts';
import { columnValues } from './matrix.ts';

const bins = 20;

type Bar = {
  readonly kind: 'measured' | 'predicted';
  readonly low: number;
  readonly high: number;
  readonly count: number;
};

/** How the rates of a checkpoint's questions are spread: many at the ends are solved or out of reach, the middle moves. */
export function RateHistogram(props: {
  readonly matrix: ItemMatrix;
  readonly column: number;
}): ReactElement {
  const { matrix, column } = props;
  const measured = useMemo(() => countBins(matrix, column, 'measured'), [matrix, column]);
  const predicted = useMemo(() => countBins(matrix, column, 'predicted'), [matrix, column]);
  const draw = useCallback(
    (palette: Palette): Plot.PlotOptions => ({
      x: { label: 'rate in points', domain: [0, 100], ticks: 6 },
      y: { label: 'questions', grid: true, ticks: 5 },
      marks: [
        Plot.rectY(measured, {
          x1: 'low',
          x2: 'high',
          y: 'count',
          fill: palette.measured,
          fillOpacity: 0.55,
          insetLeft: 1,
        }),
        Plot.rectY(predicted, {
          x1: 'low',
          x2: 'high',
          y: 'count',
          fill: 'none',
          stroke: palette.probed,
          strokeWidth: 1.6,
          insetLeft: 1,
        }),
        Plot.ruleY([0], { stroke: palette.line }),
      ],
    }),
    [measured, predicted],
  );
  const at = withinRun(matrix.checkpoints[column]?.checkpoint ?? '');
  const bars = [...measured, ...predicted];
  return (
    <PlotFigure
      title={`Rates of ${matrix.task} at ${at}`}
      heading={`At ${at}`}
      summary={`${sum(measured)} questions measured, ${sum(predicted)} predicted.`}
      legend={[
        ...(measured.length === 0
          ? []
          : [{ label: 'measured', color: 'var(--measured)', mark: 'square' as const }]),
        ...(predicted.length === 0
          ? []
          : [
              {
                label: `predicted by ${matrix.probe ?? 'a probe'}`,
                color: 'var(--probed)',
                mark: 'line' as const,
              },
            ]),
      ]}
      height={230}
      points={bars.map(({ kind, low, high, count }) => ({
        x: (low + high) / 2,
        y: count,
        series: kind,
        text: `${kind} ${low} … ${high} points\n${count} questions`,
      }))}
      table={{
        columns: ['kind', 'from points', 'to points', 'questions'],
        rows: bars.map(({ kind, low, high, count }) => [kind, low, high, count]),
      }}
      draw={draw}
    />
  );
}

/** Empty where nothing is known. */
function countBins(matrix: ItemMatrix, column: number, kind: Bar['kind']): Bar[] {
  const values = columnValues(matrix, column, kind);
  if (values.length === 0) return [];
  const counts = Array<number>(bins).fill(0);
  for (const value of values) {
    const bin = Math.min(Math.floor(value * bins), bins - 1);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const width = 100 / bins;
  return counts.map((count, bin) => ({ kind, low: bin * width, high: (bin + 1) * width, count }));
}

function sum(bars: readonly Bar[]): string {
  return String(bars.reduce((total, { count }) => total + count, 0));
}
