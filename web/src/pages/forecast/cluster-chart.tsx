import * as Plot from '@observablehq/plot';
import { type ReactElement, useCallback, useMemo } from 'react';
import type { Clusters } from '../../../../src/wire/index.ts';
import { type LegendEntry, type Palette, PlotFigure, usePalette } from '../../charts/index.ts';
import { flops, flopsTick, howMany } from '../../format/index.ts';
import { clusterHue } from './cluster-hue.ts';

type Dot = { readonly flops: number; readonly y: number; readonly cluster: number };

/** Questions that are learned alike, and the law of each. */
export function ClusterChart(props: {
  readonly task: string;
  readonly clusters: Clusters;
}): ReactElement {
  const { task, clusters } = props;
  const palette = usePalette();
  const dots = useMemo(() => dotsOf(clusters, 'points'), [clusters]);
  const laws = useMemo(() => dotsOf(clusters, 'law'), [clusters]);
  const draw = useCallback(
    (colors: Palette): Plot.PlotOptions => {
      const color = ({ cluster }: Dot): string => clusterHue(clusters, cluster, colors);
      return {
        x: { type: 'log', label: 'training FLOPs', ticks: 5, tickFormat: flopsTick },
        y: { label: 'points', domain: [0, 100], grid: true, ticks: 5 },
        marks: [
          Plot.line(laws, { x: 'flops', y: 'y', z: 'cluster', stroke: color, strokeWidth: 1.6 }),
          Plot.dot(dots, { x: 'flops', y: 'y', r: 3, fill: color }),
        ],
      };
    },
    [clusters, dots, laws],
  );
  return (
    <PlotFigure
      title={`Clusters of ${task} and their laws`}
      heading="Clusters and their laws"
      summary={clusters.clusters
        .map(
          ({ size, state, reason }, index) =>
            `Cluster ${index + 1}: ${howMany(Math.round(size), 'question')}, ${state}${reason === null ? '' : `, ${reason}`}.`,
        )
        .join(' ')}
      legend={legendOf(clusters, palette)}
      height={260}
      points={dots.map(({ flops: at, y, cluster }) => ({
        x: at,
        y,
        series: `cluster ${cluster + 1}`,
        text: `cluster ${cluster + 1}\n${y.toFixed(1)} at ${flops(at)} FLOPs`,
      }))}
      table={{
        columns: ['cluster', 'state', 'kind', 'flops', 'points'],
        rows: [
          ...dots.map(({ flops: at, y, cluster }) => [
            cluster + 1,
            clusters.clusters[cluster]?.state ?? null,
            'measured',
            at,
            y,
          ]),
          ...laws.map(({ flops: at, y, cluster }) => [
            cluster + 1,
            clusters.clusters[cluster]?.state ?? null,
            'law',
            at,
            y,
          ]),
        ],
      }}
      draw={draw}
    />
  );
}

function dotsOf({ clusters }: Clusters, kind: 'points' | 'law'): Dot[] {
  return clusters.flatMap((cluster, index) =>
    cluster[kind].map(({ flops: at, rate }) => ({ flops: at, y: 100 * rate, cluster: index })),
  );
}

function legendOf(clusters: Clusters, palette: Palette): LegendEntry[] {
  return clusters.clusters.map(({ size, state }, index) => ({
    label: `${index + 1}: ${howMany(Math.round(size), 'question')}, ${state}`,
    color: clusterHue(clusters, index, palette),
    mark: 'line',
  }));
}
