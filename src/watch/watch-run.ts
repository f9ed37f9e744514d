/** One run under one probe: steps, alerts, in the order of training. */
import { type FrozenAnswer, type ProbeIdentity, type RegisteredCheckpoint } from '../jobs/index.ts';
import type { EstimatedTask } from '../runner/index.ts';
import type { AlertRecord, Store } from '../store/index.ts';
import { findEpisodes } from './alerts/find-episodes.ts';
import { keepAlerts } from './alerts/keep-alerts.ts';
import { estimateStep, forecastStep, predictStep } from './check-checkpoint.ts';
import type { CheckedCheckpoint } from './checked-checkpoint.ts';
import { createMeasuredTasks, type MeasuredTasks } from './measured-tasks.ts';
import type { PlacedCheckpoint, WatchedRun } from './runs.ts';
import type { WatchSettings } from './settings.ts';
import { StepFailed, type StepFailure, type Steps } from './steps.ts';

export type WatchedProbe = {
  readonly checked: readonly CheckedCheckpoint[];
  readonly alerts: readonly AlertRecord[];
  readonly failures: readonly StepFailure[];
};

export type RunWork = {
  readonly store: Store;
  readonly steps: Steps;
  readonly settings: WatchSettings;
  /** What forecasts that are frozen by now say. */
  readonly readAnswers: () => Promise<readonly FrozenAnswer[]>;
  readonly now: () => Date;
  /** Called after each checkpoint that was not known before, with what is known by then. */
  readonly onChecked: (so: WatchedProbe) => Promise<void>;
};

type Prediction = { readonly isThere: boolean } | { readonly failure: StepFailure };

/**
 * Predictions are asked for all at once, estimates one after the other: each is compared with the checkpoint before. A
 * checkpoint whose steps fail is left out, and the rest go on.
 */
export async function watchRun(
  { run, checkpoints }: WatchedRun,
  probe: ProbeIdentity,
  work: RunWork,
): Promise<WatchedProbe> {
  const { steps, settings, readAnswers, onChecked } = work;
  const atStart = steps.count();
  const predictions = checkpoints.map((placed) => settle(predictStep(steps, placed, probe)));
  // An interruption ends all of them; the one that is waited for tells.
  for (const prediction of predictions) prediction.catch(() => undefined);
  const checked: CheckedCheckpoint[] = [];
  const failures: StepFailure[] = [];
  const measuredOf = createMeasuredTasks(work.store, probe.suite);
  const soFar = async (isWhole: boolean): Promise<WatchedProbe> => {
    const measured = await measuredOf(checked);
    const alerts = await tellAlerts(checked, { run, probe, measured, isWhole }, work);
    return { checked, alerts, failures };
  };
  let answers = await readAnswers();
  let previous: RegisteredCheckpoint | null = null;
  for (const [index, placed] of checkpoints.entries()) {
    const prediction = await predictions[index];
    if (prediction === undefined || ('isThere' in prediction && !prediction.isThere)) continue;
    const before = steps.count();
    try {
      if ('failure' in prediction) throw new StepFailed(prediction.failure);
      const tasks = await estimateStep(steps, { placed, probe, previous }, settings);
      if (await forecastStep(steps, { placed, probe }, settings)) answers = await readAnswers();
      checked.push(describe({ placed, probe, tasks }, answers));
    } catch (error) {
      if (!(error instanceof StepFailed)) throw error;
      failures.push(error.failure);
      if ('failure' in prediction) continue;
    }
    previous = placed.registered;
    if (steps.count() > before && index < checkpoints.length - 1)
      await onChecked(await soFar(false));
  }
  const all = await soFar(true);
  if (steps.count() > atStart) await onChecked(all);
  return all;
}

async function tellAlerts(
  checked: readonly CheckedCheckpoint[],
  {
    run,
    probe,
    measured,
    isWhole,
  }: { run: string | null; probe: ProbeIdentity; measured: MeasuredTasks; isWhole: boolean },
  { store, settings: { tasks, alerts: rules }, now }: RunWork,
): Promise<AlertRecord[]> {
  const subject = { run, suite: probe.suite, probe: probe.name };
  const checkpoints = new Set(checked.map(({ checkpoint }) => checkpoint));
  const reach = { checkpoints, isWhole, tasks, ignore: rules.ignore };
  const episodes = findEpisodes(checked, rules, measured);
  return await keepAlerts(store, subject, episodes, { reach, now: now() });
}

async function settle(predicted: Promise<boolean>): Promise<Prediction> {
  try {
    return { isThere: await predicted };
  } catch (error) {
    if (!(error instanceof StepFailed)) throw error;
    return { failure: error.failure };
  }
}

function describe(
  {
    placed: { registered, modifiedAt },
    probe,
    tasks,
  }: { placed: PlacedCheckpoint; probe: ProbeIdentity; tasks: readonly EstimatedTask[] },
  answers: readonly FrozenAnswer[],
): CheckedCheckpoint {
  const { checkpoint, run, stage, step, tokens, flops } = registered;
  const own = answers.filter((one) => one.suite === probe.suite && one.checkpoint === checkpoint);
  return {
    ...{ checkpoint, run, stage, step, tokens, flops, modifiedAt },
    ...{ suite: probe.suite, probe: probe.name },
    tasks: tasks.map((task) => ({ ...task, expected: expectedOf(task.task, own) })),
  };
}

function expectedOf(
  task: string,
  answers: readonly FrozenAnswer[],
): CheckedCheckpoint['tasks'][number]['expected'] {
  const latest = answers.filter((one) => one.task === task).at(-1);
  if (latest === undefined) return null;
  const { forecast, accuracy, low, high } = latest;
  return { forecast, accuracy, low, high };
}
