import * as Plot from '@observablehq/plot';
import { type ReactElement, useCallback } from 'react';
import type { Clusters } from '../../../../src/wire/index.ts';
import { type Palette, PlotFigure } from '../../charts/index.ts';
import { points } from '../../format/index.ts';

type SubsetMap = NonNullable<Clusters['map']>;

/** From the accuracy on the questions that were extrapolated to that on all of them. */
export function MapChart(props: { readonly task: string; readonly map: SubsetMap }): ReactElement {
  const { task, map } = props;
  const draw = useCallback(
    (palette: Palette): Plot.PlotOptions => ({
      x: { label: 'on the extrapolated questions', domain: [0, 100], ticks: 5 },
      y: { label: 'on all questions', domain: [0, 100], grid: true, ticks: 5 },
      marks: [
        Plot.line(
          [
            [0, 0],
            [100, 100],
          ],
          { stroke: palette.line },
        ),
        Plot.line(map.curve, {
          x: ({ subset }: Place) => 100 * subset,
          y: ({ full }: Place) => 100 * full,
          stroke: palette.forecast,
          strokeWidth: 1.8,
        }),
        Plot.dot(map.points, {
          x: ({ subset }: Place) => 100 * subset,
          y: ({ full }: Place) => 100 * full,
          r: 3.2,
          fill: palette.measured,
        }),
      ],
    }),
    [map],
  );
  return (
    <PlotFigure
      title={`Map to the full set of ${task}`}
      heading="Map to the full set"
      note={`off by ${points(map.rmse)} (root mean square)`}
      summary={`${map.points.length} points; the curve is off by ${points(map.rmse)} points, root mean square.`}
      legend={[
        { label: 'known', color: 'var(--measured)', mark: 'dot' },
        { label: 'map', color: 'var(--forecast)', mark: 'line' },
      ]}
      height={260}
      points={map.points.map(({ subset, full, label, kind }) => ({
        x: 100 * subset,
        y: 100 * full,
        series: 'known',
        text: `${label} (${kind})\n${points(subset)} → ${points(full)}`,
      }))}
      table={{
        columns: ['kind', 'label', 'extrapolated questions', 'all questions'],
        rows: [
          ...map.points.map(({ kind, label, subset, full }) => [kind, label, subset, full]),
          ...map.curve.map(({ subset, full }) => ['curve', null, subset, full]),
        ],
      }}
      draw={draw}
    />
  );
}

type Place = { readonly subset: number; readonly full: number };
