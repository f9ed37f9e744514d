import type { ReactElement } from 'react';
import type { OverviewRun, ScoreRow } from '../../../../src/wire/index.ts';
import { Legend } from '../../charts/index.ts';
import {
  type Column,
  DataTable,
  EstimateStatus,
  IntervalBar,
  Status,
} from '../../components/index.ts';
import { absent, interval, points, signedPoints, withinRun } from '../../format/index.ts';
import { type Route, routeTo } from '../../state/index.ts';

/** Every task at the run's latest checkpoint; all in points. */
export function Scoreboard(props: {
  readonly run: OverviewRun;
  readonly route: Route;
}): ReactElement {
  const { run, route } = props;
  const suites = new Set(run.scoreboard.map(({ suite }) => suite));
  return (
    <>
      <Legend
        entries={[
          { label: 'predicted with interval', color: 'var(--probed)', mark: 'band' },
          { label: 'measured ± 1.96 standard errors', color: 'var(--measured)', mark: 'dot' },
          { label: 'measured at an earlier checkpoint', color: 'var(--measured)', mark: 'ring' },
          { label: 'guessing', color: 'var(--baseline)', mark: 'tick' },
        ]}
      />
      <DataTable
        label={`Tasks of ${run.run}`}
        rows={run.scoreboard}
        columns={columnsOf(run, suites.size > 1)}
        rowKey={({ suite, task }) => `${suite}\n${task}`}
        route={route}
      />
    </>
  );
}

function columnsOf(run: OverviewRun, severalSuites: boolean): Column<ScoreRow>[] {
  const suite: Column<ScoreRow> = {
    key: 'suite',
    label: 'Suite',
    cell: (row) => row.suite,
    sort: (row) => row.suite,
    wideOnly: true,
  };
  return [
    {
      key: 'task',
      label: 'Task',
      heads: true,
      cell: (row) => (
        <a href={routeTo('task', row.task, { suite: row.suite, run: run.run })}>{row.task}</a>
      ),
      sort: (row) => row.task,
    },
    ...(severalSuites ? [suite] : []),
    { key: 'bar', label: '0 … 100', cell: (row) => <IntervalBar {...barOf(row)} /> },
    ...predictedColumns,
    ...measuredColumns,
    ...judgedColumns,
  ];
}

const predictedColumns: readonly Column<ScoreRow>[] = [
  {
    key: 'predicted',
    label: 'Predicted',
    numeric: true,
    cell: (row) => points(row.predicted?.predicted ?? null),
    sort: (row) => row.predicted?.predicted ?? null,
  },
  {
    key: 'interval',
    label: 'Interval',
    numeric: true,
    hint: 'The interval of the prediction, at the level of its probe',
    cell: (row) => (
      <span className="quiet">
        {interval(row.predicted?.low ?? null, row.predicted?.high ?? null)}
      </span>
    ),
    sort: (row) => (row.predicted === null ? null : row.predicted.high - row.predicted.low),
  },
  {
    key: 'persistence',
    label: 'Persist.',
    numeric: true,
    wideOnly: true,
    hint: 'Baseline: the questions’ rates at the last checkpoint that the probe learned on',
    cell: (row) => points(row.predicted?.baselines['persistence'] ?? null),
    sort: (row) => row.predicted?.baselines['persistence'] ?? null,
  },
  {
    key: 'trend',
    label: 'Trend',
    numeric: true,
    wideOnly: true,
    hint: 'Baseline: the task’s accuracy carried on from the last three checkpoints learned on',
    cell: (row) => points(row.predicted?.baselines['trend'] ?? null),
    sort: (row) => row.predicted?.baselines['trend'] ?? null,
  },
];

const measuredColumns: readonly Column<ScoreRow>[] = [
  {
    key: 'measured',
    label: 'Measured',
    numeric: true,
    cell: (row) => <MeasuredCell row={row} />,
    sort: (row) => (row.measured ?? row.lastMeasured)?.accuracy ?? null,
  },
  {
    key: 'error',
    label: '± s.e.',
    numeric: true,
    hint: 'Standard error of what was measured',
    cell: (row) => (
      <span className="quiet">
        {points((row.measured ?? row.lastMeasured)?.standardError ?? null)}
      </span>
    ),
    sort: (row) => (row.measured ?? row.lastMeasured)?.standardError ?? null,
  },
];

const judgedColumns: readonly Column<ScoreRow>[] = [
  {
    key: 'change',
    label: 'Change',
    numeric: true,
    hint: 'Since the checkpoint before; where both are measured, ± the standard error of the difference, question by question where both answered the same ones',
    cell: (row) => <ChangeCell row={row} />,
    sort: (row) => row.change?.difference ?? null,
  },
  {
    key: 'status',
    label: 'Status',
    cell: (row) => <StatusCell row={row} />,
    sort: (row) => row.predicted?.status ?? null,
  },
];

function MeasuredCell({ row }: { readonly row: ScoreRow }): ReactElement {
  if (row.measured !== null) return <>{points(row.measured.accuracy)}</>;
  if (row.lastMeasured === null) return <>{absent}</>;
  const at = withinRun(row.lastMeasured.checkpoint);
  return (
    <span className="earlier" title={`Measured at ${at}`}>
      {points(row.lastMeasured.accuracy)}
      <span className="visually-hidden"> at {at}</span>
    </span>
  );
}

function ChangeCell({ row }: { readonly row: ScoreRow }): ReactElement {
  const { change } = row;
  if (change === null) return <>{absent}</>;
  const spread = change.standardError;
  const clear = spread !== null && Math.abs(change.difference) > 1.96 * spread;
  const direction = change.difference < 0 ? 'fell' : 'rose';
  return (
    <span title={`${change.kind}, since ${withinRun(change.from)}`}>
      <span className={clear ? direction : ''}>{signedPoints(change.difference)}</span>
      <span className="quiet spread">{spread === null ? '' : ` ±${points(spread)}`}</span>
    </span>
  );
}

function StatusCell({ row }: { readonly row: ScoreRow }): ReactElement {
  return (
    <>
      {row.openAlerts > 0 ? <Status tone="bad" label="alert" /> : null}
      {row.predicted === null ? (
        row.openAlerts > 0 ? null : (
          <Status tone="quiet" label={row.measured === null ? 'unknown' : 'measured'} />
        )
      ) : (
        <EstimateStatus
          status={row.predicted.status}
          reason={row.predicted.reason}
          advised={row.predicted.remeasureAdvised && row.measured === null}
        />
      )}
    </>
  );
}

function barOf(row: ScoreRow): Parameters<typeof IntervalBar>[0] {
  const { predicted, measured, lastMeasured, chance } = row;
  const known = measured ?? lastMeasured;
  return {
    predicted:
      predicted === null
        ? null
        : { value: predicted.predicted, low: predicted.low, high: predicted.high },
    measured:
      known === null
        ? null
        : {
            value: known.accuracy,
            low: known.low,
            high: known.high,
            earlier: measured === null,
          },
    chance,
  };
}
