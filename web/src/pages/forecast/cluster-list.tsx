import type { ReactElement } from 'react';
import type { Cluster, Clusters } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel, Status, type Tone } from '../../components/index.ts';
import { howMany, points } from '../../format/index.ts';
import type { Route } from '../../state/index.ts';

type Row = Cluster & { readonly number: number };

const tones: Readonly<Record<Cluster['state'], Tone>> = {
  extrapolated: 'good',
  saturated: 'good',
  dropped: 'quiet',
};

/** What was kept and what was dropped, and why. */
export function ClusterList(props: {
  readonly clusters: Clusters;
  readonly route: Route;
}): ReactElement {
  const { clusters, route } = props;
  const rows = clusters.clusters.map((cluster, index): Row => ({ ...cluster, number: index + 1 }));
  return (
    <Panel
      title="Clusters"
      note={`kept and dropped${clusters.outliers === 0 ? '' : `; ${howMany(clusters.outliers, 'question')} in none`}`}
    >
      <DataTable
        label="Clusters"
        rows={rows}
        columns={columns}
        rowKey={({ number }) => String(number)}
        route={route}
        orderName="clusters"
      />
    </Panel>
  );
}

const columns: readonly Column<Row>[] = [
  {
    key: 'number',
    label: 'Cluster',
    heads: true,
    cell: ({ number }) => number,
    sort: ({ number }) => number,
  },
  {
    key: 'size',
    label: 'Questions',
    numeric: true,
    cell: ({ size }) => Math.round(size),
    sort: ({ size }) => size,
  },
  {
    key: 'last',
    label: 'At the largest model',
    numeric: true,
    cell: (row) => points(row.points.at(-1)?.rate ?? null),
    sort: (row) => row.points.at(-1)?.rate ?? null,
  },
  {
    key: 'law',
    label: 'At the target',
    numeric: true,
    hint: 'By its law',
    cell: ({ law }) => points(law.at(-1)?.rate ?? null),
    sort: ({ law }) => law.at(-1)?.rate ?? null,
  },
  {
    key: 'state',
    label: 'State',
    cell: ({ state }) => <Status tone={tones[state]} label={state} />,
    sort: ({ state }) => state,
  },
  {
    key: 'reason',
    label: 'Why',
    cell: ({ reason }) => <span className="prose quiet">{reason ?? ''}</span>,
  },
];
