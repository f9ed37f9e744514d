import type { ReactElement } from 'react';
import type { Gap, Imports } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel } from '../../components/index.ts';
import { absent, whole } from '../../format/index.ts';
import type { Route } from '../../state/index.ts';

/** Tasks at checkpoints that lack outcomes which others of their run have. */
export function Gaps(props: { readonly imports: Imports; readonly route: Route }): ReactElement {
  const { imports, route } = props;
  const { gaps, gapsTotal } = imports;
  const note =
    gapsTotal === 0
      ? 'none'
      : gaps.length < gapsTotal
        ? `${gaps.length} of ${gapsTotal}; sonde status lists all`
        : String(gapsTotal);
  return (
    <Panel title="Gaps" note={note}>
      {gaps.length === 0 ? (
        <p className="loading">Every checkpoint has what the others of its run have.</p>
      ) : (
        <DataTable
          label="Gaps"
          rows={gaps}
          columns={columns}
          rowKey={({ suite, task, filter, checkpoint }) =>
            JSON.stringify([suite, task, filter, checkpoint])
          }
          route={route}
          orderName="gaps"
        />
      )}
    </Panel>
  );
}

const columns: readonly Column<Gap>[] = [
  {
    key: 'checkpoint',
    label: 'Checkpoint',
    heads: true,
    cell: ({ checkpoint }) => checkpoint,
    sort: ({ checkpoint }) => checkpoint,
  },
  { key: 'task', label: 'Task', cell: ({ task }) => task, sort: ({ task }) => task },
  {
    key: 'suite',
    label: 'Suite',
    wideOnly: true,
    cell: ({ suite }) => suite,
    sort: ({ suite }) => suite,
  },
  {
    key: 'filter',
    label: 'Filter',
    wideOnly: true,
    cell: ({ filter }) => filter ?? absent,
    sort: ({ filter }) => filter,
  },
  {
    key: 'items',
    label: 'Measured',
    numeric: true,
    cell: ({ items, of }) => `${whole(items)} of ${whole(of)}`,
    sort: ({ items }) => items,
  },
];
