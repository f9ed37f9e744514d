import type { ReactElement } from 'react';
import {
  type Checkpoint,
  checkpointSchema,
  type ComparedQuestion,
  type Comparison,
} from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel } from '../../components/index.ts';
import { useRows } from '../../data/index.ts';
import { points, signedPoints } from '../../format/index.ts';
import { type Route, routeTo } from '../../state/index.ts';

/** The questions that changed most. */
export function Flips(props: {
  readonly comparison: Comparison;
  readonly route: Route;
}): ReactElement | null {
  const { comparison, route } = props;
  const checkpoints = useRows(checkpointSchema, '/checkpoints');
  if (comparison.flips.length === 0) return null;
  return (
    <Panel title="Questions that changed most" note={String(comparison.flips.length)}>
      <DataTable
        label="Questions that changed most"
        rows={comparison.flips}
        columns={columnsOf(
          checkpoints.data?.find((one) => one.checkpoint === comparison.b) ?? null,
        )}
        rowKey={({ suite, task, item }) => JSON.stringify([suite, task, item])}
        route={route}
        orderName="flips"
      />
    </Panel>
  );
}

/** @param at which checkpoint a question is opened at; null while it is not known. */
function columnsOf(at: Checkpoint | null): Column<ComparedQuestion>[] {
  return [
    {
      key: 'item',
      label: 'Question',
      heads: true,
      cell: ({ suite, task, item }) => (
        <a
          href={routeTo('task', task, {
            suite,
            item,
            run: at?.run ?? null,
            at: at?.checkpoint ?? null,
          })}
        >
          {item}
        </a>
      ),
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
}
