/** Two checkpoints by what a probe predicts of them: no answer is sampled. */
import { UserError } from '../error/index.ts';
import { predictedComparison } from '../estimate/index.ts';
import { predictCheckpoint } from '../probe/index.ts';
import type { Store } from '../store/index.ts';
import { adjust, type ComparedTask, type CompareReport } from './compare.ts';
import { type DifferenceError, differenceErrors } from './compare-errors.ts';
import { groupNumbers } from './compare-groups.ts';
import { isFittedOn } from './estimates.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import type { JobContext } from './progress.ts';
import { checkTasks, openProbe, prepareScoring, type ScoringProbe } from './score-checkpoint.ts';

export type ComparePredictedRequest = {
  /** Ids or folders of two checkpoints. */
  readonly a: string;
  readonly b: string;
  readonly probe: string;
  /** The probe's suite by name; null: that one. */
  readonly suite: string | null;
  /** Of the probe; null: all. */
  readonly tasks: readonly string[] | null;
};

/** As a report of measured outcomes; `a` and `b` of a task are predicted accuracies. */
export type PredictedReport = CompareReport & {
  readonly probe: string;
  readonly tasks: readonly PredictedTask[];
  /** In words, with what is assumed. */
  readonly method: string;
};

export type PredictedTask = ComparedTask & {
  /** Standard deviation of the probe's error about such a difference. */
  readonly probeError: number;
};

const level = 0.95;

/**
 * The paired difference of two checkpoints on every task of a probe, from its predictions, with the error that the probe
 * made about such differences before.
 *
 * @throws UserError for a checkpoint, probe, suite or task that is not known, and a probe without measured errors.
 */
export async function comparePredicted(
  store: Store,
  request: ComparePredictedRequest,
  context: JobContext,
): Promise<PredictedReport> {
  const probe = await openProbe(store, request.probe);
  checkTasks(probe, request.probe, request.tasks);
  if (request.suite !== null && request.suite !== probe.suite.name) {
    throw new UserError(
      `--suite: expected the suite of probe \`${request.probe}\` (${probe.suite.name}), got \`${request.suite}\``,
    );
  }
  const errors = differenceErrors(probe.model.card);
  const known = await resolveCheckpoints(store, [request.a, request.b], context, {
    suite: probe.suite.name,
    option: 'compare',
  });
  const [first, second] = known;
  if (first === undefined || second === undefined) throw new Error('compare: no two checkpoints');
  const a = await predictedAt(store, { probe, checkpoint: first }, context);
  const b = await predictedAt(store, { probe, checkpoint: second }, context);
  const names = [...probe.suite.tasks.keys()].filter(
    (task) => request.tasks?.includes(task) ?? true,
  );
  const done = names.map((task) =>
    compareTask(probe, { task, a, b, error: errorOf(errors, task) }),
  );
  const tasks = adjust(done.map((result) => ({ result })));
  return {
    ...{ a: first.id, b: second.id, level, probe: request.probe, exclusions: [] },
    ...{ paired: true, across: [], flips: [] },
    tasks: tasks.map((task, index) => ({ ...task, probeError: done[index]?.probeError ?? 0 })),
    method: methodOf(
      probe,
      names.map((task) => errorOf(errors, task)),
    ),
  };
}

function errorOf(errors: ReadonlyMap<string, DifferenceError>, task: string): DifferenceError {
  const error = errors.get(task);
  if (error === undefined) throw new Error(`compare: no error of task ${task}`);
  return error;
}

/** Probabilities in the order of the suite's items. */
async function predictedAt(
  store: Store,
  { probe, checkpoint }: { readonly probe: ScoringProbe; readonly checkpoint: KnownCheckpoint },
  context: JobContext,
): Promise<Float64Array> {
  if (isFittedOn(probe, checkpoint)) {
    context.note(
      `${checkpoint.id}: the probe was fitted on its outcomes, what is said of it is less uncertain than the interval`,
    );
  }
  const scoring = await prepareScoring(store, probe, checkpoint, context);
  context.signal.throwIfAborted();
  const { items } = await predictCheckpoint(probe.model, scoring.input);
  return Float64Array.from(items, ({ p }) => p);
}

type TaskWork = {
  readonly task: string;
  readonly a: Float64Array;
  readonly b: Float64Array;
  readonly error: DifferenceError;
};

function compareTask(
  { suite }: ScoringProbe,
  { task, a, b, error }: TaskWork,
): Omit<PredictedTask, 'adjustedP' | 'fdrP'> {
  const rows = suite.items.flatMap((item, row) => (item.task === task ? [row] : []));
  const pick = (values: Float64Array): Float64Array =>
    Float64Array.from(rows, (row) => values[row] ?? Number.NaN);
  const found = predictedComparison({
    ...{ a: pick(a), b: pick(b), level },
    errorVariance: error.variance,
    errorDegrees: error.degrees,
    group: groupNumbers(rows.map((row) => suite.items[row]?.group ?? null)),
  });
  const { items } = found;
  return {
    ...{ suite: suite.name, task, filter: null, kind: 'count', itemsA: items, itemsB: items },
    ...found,
    // A prediction is no answer: no question is won by it.
    ...{ won: null, lost: null, tied: null },
    probeError: Math.sqrt(error.variance),
  };
}

function methodOf({ model }: ScoringProbe, errors: readonly DifferenceError[]): string {
  const sum = (from: DifferenceError['from']): number =>
    errors.filter((error) => error.from === from).length;
  const pairs = errors.reduce((most, error) => Math.max(most, error.pairs), 0);
  const degrees = errors.reduce((most, error) => Math.max(most, error.degrees), 0);
  const sources = [
    ...(sum('task') === 0 ? [] : [`the task's own pairs (${sum('task')} tasks)`]),
    ...(sum('tasks') === 0 ? [] : [`pairs of all tasks (${sum('tasks')} tasks)`]),
    ...(sum('single') === 0
      ? []
      : ['single predictions, errors at a and b taken to be independent, for want of pairs']),
  ];
  const seen = pairs === 0 ? '' : `; at most ${pairs} replayed pairs, ${degrees} of them different`;
  return (
    `paired difference of the predictions of probe ${model.card.name}; variance over questions and mean square of the ` +
    `probe's error about a difference, from ${sources.join(' and ')}${seen}; assumes that it errs about these two as it ` +
    'did about neighbouring labelled checkpoints, as far from the labelled ones and as far apart'
  );
}
