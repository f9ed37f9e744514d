import type { ReactElement } from 'react';
import type { Forecast } from '../../../../src/wire/index.ts';
import { type Column, DataTable, Panel, Status } from '../../components/index.ts';
import { absent, flops, moment } from '../../format/index.ts';
import { type Route, routeTo } from '../../state/index.ts';

export function ForecastList(props: {
  readonly forecasts: readonly Forecast[];
  readonly route: Route;
}): ReactElement {
  return (
    <Panel title="All forecasts" note={String(props.forecasts.length)}>
      <DataTable
        label="All forecasts"
        rows={props.forecasts}
        columns={columns}
        rowKey={({ id }) => id}
        route={props.route}
      />
    </Panel>
  );
}

const columns: readonly Column<Forecast>[] = [
  {
    key: 'target',
    label: 'Target',
    heads: true,
    cell: ({ id, target }) => (
      <a href={routeTo('forecast', id)}>
        {target === null ? id : (target.checkpoint ?? `${flops(target.flops)} FLOPs`)}
      </a>
    ),
    sort: ({ target }) => target?.flops ?? null,
  },
  {
    key: 'suite',
    label: 'Suite',
    cell: ({ suite }) => suite ?? absent,
    sort: ({ suite }) => suite,
  },
  {
    key: 'made',
    label: 'Made',
    numeric: true,
    cell: ({ createdAt }) => (createdAt === null ? absent : moment(createdAt)),
    sort: ({ createdAt }) => createdAt,
  },
  {
    key: 'models',
    label: 'Models',
    numeric: true,
    hint: 'In the ladder it was made from',
    cell: ({ ladder }) => ladder.length,
    sort: ({ ladder }) => ladder.length,
  },
  {
    key: 'predictable',
    label: 'Predictable',
    numeric: true,
    hint: 'Benchmarks with an answer that Sonde stands behind',
    cell: ({ tasks }) => `${answered(tasks).length} of ${tasks.length}`,
    sort: ({ tasks }) => answered(tasks).length,
  },
  {
    key: 'scored',
    label: 'Scored',
    numeric: true,
    cell: ({ tasks }) => tasks.filter(({ measured }) => measured !== null).length,
    sort: ({ tasks }) => tasks.filter(({ measured }) => measured !== null).length,
  },
  {
    key: 'error',
    label: 'Mean error',
    numeric: true,
    hint: 'Mean absolute error of the scored answers, in points',
    cell: ({ tasks }) => meanError(tasks)?.toFixed(1) ?? absent,
    sort: ({ tasks }) => meanError(tasks),
  },
  {
    key: 'covered',
    label: 'Covered',
    numeric: true,
    hint: 'Scored answers whose 95 % interval holds the truth',
    cell: ({ tasks }) => coverage(tasks),
  },
  {
    key: 'file',
    label: 'File',
    cell: ({ changed, note }) =>
      changed ? (
        <Status tone="bad" label="changed" hint={note} />
      ) : (
        <Status tone="good" label="sealed" hint={note} />
      ),
    sort: ({ changed }) => (changed ? 'changed' : 'sealed'),
  },
];

function answered(tasks: Forecast['tasks']): Forecast['tasks'] {
  return tasks.filter(({ verdict }) => verdict === 'predictable');
}

function meanError(tasks: Forecast['tasks']): number | null {
  const errors = answered(tasks).flatMap(({ errorPoints }) =>
    errorPoints === null ? [] : [Math.abs(errorPoints)],
  );
  return errors.length === 0 ? null : errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

function coverage(tasks: Forecast['tasks']): string {
  const judged = answered(tasks).filter(({ covered }) => covered !== null);
  if (judged.length === 0) return absent;
  return `${judged.filter(({ covered }) => covered).length} of ${judged.length}`;
}
