import type { ReactElement } from 'react';
import type { OverviewRun } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel, Status } from '../../components/index.ts';
import { count, flops, moment, points, absent } from '../../format/index.ts';
import { type Route, routeTo } from '../../state/index.ts';

export function RunList(props: {
  readonly runs: readonly OverviewRun[];
  /** Of the store; there may be more than are shown. */
  readonly total: number;
  readonly shown: string | null;
  readonly route: Route;
}): ReactElement {
  const { runs, total, shown, route } = props;
  return (
    <Panel
      title="Runs"
      note={total > runs.length ? `the ${runs.length} that changed last of ${total}` : undefined}
    >
      <DataTable
        label="Runs"
        rows={runs}
        columns={columnsOf(shown, route)}
        rowKey={({ run }) => run}
        route={route}
        orderName="runs"
      />
    </Panel>
  );
}

function columnsOf(shown: string | null, route: Route): Column<OverviewRun>[] {
  return [
    {
      key: 'run',
      label: 'Run',
      heads: true,
      cell: ({ run }) => (
        <a
          href={routeTo('overview', null, { ...route.params, run })}
          {...(run === shown ? { 'aria-current': true as const } : {})}
        >
          {run}
        </a>
      ),
      sort: ({ run }) => run,
    },
    {
      key: 'step',
      label: 'Step',
      numeric: true,
      cell: ({ latest }) => latest.step?.toLocaleString('en-US') ?? absent,
      sort: ({ latest }) => latest.step,
    },
    {
      key: 'tokens',
      label: 'Tokens',
      numeric: true,
      cell: ({ latest }) => count(latest.tokens),
      sort: ({ latest }) => latest.tokens,
    },
    {
      key: 'flops',
      label: 'FLOPs',
      numeric: true,
      wideOnly: true,
      cell: ({ latest }) => flops(latest.flops),
      sort: ({ latest }) => latest.flops,
    },
    {
      key: 'checkpoints',
      label: 'Checkpoints',
      numeric: true,
      cell: ({ checkpoints }) => checkpoints,
      sort: ({ checkpoints }) => checkpoints,
    },
    {
      key: 'mean',
      label: 'Mean of tasks',
      numeric: true,
      hint: 'At the latest checkpoint, measured where measured, else predicted',
      cell: (run) => points(meanOf(run)),
      sort: meanOf,
    },
    {
      key: 'updated',
      label: 'Updated',
      numeric: true,
      wideOnly: true,
      cell: ({ updatedAt }) => (updatedAt === null ? absent : moment(updatedAt)),
      sort: ({ updatedAt }) => updatedAt,
    },
    {
      key: 'alerts',
      label: 'Alerts',
      cell: ({ openAlerts }) =>
        openAlerts === 0 ? (
          <span className="quiet">none</span>
        ) : (
          <Status tone="bad" label={String(openAlerts)} />
        ),
      sort: ({ openAlerts }) => openAlerts,
    },
  ];
}

/** Null where a task is known neither way: a mean over some of the tasks could not be held against another run's. */
function meanOf({ scoreboard }: OverviewRun): number | null {
  let sum = 0;
  for (const { measured, predicted } of scoreboard) {
    const known = measured?.accuracy ?? predicted?.predicted;
    if (known === undefined) return null;
    sum += known;
  }
  return scoreboard.length === 0 ? null : sum / scoreboard.length;
}
