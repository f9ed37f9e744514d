import type { ReactElement } from 'react';
import type { Imports, RefusedSource } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel } from '../../components/index.ts';
import { absent, moment } from '../../format/index.ts';
import type { Route } from '../../state/index.ts';

/** Files that an import refused, until they come in. */
export function Refused(props: { readonly imports: Imports; readonly route: Route }): ReactElement {
  const { imports, route } = props;
  const { refused, refusedTotal } = imports;
  const note =
    refusedTotal === 0
      ? 'none'
      : refused.length < refusedTotal
        ? `the latest ${refused.length} of ${refusedTotal}`
        : String(refusedTotal);
  return (
    <Panel title="Refused" note={note}>
      {refused.length === 0 ? (
        <p className="loading">Nothing was refused that did not come in afterwards.</p>
      ) : (
        <DataTable
          label="Refused imports"
          rows={refused}
          columns={columns}
          // Files of one name may lie in several folders.
          rowKey={({ source, refusedAt }, index) => `${source}\n${refusedAt}\n${index}`}
          route={route}
          orderName="refused"
        />
      )}
    </Panel>
  );
}

const columns: readonly Column<RefusedSource>[] = [
  {
    key: 'source',
    label: 'File',
    heads: true,
    wraps: true,
    cell: ({ source }) => source,
    sort: ({ source }) => source,
  },
  {
    key: 'format',
    label: 'Read as',
    wideOnly: true,
    cell: ({ format }) => format ?? absent,
    sort: ({ format }) => format,
  },
  { key: 'reason', label: 'Why', wraps: true, cell: ({ reason }) => reason },
  {
    key: 'refused',
    label: 'Refused',
    numeric: true,
    cell: ({ refusedAt }) => moment(refusedAt),
    sort: ({ refusedAt }) => refusedAt,
  },
];
