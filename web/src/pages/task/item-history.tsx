import * as Plot from '@observablehq/plot';
import { type ReactElement, useCallback, useMemo } from 'react';
import type { ItemMatrix } from '../../../../src/wire/index.ts';
import { type Palette, PlotFigure } from '../../charts/index.ts';
import { points, withinRun } from '../../format/index.ts';
import { cellOf } from './matrix.ts';
import { shortNames } from './short-names.ts';

type Dot = { readonly place: number; readonly rate: number; readonly checkpoint: string };

/** A question's rate along the run, measured and predicted. */
export function ItemHistory(props: {
  readonly item: string;
  readonly matrix: ItemMatrix;
}): ReactElement {
  const { item, matrix } = props;
  const measured = useMemo(() => dotsOf(matrix, item, 'measured'), [matrix, item]);
  const predicted = useMemo(() => dotsOf(matrix, item, 'predicted'), [matrix, item]);
  const names = useMemo(() => shortNames(matrix.checkpoints), [matrix]);
  const draw = useCallback(
    (palette: Palette): Plot.PlotOptions => ({
      x: {
        label: 'checkpoint',
        ticks: 5,
        domain: [0, Math.max(names.length - 1, 1)],
        tickFormat: (place: number) => names[place] ?? '',
      },
      y: { label: 'points', domain: [0, 100], grid: true, ticks: 3 },
      marks: [
        Plot.line(predicted, { x: 'place', y: 'rate', stroke: palette.probed }),
        Plot.dot(predicted, {
          x: 'place',
          y: 'rate',
          r: 2.5,
          stroke: palette.probed,
          fill: palette.ground,
        }),
        Plot.line(measured, { x: 'place', y: 'rate', stroke: palette.measured }),
        Plot.dot(measured, { x: 'place', y: 'rate', r: 2.5, fill: palette.measured }),
      ],
    }),
    [measured, predicted, names],
  );
  const rows = [
    ...measured.map((dot) => ({ ...dot, kind: 'measured' })),
    ...predicted.map((dot) => ({ ...dot, kind: 'predicted' })),
  ];
  return (
    <PlotFigure
      title={`Rate of ${item} in ${matrix.run}`}
      heading="Along the run"
      summary={`Measured at ${measured.length} checkpoints, predicted at ${predicted.length}.`}
      legend={[
        { label: 'measured', color: 'var(--measured)', mark: 'dot' },
        { label: 'predicted', color: 'var(--probed)', mark: 'ring' },
      ]}
      height={170}
      points={rows.map(({ place, rate, kind, checkpoint }) => ({
        x: place,
        y: rate,
        series: kind,
        text: `${withinRun(checkpoint)}\n${kind} ${points(rate / 100)}`,
      }))}
      table={{
        columns: ['kind', 'checkpoint', 'points'],
        rows: rows.map(({ kind, checkpoint, rate }) => [kind, checkpoint, rate]),
      }}
      draw={draw}
    />
  );
}

function dotsOf(matrix: ItemMatrix, item: string, kind: 'measured' | 'predicted'): Dot[] {
  const row = matrix.items.findIndex((one) => one.item === item);
  if (row < 0) return [];
  return matrix.checkpoints.flatMap(({ checkpoint }, place) => {
    const rate = cellOf(matrix, row, place)[kind];
    return rate === null ? [] : [{ place, rate: 100 * rate, checkpoint }];
  });
}
