import type { ReactElement } from 'react';
import type { ForecastDetail, ForecastedTask } from '../../../../src/wire/index.ts';
import { Legend } from '../../charts/index.ts';
import { type Column, DataTable, IntervalBar, Panel, Verdict } from '../../components/index.ts';
import { absent, interval, points, signedPoints } from '../../format/index.ts';
import { type Route, routeTo } from '../../state/index.ts';

/** Every benchmark of a forecast, beside the truth. */
export function Benchmarks(props: {
  readonly forecast: ForecastDetail;
  readonly shown: string | null;
  readonly route: Route;
}): ReactElement {
  const { forecast, shown, route } = props;
  return (
    <Panel title="Benchmarks" note={String(forecast.tasks.length)}>
      <Legend
        entries={[
          { label: 'forecast, 95 % interval', color: 'var(--probed)', mark: 'band' },
          { label: 'measured', color: 'var(--measured)', mark: 'dot' },
        ]}
      />
      <DataTable
        label="Benchmarks"
        rows={forecast.tasks}
        columns={columnsOf(forecast, shown, route)}
        rowKey={({ task }) => task}
        route={route}
      />
    </Panel>
  );
}

function columnsOf(
  forecast: ForecastDetail,
  shown: string | null,
  route: Route,
): Column<ForecastedTask>[] {
  const reasons = new Map(
    forecast.benchmarks.map(({ task, methods }) => [
      task,
      methods.find(({ method }) => method === 'chosen')?.reason ?? null,
    ]),
  );
  return [
    {
      key: 'task',
      label: 'Benchmark',
      heads: true,
      cell: ({ task }) => (
        <a
          href={routeTo('forecast', forecast.id, { ...route.params, task })}
          {...(task === shown ? { 'aria-current': true as const } : {})}
        >
          {task}
        </a>
      ),
      sort: ({ task }) => task,
    },
    { key: 'bar', label: '0 … 100', cell: (row) => <IntervalBar {...barOf(row)} /> },
    {
      key: 'forecast',
      label: 'Forecast',
      numeric: true,
      cell: ({ accuracy, verdict }) => (
        <span className={verdict === 'predictable' ? '' : 'quiet'}>{points(accuracy)}</span>
      ),
      sort: ({ accuracy }) => accuracy,
    },
    {
      key: 'interval',
      label: '95 % interval',
      numeric: true,
      cell: ({ low, high }) => <span className="quiet">{interval(low, high)}</span>,
      sort: ({ low, high }) => (low === null || high === null ? null : high - low),
    },
    {
      key: 'verdict',
      label: 'Verdict',
      cell: ({ task, verdict }) => <Verdict verdict={verdict} reason={reasons.get(task) ?? null} />,
      sort: ({ verdict }) => verdict,
    },
    {
      key: 'measured',
      label: 'Measured',
      numeric: true,
      cell: ({ measured }) => points(measured),
      sort: ({ measured }) => measured,
    },
    {
      key: 'error',
      label: 'Error',
      numeric: true,
      hint: 'Forecast less measured, in points',
      cell: ({ errorPoints }) => signedPoints(errorPoints === null ? null : errorPoints / 100),
      sort: ({ errorPoints }) => (errorPoints === null ? null : Math.abs(errorPoints)),
    },
    {
      key: 'covered',
      label: 'Covered',
      hint: 'Whether the 95 % interval holds the truth',
      cell: ({ covered }) => (covered === null ? absent : covered ? 'yes' : 'no'),
      sort: ({ covered }) => (covered === null ? null : String(covered)),
    },
  ];
}

function barOf({
  accuracy,
  low,
  high,
  measured,
}: ForecastedTask): Parameters<typeof IntervalBar>[0] {
  return {
    predicted:
      accuracy === null ? null : { value: accuracy, low: low ?? accuracy, high: high ?? accuracy },
    measured: measured === null ? null : { value: measured, low: null, high: null, earlier: false },
    chance: null,
  };
}
