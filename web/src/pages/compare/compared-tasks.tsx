import type { ReactElement } from 'react';
import type { ComparedTask, Comparison } from '../../../../src/wire/index.ts';
import { type Column, DataTable } from '../../components/index.ts';
import { absent, interval, points, pValue, signedPoints } from '../../format/index.ts';
import type { Route } from '../../state/index.ts';

export function ComparedTasks(props: {
  readonly comparison: Comparison;
  readonly route: Route;
}): ReactElement {
  return (
    <DataTable
      label="Compared tasks"
      rows={props.comparison.tasks}
      columns={columns}
      rowKey={({ suite, task, filter }) => JSON.stringify([suite, task, filter])}
      route={props.route}
    />
  );
}

const columns: readonly Column<ComparedTask>[] = [
  { key: 'task', label: 'Task', heads: true, cell: (row) => row.task, sort: (row) => row.task },
  {
    key: 'items',
    label: 'Questions',
    numeric: true,
    cell: (row) => row.items.toLocaleString('en-US'),
    sort: (row) => row.items,
  },
  { key: 'a', label: 'a', numeric: true, cell: (row) => points(row.a), sort: (row) => row.a },
  { key: 'b', label: 'b', numeric: true, cell: (row) => points(row.b), sort: (row) => row.b },
  {
    key: 'difference',
    label: 'Difference',
    numeric: true,
    cell: (row) => (
      <span className={row.adjustedP >= 0.05 ? '' : row.difference < 0 ? 'fell' : 'rose'}>
        {signedPoints(row.difference)}
      </span>
    ),
    sort: (row) => row.difference,
  },
  {
    key: 'interval',
    label: 'Interval',
    numeric: true,
    cell: (row) => <span className="quiet">{interval(row.low, row.high)}</span>,
  },
  {
    key: 'p',
    label: 'p',
    numeric: true,
    wideOnly: true,
    hint: 'Two-sided, for no difference',
    cell: (row) => <span title={row.test}>{pValue(row.p)}</span>,
    sort: (row) => row.p,
  },
  {
    key: 'adjusted',
    label: 'p adjusted',
    numeric: true,
    hint: 'By Holm, over the tasks of this page',
    cell: (row) => pValue(row.adjustedP),
    sort: (row) => row.adjustedP,
  },
  {
    key: 'effect',
    label: 'Detectable',
    numeric: true,
    hint: 'Minimal detectable effect: the true difference that 8 of 10 such comparisons would find',
    cell: (row) => points(row.minimalDetectableEffect),
    sort: (row) => row.minimalDetectableEffect,
  },
  {
    key: 'won',
    label: 'Won',
    numeric: true,
    hint: 'Questions on which b is better',
    cell: (row) => row.won ?? absent,
    sort: (row) => row.won,
  },
  {
    key: 'lost',
    label: 'Lost',
    numeric: true,
    cell: (row) => row.lost ?? absent,
    sort: (row) => row.lost,
  },
  {
    key: 'tied',
    label: 'Tied',
    numeric: true,
    wideOnly: true,
    cell: (row) => row.tied ?? absent,
    sort: (row) => row.tied,
  },
];
