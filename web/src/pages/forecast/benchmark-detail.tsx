import type { ReactElement } from 'react';
import type {
  ForecastDetail,
  ForecastedBenchmark,
  ForecastMethod,
} from '../../../../src/wire/index.ts';
import { type Column, DataTable, Facts, Panel, Verdict } from '../../components/index.ts';
import { absent, howMany, interval, plain, points } from '../../format/index.ts';
import { type Route, routeTo } from '../../state/index.ts';
import { ClusterChart } from './cluster-chart.tsx';
import { ClusterList } from './cluster-list.tsx';
import { LadderChart } from './ladder-chart.tsx';
import { MapChart } from './map-chart.tsx';

/** What is behind the forecast of one benchmark. */
export function BenchmarkDetail(props: {
  readonly benchmark: ForecastedBenchmark;
  readonly forecast: ForecastDetail;
  readonly route: Route;
}): ReactElement {
  const { benchmark, forecast, route } = props;
  const { task, items, methods, clusters, evidence } = benchmark;
  const chosen = methods.find(({ method }) => method === 'chosen');
  return (
    <>
      <Panel
        title={task}
        note={`${items === 0 ? 'known as a whole' : howMany(items, 'question')}; the answer is ${benchmark.chosen}`}
        actions={
          forecast.suite === null ? undefined : (
            <a href={routeTo('task', task, { suite: forecast.suite })}>Questions of {task}</a>
          )
        }
      >
        {chosen === undefined ? null : (
          <p className="verdict">
            <Verdict verdict={chosen.verdict} />{' '}
            {chosen.reason ?? 'no objection by any test of the gate'}
          </p>
        )}
        <Facts
          entries={Object.entries(evidence).map(([name, value]) => [name, evidenceText(value)])}
        />
        <div className="columns joined">
          <LadderChart benchmark={benchmark} forecast={forecast} />
          {clusters === null ? null : <ClusterChart task={task} clusters={clusters} />}
          {clusters?.map == null ? null : <MapChart task={task} map={clusters.map} />}
        </div>
        {clusters === null ? (
          <p className="loading">
            No clusters were kept with it: whole tasks alone were known, or an older version made
            it.
          </p>
        ) : null}
      </Panel>
      {clusters === null ? null : <ClusterList clusters={clusters} route={route} />}
      <Panel
        title="Methods"
        note="every one beside its error on the ladder’s largest model, forecast from the smaller ones"
      >
        <DataTable
          label="Methods"
          rows={methods}
          columns={methodColumns}
          rowKey={({ method }) => method}
          route={route}
          orderName="methods"
        />
      </Panel>
    </>
  );
}

function evidenceText(value: number | null): string {
  if (value === null) return absent;
  return Math.abs(value) >= 1000
    ? value.toExponential(1)
    : plain(value, Number.isInteger(value) ? 0 : 2);
}

const methodColumns: readonly Column<ForecastMethod>[] = [
  {
    key: 'method',
    label: 'Method',
    heads: true,
    cell: ({ method }) => method,
    sort: ({ method }) => method,
  },
  {
    key: 'accuracy',
    label: 'Forecast',
    numeric: true,
    cell: ({ accuracy }) => points(accuracy),
    sort: ({ accuracy }) => accuracy,
  },
  {
    key: 'interval',
    label: '95 % interval',
    numeric: true,
    cell: ({ low, high }) => <span className="quiet">{interval(low, high)}</span>,
  },
  {
    key: 'backtest',
    label: 'Back-test error',
    numeric: true,
    hint: 'In points, on the ladder’s largest model',
    cell: ({ backtestPoints }) => plain(backtestPoints, 1),
    sort: ({ backtestPoints }) => (backtestPoints === null ? null : Math.abs(backtestPoints)),
  },
  {
    key: 'share',
    label: 'Extrapolated',
    numeric: true,
    hint: 'Share of the questions that could be extrapolated, in points',
    cell: ({ predictableShare }) => points(predictableShare, 0),
    sort: ({ predictableShare }) => predictableShare,
  },
  {
    key: 'verdict',
    label: 'Verdict',
    cell: ({ verdict }) => <Verdict verdict={verdict} />,
    sort: ({ verdict }) => verdict,
  },
  {
    key: 'reason',
    label: 'Why',
    cell: ({ reason }) => <span className="prose quiet">{reason ?? ''}</span>,
  },
];
