import { UserError } from '../error/index.ts';
import {
  anyOutcomes,
  comparePredicted,
  forecast,
  identifyProbe,
  type JobContext,
  label,
  predict,
  prepareStates,
  registerCheckpoint,
  type TaskPrediction,
} from '../jobs/index.ts';
import type { Store } from '../store/index.ts';
import type { Job, JobKind, Probed, Work } from './job.ts';
import { type EstimatedTask, type PredictedTask, type ResultByKind, resultOf } from './results.ts';

type Perform<Kind extends JobKind> = (
  store: Store,
  work: Work<Kind>,
  context: JobContext,
) => Promise<ResultByKind[Kind]>;

const performers: { readonly [Kind in JobKind]: Perform<Kind> } = {
  register: (store, { dir }, context) => registerCheckpoint(store, dir, context),
  extract: async (store, work, context) => {
    await checkSame(store, work);
    return await prepareStates(store, work, context);
  },
  predict: async (store, work, context) => {
    await checkSame(store, work);
    return { tasks: await predictTasks(store, work, { context }) };
  },
  label: labelTasks,
  estimate: estimateTasks,
  forecast: forecastCheckpoint,
};

/** @throws UserError for input that is wrong; everything else is a bug. */
export async function performWork(
  store: Store,
  job: Job,
  context: JobContext,
): Promise<ResultByKind[JobKind]> {
  const perform = performers[job.kind] as Perform<JobKind>;
  return await perform(store, job.work, context);
}

/** What stands under the names must be what the work was planned for: its result is kept under the work's hash. */
async function checkSame(store: Store, work: Probed): Promise<void> {
  const { id } = await identifyProbe(store, work.probe);
  if (id !== work.probeId) {
    throw new UserError(`watch: probe \`${work.probe}\` was fitted again meanwhile`);
  }
  const registered = await store.checkpoints.read(work.checkpoint);
  if (registered?.['fingerprint'] !== work.fingerprint) {
    throw new UserError(`watch: the weights of \`${work.checkpoint}\` were replaced meanwhile`);
  }
}

async function predictTasks(
  store: Store,
  { checkpoint, probe }: Probed,
  { context, labelSeed = null }: { context: JobContext; labelSeed?: number | null },
): Promise<PredictedTask[]> {
  const outcomes =
    labelSeed === null ? anyOutcomes : { ...anyOutcomes, source: `label:${labelSeed}` };
  const [predicted] = await predict(
    store,
    {
      ...{ checkpoints: [checkpoint], probe, tasks: null, ...outcomes },
      ...{ useLabels: labelSeed !== null, itemsOut: null },
      ...(labelSeed === null ? {} : { refit: 'prior' as const }),
    },
    context,
  );
  return (predicted?.tasks ?? []).map(describeTask);
}

function describeTask(task: TaskPrediction): PredictedTask {
  const { task: name, items, predicted, low, high, level, status, reason, remeasure } = task;
  const labelled = task.labels?.labelled ?? 0;
  const { advised = false, labels = null } = remeasure ?? {};
  return {
    ...{ task: name, items, predicted, low, high, level, status, reason, labelled },
    remeasure: { advised, labels },
  };
}

async function labelTasks(
  store: Store,
  work: Work<'label'>,
  context: JobContext,
): Promise<ResultByKind['label']> {
  await checkSame(store, work);
  const { checkpoint, suite, probe, tasks, questions, ...sampling } = work;
  const report = await label(
    store,
    { checkpoint, suite, tasks, render: 'auto' },
    { ...sampling, choose: { questions, design: 'stratified', probe } },
    context,
  );
  return {
    tasks: report.tasks.map(({ task, items, samples, accuracy }) => {
      return { task, items, samples, accuracy };
    }),
  };
}

async function estimateTasks(
  store: Store,
  work: Work<'estimate'>,
  context: JobContext,
): Promise<ResultByKind['estimate']> {
  await checkSame(store, work);
  const { labelSeed, predictJob, previous } = work;
  const alone = resultOf('predict', await store.jobs.read(predictJob))?.tasks;
  const tasks =
    labelSeed === null && alone !== undefined
      ? alone
      : await predictTasks(store, work, { context, labelSeed });
  const changes = previous === null ? noChanges : await changesSince(store, work, context);
  return {
    tasks: tasks.map((task) => {
      // What labels corrected is no prediction any more: the comparison is not about it.
      return { ...task, change: task.labelled > 0 ? null : (changes.get(task.task) ?? null) };
    }),
  };
}

type Changes = ReadonlyMap<string, NonNullable<EstimatedTask['change']>>;

const noChanges: Changes = new Map();

/** By task; none where the probe's errors were never measured. */
async function changesSince(
  store: Store,
  { previous, checkpoint, probe }: Work<'estimate'>,
  context: JobContext,
): Promise<Changes> {
  const about = { a: previous?.checkpoint ?? '', b: checkpoint, probe, suite: null, tasks: null };
  try {
    const { tasks } = await comparePredicted(store, about, { ...context, note: () => undefined });
    return new Map(
      tasks.map(({ task, difference, minimalDetectableEffect }) => [
        task,
        { difference, minimalDetectableEffect },
      ]),
    );
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    context.note(`${checkpoint}: not compared with the checkpoint before: ${error.message}`);
    return new Map();
  }
}

async function forecastCheckpoint(
  store: Store,
  { checkpoint, suite, ladder, tasks }: Work<'forecast'>,
  context: JobContext,
): Promise<ResultByKind['forecast']> {
  const { id } = await forecast(
    store,
    {
      ...{ suite, ladder, target: checkpoint, targetFlops: null, ...anyOutcomes },
      ...{ anchors: [], against: [], tasks, benchmark: 'task', methods: null, reach: null },
      ...{ replicates: 200, seed: 0, draw: 'none' },
    },
    // What of the ladder was left out stands in the frozen file.
    { ...context, note: () => undefined },
  );
  return { forecast: id };
}
