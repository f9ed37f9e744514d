import {
  createFrozenAnswers,
  type FrozenAnswer,
  identifyProbe,
  type ProbeIdentity,
} from '../jobs/index.ts';
import type { JobRunner } from '../runner/index.ts';
import type { AlertRecord, Store } from '../store/index.ts';
import { keepAlerts } from './alerts/keep-alerts.ts';
import type { CheckedCheckpoint } from './checked-checkpoint.ts';
import { createDiscovery, isThere } from './discovery.ts';
import { findCheckpoints, type Waiting } from './find-checkpoints.ts';
import { createNews, type News } from './news.ts';
import { createTelling, type Telling } from './notifiers/notify.ts';
import { groupRuns, type WatchedRun } from './runs.ts';
import type { WatchSettings } from './settings.ts';
import { stallEpisodes } from './stalled.ts';
import { createSteps, type StepFailure, type Steps } from './steps.ts';
import { type WatchedProbe, watchRun } from './watch-run.ts';

/** What a look found and did. */
export type WatchReport = {
  readonly dir: string;
  /** By run and probe, in training order. */
  readonly checkpoints: readonly CheckedCheckpoint[];
  readonly waiting: readonly Waiting[];
  /** Of what is watched, those that last. */
  readonly alerts: readonly AlertRecord[];
  readonly failures: readonly StepFailure[];
  /** Steps that were done in this look. */
  readonly steps: number;
};

export type Watcher = {
  /** Does what is due. @throws the signal's reason where it is interrupted; what was finished is kept. */
  look(): Promise<WatchReport>;
};

export type WatchContext = {
  readonly note: (text: string) => void;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
};

/** Watches a folder. What it needs to know of earlier looks stands in the store. */
export function createWatcher(
  store: Store,
  runner: JobRunner,
  settings: WatchSettings,
  context: WatchContext,
): Watcher {
  const discovery = createDiscovery(settings.dir, settings);
  const steps = createSteps(store, runner, context.signal);
  const watchedSinceMs = context.clock();
  const readAnswers = createFrozenAnswers(store);
  const news = createNews(context.note);
  const telling = createTelling(store, settings.notifiers, { news, signal: context.signal });
  return {
    async look() {
      news.startLook();
      telling.startLook();
      const before = steps.count();
      const nowMs = context.clock();
      const probes = await Promise.all(settings.probes.map((name) => identifyProbe(store, name)));
      const { found, waiting, failures } = await findCheckpoints(store, {
        ...{ dir: settings.dir, discovery, steps, nowMs },
      });
      if (!(await isThere(settings.dir))) news.say(`${settings.dir} is not there; waited for`);
      const runs = groupRuns(found);
      const told = { store, steps, settings, readAnswers, telling, news, clock: context.clock };
      const watched = await watchRuns(runs, probes, told);
      const stalls = await Promise.all(
        runs.map((run) => keepStalls(store, run, { settings, nowMs, watchedSinceMs })),
      );
      const report: WatchReport = {
        dir: settings.dir,
        checkpoints: watched.flatMap(({ checked }) => checked),
        waiting,
        alerts: open([...watched.flatMap(({ alerts }) => alerts), ...stalls.flat()]),
        failures: [...failures, ...watched.flatMap((one) => one.failures)],
        steps: steps.count() - before,
      };
      const lacks = [...waiting.flatMap(describeWaiting), ...report.failures.map(describeFailure)];
      for (const lack of lacks) news.say(lack);
      await telling.tell(report.alerts);
      await exportAll(report, settings, news);
      return report;
    },
  };
}

type Told = {
  readonly store: Store;
  readonly steps: Steps;
  readonly settings: WatchSettings;
  readonly readAnswers: () => Promise<readonly FrozenAnswer[]>;
  readonly telling: Telling;
  readonly news: News;
  readonly clock: () => number;
};

/** One after the other; alerts and exports follow every checkpoint. */
async function watchRuns(
  runs: readonly WatchedRun[],
  probes: readonly ProbeIdentity[],
  { telling, news, clock, ...shared }: Told,
): Promise<WatchedProbe[]> {
  const watched: WatchedProbe[] = [];
  for (const run of runs) {
    for (const probe of probes) {
      const onChecked = async (so: WatchedProbe): Promise<void> => {
        await telling.tell(so.alerts);
        const all = [...watched, so];
        const checkpoints = all.flatMap(({ checked }) => checked);
        await exportAll(
          { checkpoints, alerts: all.flatMap(({ alerts }) => alerts) },
          shared.settings,
          news,
        );
      };
      const now = (): Date => new Date(clock());
      watched.push(await watchRun(run, probe, { ...shared, now, onChecked }));
    }
  }
  return watched;
}

async function keepStalls(
  store: Store,
  run: WatchedRun,
  {
    settings: { alerts: rules },
    nowMs,
    watchedSinceMs,
  }: { settings: WatchSettings; nowMs: number; watchedSinceMs: number },
): Promise<AlertRecord[]> {
  const { stalledAfterMs, ignore } = rules;
  const found = ignore.includes('stalled')
    ? []
    : stallEpisodes(run, { stalledAfterMs, nowMs, watchedSinceMs });
  const subject = { run: run.run, suite: null, probe: null };
  // A new checkpoint ends it and nothing else: of the latest one a watcher that has just been started knows no better.
  const passed = run.checkpoints.slice(0, -1).map(({ registered }) => registered.checkpoint);
  const reach = { checkpoints: new Set(passed), isWhole: true, tasks: null, ignore };
  return await keepAlerts(store, subject, found, { reach, now: new Date(nowMs) });
}

async function exportAll(
  { checkpoints, alerts }: Pick<WatchReport, 'checkpoints' | 'alerts'>,
  { exporters }: WatchSettings,
  news: News,
): Promise<void> {
  for (const exporter of exporters) {
    try {
      await exporter.write({ checkpoints, alerts: open(alerts) });
    } catch (error) {
      // A full disk of somebody else's must not stop the watch.
      const reason = error instanceof Error ? error.message : String(error);
      news.say(`export ${exporter.name}: not written (${reason}); tried again at the next look`);
    }
  }
}

function open(alerts: readonly AlertRecord[]): AlertRecord[] {
  return alerts.filter(({ closedAt }) => closedAt === null);
}

function describeWaiting({ dir, state, reason }: Waiting): string[] {
  return state === 'settling' ? [] : [`${dir} is ${state}: ${reason ?? ''}`];
}

function describeFailure({ job, message }: StepFailure): string {
  return `${job} failed: ${message.split('\n')[0] ?? ''}`;
}
