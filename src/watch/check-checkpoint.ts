/** The steps of one checkpoint and one probe, and what they depend on. */
import type { ProbeIdentity, RegisteredCheckpoint } from '../jobs/index.ts';
import { createJob, type EstimatedTask } from '../runner/index.ts';
import type { WatchSettings } from './settings.ts';
import type { Steps } from './steps.ts';

/** One checkpoint of a run, at its place in the order of training. */
export type Placed = {
  readonly registered: RegisteredCheckpoint;
  readonly place: number;
  /** Its folder is gone: what is stored of it still serves. */
  readonly isPruned: boolean;
};

type Work = {
  readonly checkpoint: string;
  readonly run: string | null;
  readonly fingerprint: string;
  readonly setupSha256: string;
  readonly suite: string;
  readonly probe: string;
  readonly probeId: string;
};

/** The earlier of two checkpoints goes first, and of one the later step, so that it is finished soon. */
function priorityOf({ place }: Placed, step: number): number {
  return 1 + 10 * place + (9 - step);
}

function workOf(
  { checkpoint, run, fingerprint, setupSha256 }: RegisteredCheckpoint,
  { suite, name, id }: ProbeIdentity,
): Work {
  return { checkpoint, run, fingerprint, setupSha256, suite, probe: name, probeId: id };
}

/** States and prediction; false where the folder went before its states were read. */
export async function predictStep(
  steps: Steps,
  placed: Placed,
  probe: ProbeIdentity,
): Promise<boolean> {
  const work = workOf(placed.registered, probe);
  const extraction = createJob('extract', work, priorityOf(placed, 0));
  if (placed.isPruned && (await steps.done(extraction)) === null) return false;
  await steps.do(extraction);
  await steps.do(createJob('predict', work, priorityOf(placed, 1)));
  return true;
}

export type EstimateRequest = {
  readonly placed: Placed;
  readonly probe: ProbeIdentity;
  /** The checkpoint before of which there is a prediction. */
  readonly previous: RegisteredCheckpoint | null;
};

/** Labels where the rule says so, then the estimate; after `predictStep`. */
export async function estimateStep(
  steps: Steps,
  { placed, probe, previous }: EstimateRequest,
  settings: WatchSettings,
): Promise<readonly EstimatedTask[]> {
  const work = workOf(placed.registered, probe);
  const predictJob = createJob('predict', work, priorityOf(placed, 1));
  const { tasks: predicted } = await steps.do(predictJob);
  const isWanted = (task: string): boolean => settings.tasks?.includes(task) ?? true;
  const wanted = predicted.filter(({ task }) => isWanted(task));
  const doubtful = wanted.filter(({ remeasure }) => remeasure.advised);
  const labelJob = await labelStep(
    steps,
    { placed, work, tasks: doubtful.map(({ task }) => task) },
    settings,
  );
  const { tasks } = await steps.do(
    createJob(
      'estimate',
      {
        ...work,
        predictJob: predictJob.id,
        labelJob,
        labelSeed: labelJob === null ? null : (settings.label?.seed ?? null),
        previous:
          previous === null
            ? null
            : { checkpoint: previous.checkpoint, fingerprint: previous.fingerprint },
      },
      priorityOf(placed, 3),
    ),
  );
  return tasks.filter(({ task }) => isWanted(task));
}

/** Null where nothing is to be labelled, or cannot be any more. */
async function labelStep(
  steps: Steps,
  { placed, work, tasks }: { placed: Placed; work: Work; tasks: readonly string[] },
  { label }: WatchSettings,
): Promise<string | null> {
  if (label === null || tasks.length === 0) return null;
  const questions = Math.max(label.questions, 2 * tasks.length);
  const job = createJob(
    'label',
    { ...work, ...label, tasks: [...tasks], questions },
    priorityOf(placed, 2),
  );
  if (placed.isPruned && (await steps.done(job)) === null) return null;
  await steps.do(job);
  return job.id;
}

/** Freezes what the ladder expects at the checkpoint's compute, where there is a ladder; whether it is new. */
export async function forecastStep(
  steps: Steps,
  { placed, probe }: Pick<EstimateRequest, 'placed' | 'probe'>,
  { ladder, tasks }: WatchSettings,
): Promise<boolean> {
  if (ladder.length === 0) return false;
  const before = steps.count();
  const { checkpoint, run, fingerprint, setupSha256 } = placed.registered;
  await steps.do(
    createJob(
      'forecast',
      {
        ...{ checkpoint, run, fingerprint, setupSha256, suite: probe.suite },
        ...{ ladder: [...ladder], tasks: tasks === null ? null : [...tasks] },
      },
      priorityOf(placed, 4),
    ),
  );
  return steps.count() > before;
}
