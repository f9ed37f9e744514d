import type { ReactElement } from 'react';
import type { ImportedSource, Imports } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel } from '../../components/index.ts';
import { count, moment, whole } from '../../format/index.ts';
import type { Route } from '../../state/index.ts';

export function Sources(props: { readonly imports: Imports; readonly route: Route }): ReactElement {
  const { imports, route } = props;
  return (
    <Panel title="Sources" note={String(imports.sources.length)}>
      <DataTable
        label="Sources of outcomes"
        rows={imports.sources}
        columns={columns}
        rowKey={({ source, importedAt, suites, records }) =>
          JSON.stringify([source, importedAt, suites, records])
        }
        route={route}
        orderName="sources"
      />
    </Panel>
  );
}

const number = (
  key: 'records' | 'checkpoints' | 'tasks' | 'items',
  label: string,
): Column<ImportedSource> => ({
  key,
  label,
  numeric: true,
  cell: (row) => whole(row[key]),
  sort: (row) => row[key],
});

const columns: readonly Column<ImportedSource>[] = [
  {
    key: 'source',
    label: 'Source',
    heads: true,
    cell: ({ source, replaces }) => (
      <>
        {source ?? 'not named'}
        {replaces ? <span className="quiet"> replaces earlier</span> : null}
      </>
    ),
    sort: ({ source }) => source,
  },
  {
    key: 'suites',
    label: 'Suites',
    cell: ({ suites }) => suites.join(', '),
    sort: ({ suites }) => suites.join(', '),
  },
  number('records', 'Records'),
  number('checkpoints', 'Checkpoints'),
  number('tasks', 'Tasks'),
  number('items', 'Questions'),
  {
    key: 'samples',
    label: 'Answers',
    numeric: true,
    cell: ({ samples }) => count(samples),
    sort: ({ samples }) => samples,
  },
  {
    key: 'imported',
    label: 'Came in',
    numeric: true,
    cell: ({ importedAt }) => moment(importedAt),
    sort: ({ importedAt }) => importedAt,
  },
];
