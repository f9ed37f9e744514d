/** A run task by task along its training. */
import { useQueries, type UseQueryResult } from '@tanstack/react-query';
import { type ReactElement, useMemo } from 'react';
import { type RunTimeline, runTimelineSchema } from '../../../../src/wire/index.ts';
import { Legend, usePalette } from '../../charts/index.ts';
import { Answered, Empty, PageHead, Panel } from '../../components/index.ts';
import { useAnswer, useSource } from '../../data/index.ts';
import { howMany, withinRun } from '../../format/index.ts';
import { readList, type Route, routeTo } from '../../state/index.ts';
import { RunChoice } from '../run-choice.tsx';
import { chooseAxis } from './axis.ts';
import { RunControls } from './run-controls.tsx';
import { TimelineChart } from './timeline-chart.tsx';
import { stagesLaid, type TimelineFrame, timelineLegend } from './timeline-marks.ts';
import { type TimelineModel, timelineModel } from './timeline-model.ts';

export function RunPage({ route }: { readonly route: Route }): ReactElement {
  return (
    <RunChoice asked={route.id} address={(run) => routeTo('run', run, route.params)}>
      {(run, runs) => <OneRun key={run} run={run} runs={runs} route={route} />}
    </RunChoice>
  );
}

const runPath = (run: string): string => `/runs/${encodeURIComponent(run)}`;

function OneRun(props: {
  readonly run: string;
  readonly runs: readonly string[];
  readonly route: Route;
}): ReactElement {
  const { run, runs, route } = props;
  const query = useAnswer(runTimelineSchema, runPath(run));
  const references = useReferences(readList(route.params['refs']));
  return (
    <Answered query={query} what={run}>
      {(timeline) => (
        <Timelines timeline={timeline} runs={runs} references={references} route={route} />
      )}
    </Answered>
  );
}

/** Those that have been answered; their lines appear one by one. */
function useReferences(runs: readonly string[]): readonly RunTimeline[] {
  const source = useSource();
  return useQueries({
    queries: runs.map((run) => ({
      queryKey: [runPath(run)],
      queryFn: async () => runTimelineSchema.parse(await source.get(runPath(run))),
    })),
    combine: answeredOnes,
  });
}

/** Stands outside, so that the same answers stay the same array. */
function answeredOnes(queries: readonly UseQueryResult<RunTimeline>[]): readonly RunTimeline[] {
  return queries.flatMap(({ data }) => (data === undefined ? [] : [data]));
}

function Timelines(props: {
  readonly timeline: RunTimeline;
  readonly runs: readonly string[];
  readonly references: readonly RunTimeline[];
  readonly route: Route;
}): ReactElement {
  const { timeline, runs, references, route } = props;
  const { params } = route;
  const models = useModels(timeline, references, params);
  const axis = useMemo(() => chooseAxis(params['x'], timeline.checkpoints), [params, timeline]);
  const shown = models.find((model) => keyOf(model) === params['task']);
  const logarithmic = params['log'] === '1';
  const fitted = params['y'] === 'fit';
  const small = shown === undefined;
  const frame: TimelineFrame = useMemo(
    () => ({ axis, logarithmic, fitted, small }),
    [axis, logarithmic, fitted, small],
  );
  const address = (task: string | null): string =>
    routeTo('run', timeline.run, { ...params, task });
  const latest = timeline.checkpoints.at(-1);
  return (
    <>
      <PageHead
        title={timeline.run}
        note={`${howMany(timeline.checkpoints.length, 'checkpoint')}${latest === undefined ? '' : `, the latest ${withinRun(latest.checkpoint)}`}`}
      >
        <RunControls timeline={timeline} runs={runs} axis={axis} route={route} />
      </PageHead>
      {models.length === 0 ? (
        <NoTasks run={timeline.run} />
      ) : shown === undefined ? (
        <Multiples run={timeline.run} models={models} frame={frame} address={address} />
      ) : (
        <Panel
          title={shown.task}
          note={shown.suite}
          actions={
            <>
              <a href={routeTo('task', shown.task, { suite: shown.suite, run: timeline.run })}>
                Questions of {shown.task}
              </a>
              <a href={address(null)}>All tasks</a>
            </>
          }
        >
          <TimelineChart run={timeline.run} model={shown} frame={frame} address={null} />
        </Panel>
      )}
    </>
  );
}

function useModels(
  timeline: RunTimeline,
  references: readonly RunTimeline[],
  params: Route['params'],
): readonly TimelineModel[] {
  const { x, smooth, base } = params;
  return useMemo(() => {
    const choice = {
      axis: chooseAxis(x, timeline.checkpoints),
      smoothing: Number(smooth ?? 0) || 0,
      baselines: base === undefined ? ['persistence'] : readList(base),
      references,
    };
    return timeline.tasks.map((task) => timelineModel(timeline, task, choice));
  }, [timeline, x, smooth, base, references]);
}

function Multiples(props: {
  readonly run: string;
  readonly models: readonly TimelineModel[];
  readonly frame: TimelineFrame;
  readonly address: (task: string | null) => string;
}): ReactElement {
  const { run, models, frame, address } = props;
  const palette = usePalette();
  const laid = models.some((model) => model.laid);
  return (
    <Panel
      title="All tasks"
      note={['in points', ...(laid ? [stagesLaid] : []), 'a task’s name opens it'].join('; ')}
    >
      <Legend entries={timelineLegend(models, palette)} />
      <div className="multiples">
        {models.map((model) => (
          <TimelineChart
            key={keyOf(model)}
            run={run}
            model={model}
            frame={frame}
            address={address(keyOf(model))}
          />
        ))}
      </div>
    </Panel>
  );
}

function NoTasks({ run }: { readonly run: string }): ReactElement {
  return (
    <Empty
      title="Nothing is known of this run’s scores"
      within
      commands={['sonde import outcomes.csv', `sonde predict ${run}/CHECKPOINT --probe NAME`]}
    >
      Import outcomes of its checkpoints, or let a fitted probe predict them:
    </Empty>
  );
}

/** A task in the address. */
function keyOf({ suite, task }: { readonly suite: string; readonly task: string }): string {
  return `${suite}/${task}`;
}
