import type { ReactElement } from 'react';
import type { ComparedQuestion, Comparison } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel } from '../../components/index.ts';
import { points, signedPoints } from '../../format/index.ts';
import { type Route, routeTo } from '../../state/index.ts';

/** The questions that changed most. */
export function Flips(props: {
  readonly comparison: Comparison;
  readonly route: Route;
}): ReactElement | null {
  const { comparison, route } = props;
  if (comparison.flips.length === 0) return null;
  return (
    <Panel title="Questions that changed most" note={String(comparison.flips.length)}>
      <DataTable
        label="Questions that changed most"
        rows={comparison.flips}
        columns={columns}
        rowKey={({ suite, task, item }) => JSON.stringify([suite, task, item])}
        route={route}
        orderName="flips"
      />
    </Panel>
  );
}

const columns: readonly Column<ComparedQuestion>[] = [
  {
    key: 'item',
    label: 'Question',
    heads: true,
    cell: ({ suite, task, item }) => <a href={routeTo('task', task, { suite, item })}>{item}</a>,
    sort: ({ item }) => item,
  },
  { key: 'task', label: 'Task', cell: ({ task }) => task, sort: ({ task }) => task },
  { key: 'a', label: 'a', numeric: true, cell: ({ a }) => points(a), sort: ({ a }) => a },
  { key: 'b', label: 'b', numeric: true, cell: ({ b }) => points(b), sort: ({ b }) => b },
  {
    key: 'difference',
    label: 'Difference',
    numeric: true,
    cell: ({ difference }) => signedPoints(difference),
    sort: ({ difference }) => difference,
  },
];
