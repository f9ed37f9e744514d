/** What stands where: the runs, the latest checkpoint of one of them task by task, and what a person should look at. */
import type { ReactElement } from 'react';
import { type Overview, type OverviewRun, overviewSchema } from '../../../../src/wire/index.ts';
import { Answered, Empty, Facts, PageHead, Panel } from '../../components/index.ts';
import { useAnswer } from '../../data/index.ts';
import { absent, count, flops, howMany, moment, withinRun } from '../../format/index.ts';
import { type Route, routeTo } from '../../state/index.ts';
import { Alerts } from './alerts.tsx';
import { RunList } from './run-list.tsx';
import { Scoreboard } from './scoreboard.tsx';

export function OverviewPage({ route }: { readonly route: Route }): ReactElement {
  const query = useAnswer(overviewSchema, '/overview');
  return (
    <Answered query={query} what="the store">
      {(overview) =>
        overview.runs.length === 0 ? <NothingYet /> : <Filled overview={overview} route={route} />
      }
    </Answered>
  );
}

function Filled(props: { readonly overview: Overview; readonly route: Route }): ReactElement {
  const { overview, route } = props;
  const { counts } = overview;
  const shown = overview.runs.find(({ run }) => run === route.params['run']) ?? overview.runs[0];
  return (
    <>
      <PageHead
        title={overview.project}
        note={[
          howMany(counts.runs, 'run'),
          howMany(counts.checkpoints, 'checkpoint'),
          howMany(counts.tasks, 'task'),
          howMany(counts.forecasts, 'forecast'),
          howMany(counts.probes, 'probe'),
        ].join(' · ')}
      />
      <Alerts alerts={overview.alerts} total={counts.openAlerts} />
      {overview.runs.length > 1 ? (
        <RunList
          runs={overview.runs}
          total={counts.runs}
          shown={shown?.run ?? null}
          route={route}
        />
      ) : null}
      {shown === undefined ? null : <LatestCheckpoint run={shown} route={route} />}
    </>
  );
}

function LatestCheckpoint(props: {
  readonly run: OverviewRun;
  readonly route: Route;
}): ReactElement {
  const { run, route } = props;
  const { latest } = run;
  return (
    <Panel
      title={<a href={routeTo('run', run.run)}>{run.run}</a>}
      note={`latest checkpoint ${withinRun(latest.checkpoint)}`}
      actions={
        run.previous === null ? undefined : (
          <a href={routeTo('compare', null, { a: run.previous.checkpoint, b: latest.checkpoint })}>
            Compare with the one before
          </a>
        )
      }
    >
      <Facts
        entries={[
          ['step', latest.step?.toLocaleString('en-US') ?? absent],
          ['tokens', count(latest.tokens)],
          ['FLOPs', flops(latest.flops)],
          ['parameters', count(latest.params)],
          ['stage', latest.stage ?? absent],
          ['checkpoints', run.checkpoints],
          ['updated', run.updatedAt === null ? absent : moment(run.updatedAt)],
        ]}
      />
      {run.scoreboard.length === 0 ? (
        <Empty
          title="Nothing is known of its scores"
          within
          commands={[
            'sonde import outcomes.csv',
            `sonde predict ${latest.checkpoint} --probe NAME`,
            `sonde label ${latest.checkpoint} --suite SUITE`,
          ]}
        >
          Bring outcomes in, let a fitted probe predict, or sample answers:
        </Empty>
      ) : (
        <Scoreboard run={run} route={route} />
      )}
    </Panel>
  );
}

function NothingYet(): ReactElement {
  return (
    <Empty
      title="The store is empty"
      commands={['sonde import outcomes.csv', 'sonde watch runs/', 'sonde demo']}
    >
      Import what was measured, watch a folder of checkpoints, or look at the bundled series. This
      page follows by itself.
    </Empty>
  );
}
