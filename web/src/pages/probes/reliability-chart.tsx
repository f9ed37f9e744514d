import * as Plot from '@observablehq/plot';
import { type ReactElement, useCallback } from 'react';
import type { ProbeDetail } from '../../../../src/wire/index.ts';
import { type Palette, PlotFigure } from '../../charts/index.ts';
import { howMany, interval, plain, points } from '../../format/index.ts';

/** Of questions with a predicted p, how many answers are right. */
export function ReliabilityChart({ probe }: { readonly probe: ProbeDetail }): ReactElement {
  const { reliability } = probe;
  const bins = reliability?.bins;
  const draw = useCallback(
    (palette: Palette): Plot.PlotOptions => {
      const dots = (bins ?? []).map((bin) => ({
        x: 100 * bin.predicted,
        y: 100 * bin.measured,
        low: 100 * bin.low,
        high: 100 * bin.high,
        count: bin.count,
      }));
      return {
        x: { label: 'predicted', domain: [0, 100], ticks: 5 },
        y: { label: 'measured', domain: [0, 100], grid: true, ticks: 5 },
        r: { range: [2, 7] },
        marks: [
          Plot.line(
            [
              [0, 0],
              [100, 100],
            ],
            { stroke: palette.quiet, strokeDasharray: '3 3' },
          ),
          Plot.ruleX(dots, {
            x: 'x',
            y1: 'low',
            y2: 'high',
            stroke: palette.probed,
            strokeWidth: 1.5,
          }),
          Plot.dot(dots, { x: 'x', y: 'y', r: 'count', fill: palette.probed }),
        ],
      };
    },
    [bins],
  );
  if (reliability === null || bins === undefined) {
    return <p className="loading">Too few predictions have an outcome yet.</p>;
  }
  return (
    <PlotFigure
      title={`Reliability of ${probe.name}`}
      heading="Predicted against measured"
      note={`error ${points(reliability.debiasedError)}, slope ${plain(reliability.slope, 2)}`}
      summary={`Calibration error ${points(reliability.debiasedError)} points (${points(reliability.error)} with its bias), slope ${plain(reliability.slope, 2)}, intercept ${plain(reliability.intercept, 2)}.`}
      legend={[
        { label: 'questions, 90 % interval', color: 'var(--probed)', mark: 'dot' },
        { label: 'as it should be', color: 'var(--quiet)', mark: 'dash' },
      ]}
      height={300}
      points={bins.map((bin) => ({
        x: 100 * bin.predicted,
        y: 100 * bin.measured,
        series: 'bins',
        text: `predicted ${points(bin.predicted)}, measured ${points(bin.measured)}\n${interval(bin.low, bin.high)}, ${howMany(bin.count, 'question')}`,
      }))}
      table={{
        columns: ['predicted', 'measured', 'low', 'high', 'questions'],
        rows: bins.map((bin) => [bin.predicted, bin.measured, bin.low, bin.high, bin.count]),
      }}
      draw={draw}
    />
  );
}
