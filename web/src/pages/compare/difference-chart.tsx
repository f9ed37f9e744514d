import * as Plot from '@observablehq/plot';
import { type ReactElement, useCallback, useMemo } from 'react';
import type { ComparedTask, Comparison } from '../../../../src/wire/index.ts';
import { type Palette, PlotFigure } from '../../charts/index.ts';
import { interval, pValue, signedPoints } from '../../format/index.ts';

type Row = ComparedTask & {
  readonly name: string;
  readonly sure: boolean;
  readonly by: number;
  readonly from: number | null;
  readonly to: number | null;
  readonly effect: number | null;
};

const inPoints = (share: number | null): number | null => (share === null ? null : 100 * share);

/** Task by task, the largest fall above. */
export function DifferenceChart({ comparison }: { readonly comparison: Comparison }): ReactElement {
  const rows = useMemo(() => rowsOf(comparison), [comparison]);
  const longest = Math.max(...rows.map(({ name }) => name.length));
  const draw = useCallback(
    (palette: Palette, width: number) =>
      chartOptions(rows, palette, Math.min(longest * 6.5 + 16, width * 0.35)),
    [rows, longest],
  );
  const moved = rows.filter(({ sure }) => sure);
  return (
    <PlotFigure
      title={`${comparison.b} less ${comparison.a}`}
      heading="Difference in points"
      summary={`${moved.length} of ${rows.length} tasks differ by more than chance after Holm’s correction: ${moved.map(({ name, difference }) => `${name} ${signedPoints(difference)}`).join(', ')}.`}
      legend={[
        { label: 'differs (adjusted p < 0.05)', color: 'var(--probed)', mark: 'dot' },
        { label: 'may be chance', color: 'var(--probed)', mark: 'ring' },
        {
          label: 'smaller than the minimal detectable effect',
          color: 'var(--baseline)',
          mark: 'band',
        },
      ]}
      height={44 + 19 * rows.length}
      points={rows.map((row) => ({
        x: row.by,
        y: row.name,
        series: 'difference',
        text: `${row.name} ${signedPoints(row.difference)}, ${interval(row.low, row.high)}\nadjusted p ${pValue(row.adjustedP)}`,
      }))}
      table={{
        columns: [
          'suite',
          'task',
          'questions',
          'a',
          'b',
          'difference points',
          'low',
          'high',
          'p',
          'adjusted p',
          'minimal detectable effect points',
          'won',
          'lost',
          'tied',
        ],
        rows: rows.map((row) => [
          row.suite,
          row.task,
          row.items,
          row.a,
          row.b,
          row.by,
          row.from,
          row.to,
          row.p,
          row.adjustedP,
          row.effect,
          row.won,
          row.lost,
          row.tied,
        ]),
      }}
      draw={draw}
    />
  );
}

function rowsOf({ tasks }: Comparison): Row[] {
  const severalSuites = new Set(tasks.map(({ suite }) => suite)).size > 1;
  const rows = tasks.map((task) => ({
    ...task,
    name: [severalSuites ? task.suite : null, task.task, task.filter]
      .filter((part) => part !== null)
      .join(' · '),
    sure: task.adjustedP < 0.05,
    by: 100 * task.difference,
    from: inPoints(task.low),
    to: inPoints(task.high),
    effect: inPoints(task.minimalDetectableEffect),
  }));
  return rows.sort((a, b) => a.difference - b.difference);
}

function chartOptions(
  rows: readonly Row[],
  palette: Palette,
  marginLeft: number,
): Plot.PlotOptions {
  return {
    marginLeft,
    marginTop: 6,
    x: { label: 'points', grid: true, ticks: 7 },
    y: { label: null, domain: rows.map(({ name }) => name), tickSize: 0 },
    marks: [
      Plot.barX(
        rows.filter(({ effect }) => effect !== null),
        {
          y: 'name',
          x1: ({ effect }: Row) => -(effect ?? 0),
          x2: 'effect',
          fill: palette.baseline,
          fillOpacity: 0.18,
          inset: 3,
        },
      ),
      Plot.ruleX([0], { stroke: palette.quiet }),
      Plot.ruleY(
        rows.filter(({ from }) => from !== null),
        { y: 'name', x1: 'from', x2: 'to', stroke: palette.probed, strokeWidth: 1.6 },
      ),
      Plot.dot(rows, {
        y: 'name',
        x: 'by',
        r: 3.6,
        fill: ({ sure }: Row) => (sure ? palette.probed : palette.ground),
        stroke: palette.probed,
        strokeWidth: 1.5,
      }),
    ],
  };
}
