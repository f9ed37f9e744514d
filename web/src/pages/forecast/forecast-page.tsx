/** What was said before training: all frozen forecasts, and one of them with what is behind it. */
import type { ReactElement } from 'react';
import { type Forecast, forecastDetailSchema, forecastSchema } from '../../../../src/wire/index.ts';
import { Answered, Empty, PageHead, Panel } from '../../components/index.ts';
import { useAnswer, useRows } from '../../data/index.ts';
import { flops, howMany, moment } from '../../format/index.ts';
import { type Route, routeTo } from '../../state/index.ts';
import { Unknown } from '../unknown.tsx';
import { BenchmarkDetail } from './benchmark-detail.tsx';
import { Benchmarks } from './benchmarks.tsx';
import { ForecastList } from './forecast-list.tsx';

export function ForecastPage({ route }: { readonly route: Route }): ReactElement {
  const query = useRows(forecastSchema, '/forecasts');
  return (
    <Answered query={query} what="the forecasts">
      {(forecasts) => {
        const { id } = route;
        if (forecasts.length === 0) return <NoForecasts />;
        if (id === null) return <AllForecasts forecasts={forecasts} route={route} />;
        if (forecasts.some((one) => one.id === id)) return <OneForecast id={id} route={route} />;
        const known = forecasts.map((one) => ({
          name: titleOf(one),
          address: routeTo('forecast', one.id),
        }));
        return <Unknown what="forecast" asked={id} known={known} />;
      }}
    </Answered>
  );
}

function AllForecasts(props: {
  readonly forecasts: readonly Forecast[];
  readonly route: Route;
}): ReactElement {
  return (
    <>
      <PageHead
        title="Forecasts"
        note="frozen when they were made, scored once the truth is there"
      />
      <ForecastList {...props} />
    </>
  );
}

function OneForecast(props: { readonly id: string; readonly route: Route }): ReactElement {
  const { id, route } = props;
  const query = useAnswer(forecastDetailSchema, `/forecasts/${encodeURIComponent(id)}`);
  return (
    <Answered query={query} what="the forecast">
      {(forecast) => {
        const asked = route.params['task'];
        const benchmark =
          forecast.benchmarks.find(({ task }) => task === asked) ?? forecast.benchmarks[0];
        return (
          <>
            <PageHead title={titleOf(forecast)} note={subtitleOf(forecast)}>
              <a href={routeTo('forecast')}>All forecasts</a>
            </PageHead>
            <Doubts forecast={forecast} />
            <Benchmarks forecast={forecast} shown={benchmark?.task ?? null} route={route} />
            {benchmark === undefined ? null : (
              <BenchmarkDetail
                key={benchmark.task}
                benchmark={benchmark}
                forecast={forecast}
                route={route}
              />
            )}
            <LeftOut forecast={forecast} />
          </>
        );
      }}
    </Answered>
  );
}

function titleOf({ target, suite }: Forecast): string {
  if (target === null) return 'Forecast that cannot be read';
  const at = target.checkpoint ?? `${flops(target.flops)} FLOPs`;
  return suite === null ? at : `${suite} at ${at}`;
}

function subtitleOf({ createdAt, ladder, target }: Forecast): string {
  return [
    createdAt === null ? null : `made ${moment(createdAt)}`,
    `from ${howMany(ladder.length, 'model')}`,
    target === null ? null : `target ${flops(target.flops)} FLOPs`,
  ]
    .filter((part) => part !== null)
    .join(' · ');
}

function Doubts({ forecast }: { readonly forecast: Forecast }): ReactElement | null {
  const { changed, note } = forecast;
  if (!changed && note === null) return null;
  return (
    <p className="failure" role="note">
      {changed ? 'The file is not what was written: nothing of it is scored. ' : ''}
      {note ?? ''}
    </p>
  );
}

function LeftOut(props: {
  readonly forecast: {
    readonly exclusions: readonly {
      readonly task: string | null;
      readonly checkpoint: string | null;
      readonly items: number;
      readonly reason: string;
    }[];
  };
}): ReactElement | null {
  const { exclusions } = props.forecast;
  if (exclusions.length === 0) return null;
  return (
    <Panel title="Done without" note={String(exclusions.length)}>
      <ul className="lines">
        {exclusions.map(({ task, checkpoint, items, reason }, index) => (
          <li key={index}>
            <b>{[task, checkpoint].filter((part) => part !== null).join(' · ')}</b>{' '}
            {items === 0 ? '' : howMany(items, 'question')} {reason}
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function NoForecasts(): ReactElement {
  return (
    <Empty
      title="Nothing was forecast yet"
      commands={['sonde forecast --suite SUITE --ladder ID,ID,ID --target-flops 1.2e22']}
    >
      From the pass rates of a ladder of small models Sonde says what a larger one will score, with
      an interval, or that it cannot be said:
    </Empty>
  );
}
