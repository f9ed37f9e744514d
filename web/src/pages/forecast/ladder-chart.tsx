import * as Plot from '@observablehq/plot';
import { type ReactElement, useCallback } from 'react';
import type { ForecastDetail, ForecastedBenchmark } from '../../../../src/wire/index.ts';
import { type Palette, PlotFigure } from '../../charts/index.ts';
import { flops, flopsTick, interval, points } from '../../format/index.ts';

type Rung = {
  readonly flops: number;
  readonly y: number;
  readonly low: number;
  readonly high: number;
};

/** The ladder's models, and the forecast at the target's compute. */
export function LadderChart(props: {
  readonly benchmark: ForecastedBenchmark;
  readonly forecast: ForecastDetail;
}): ReactElement {
  const { benchmark, forecast } = props;
  const { task, ladder, methods } = benchmark;
  const target = forecast.target?.flops ?? null;
  const chosen = methods.find(({ method }) => method === 'chosen');
  const truth = forecast.tasks.find((one) => one.task === task)?.measured ?? null;
  const draw = useCallback(
    (palette: Palette): Plot.PlotOptions => {
      const rungs = ladder.map(
        ({ flops: at, accuracy, standardError }): Rung => ({
          flops: at,
          y: 100 * accuracy,
          low: 100 * (accuracy - 1.96 * (standardError ?? 0)),
          high: 100 * (accuracy + 1.96 * (standardError ?? 0)),
        }),
      );
      const color = chosen?.verdict === 'predictable' ? palette.forecast : palette.refused;
      return {
        x: { type: 'log', label: 'training FLOPs', ticks: 5, tickFormat: flopsTick },
        y: { label: 'points', domain: [0, 100], grid: true, ticks: 5 },
        marks: [
          ...(benchmark.chance === null || benchmark.chance === 0
            ? []
            : [
                Plot.ruleY([100 * benchmark.chance], {
                  stroke: palette.baseline,
                  strokeDasharray: '1 3',
                }),
              ]),
          Plot.ruleX(rungs, { x: 'flops', y1: 'low', y2: 'high', stroke: palette.measured }),
          Plot.line(rungs, { x: 'flops', y: 'y', stroke: palette.measured, strokeOpacity: 0.5 }),
          Plot.dot(rungs, { x: 'flops', y: 'y', r: 3.4, fill: palette.measured }),
          ...(target === null || chosen?.accuracy == null
            ? []
            : forecastMarks({ target, chosen, color })),
          ...(target === null || truth === null
            ? []
            : [
                Plot.dot([truth], {
                  x: target,
                  y: 100 * truth,
                  r: 5,
                  stroke: palette.measured,
                  strokeWidth: 2,
                }),
              ]),
        ],
      };
    },
    [ladder, chosen, truth, target, benchmark.chance],
  );
  return (
    <PlotFigure
      title={`Ladder and target of ${task}`}
      heading="Ladder and target"
      summary={`${ladder.length} models from ${points(ladder[0]?.accuracy ?? null)} to ${points(ladder.at(-1)?.accuracy ?? null)}; the forecast at ${flops(target)} FLOPs is ${points(chosen?.accuracy ?? null)}, ${interval(chosen?.low ?? null, chosen?.high ?? null)}.`}
      legend={[
        { label: 'measured', color: 'var(--measured)', mark: 'dot' },
        {
          label: 'forecast, 80 and 95 %',
          color: chosen?.verdict === 'predictable' ? 'var(--forecast)' : 'var(--refused)',
          mark: 'line',
        },
        ...(truth === null
          ? []
          : [{ label: 'the truth', color: 'var(--measured)', mark: 'ring' as const }]),
      ]}
      height={260}
      points={[
        ...ladder.map(({ checkpoint, flops: at, accuracy }) => ({
          x: at,
          y: 100 * accuracy,
          series: 'ladder',
          text: `${checkpoint}\n${points(accuracy)} at ${flops(at)} FLOPs`,
        })),
        ...(target === null || chosen?.accuracy == null
          ? []
          : [
              {
                x: target,
                y: 100 * chosen.accuracy,
                series: 'forecast',
                text: `forecast ${points(chosen.accuracy)}\n${interval(chosen.low, chosen.high)}`,
              },
            ]),
      ]}
      table={{
        columns: ['kind', 'checkpoint', 'flops', 'accuracy', 'low', 'high'],
        rows: [
          ...ladder.map(({ checkpoint, flops: at, accuracy }) => [
            'measured',
            checkpoint,
            at,
            accuracy,
            null,
            null,
          ]),
          [
            'forecast',
            forecast.target?.checkpoint ?? null,
            target,
            chosen?.accuracy ?? null,
            chosen?.low ?? null,
            chosen?.high ?? null,
          ],
          ['truth', forecast.target?.checkpoint ?? null, target, truth, null, null],
        ],
      }}
      draw={draw}
    />
  );
}

function forecastMarks(props: {
  readonly target: number;
  readonly chosen: ForecastedBenchmark['methods'][number];
  readonly color: string;
}): Plot.Markish[] {
  const { target, chosen, color } = props;
  const bars = (
    [
      ['0.95', 2],
      ['0.8', 5],
    ] as const
  ).flatMap(([level, width]) => {
    const [low, high] = chosen.intervals?.[level] ?? [null, null];
    return low === null ? [] : [{ low: 100 * low, high: 100 * high, width }];
  });
  return [
    ...bars.map(({ low, high, width }) =>
      Plot.ruleX([target], {
        y1: low,
        y2: high,
        stroke: color,
        strokeWidth: width,
        strokeOpacity: 0.7,
      }),
    ),
    Plot.dot([target], {
      x: target,
      y: 100 * (chosen.accuracy ?? 0),
      symbol: 'diamond',
      r: 6,
      fill: color,
    }),
  ];
}
