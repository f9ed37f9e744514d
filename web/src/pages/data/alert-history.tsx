import type { ReactElement } from 'react';
import type { Alert } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel, Status } from '../../components/index.ts';
import { absent, moment } from '../../format/index.ts';
import type { Route } from '../../state/index.ts';

export function AlertHistory(props: {
  readonly alerts: readonly Alert[];
  readonly route: Route;
}): ReactElement {
  const { alerts, route } = props;
  return (
    <Panel
      title="Alerts"
      note={alerts.length === 0 ? 'none yet' : `${alerts.length}, closed ones too`}
    >
      {alerts.length === 0 ? (
        <p className="loading">
          Alerts come from <code>sonde watch</code>.
        </p>
      ) : (
        <DataTable
          label="Alerts"
          rows={alerts}
          columns={columns}
          rowKey={({ id }) => id}
          route={route}
          orderName="alerts"
        />
      )}
    </Panel>
  );
}

const columns: readonly Column<Alert>[] = [
  {
    key: 'kind',
    label: 'Alert',
    heads: true,
    cell: ({ kind, closedAt }) => (
      <Status
        tone={closedAt === null ? 'bad' : 'quiet'}
        label={closedAt === null ? kind : `${kind}, over`}
      />
    ),
    sort: ({ kind }) => kind,
  },
  { key: 'run', label: 'Run', cell: ({ run }) => run, sort: ({ run }) => run },
  { key: 'task', label: 'Task', cell: ({ task }) => task ?? absent, sort: ({ task }) => task },
  {
    key: 'message',
    label: 'What',
    cell: ({ message }) => <span className="prose">{message}</span>,
  },
  {
    key: 'opened',
    label: 'Opened',
    numeric: true,
    cell: ({ openedAt }) => moment(openedAt),
    sort: ({ openedAt }) => openedAt,
  },
  {
    key: 'closed',
    label: 'Over',
    numeric: true,
    wideOnly: true,
    cell: ({ closedAt }) => (closedAt === null ? absent : moment(closedAt)),
    sort: ({ closedAt }) => closedAt,
  },
  {
    key: 'seen',
    label: 'Seen by',
    cell: ({ acknowledgedAt, acknowledgedBy }) =>
      acknowledgedAt === null ? absent : (acknowledgedBy ?? 'somebody'),
    sort: ({ acknowledgedBy }) => acknowledgedBy,
  },
];
