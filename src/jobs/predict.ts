import { appendFile, writeFile } from 'node:fs/promises';
import type { Precision } from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import type { Choice } from '../estimate/index.ts';
import {
  type CheckpointPrediction as Predicted,
  type CorrectedByLabels,
  predictCheckpoint,
  type Refit,
  type TaskPrediction as ProbePrediction,
} from '../probe/index.ts';
import type { Store } from '../store/index.ts';
import { promptSha256 } from '../suite/index.ts';
import { isFittedOn, labelsReport, type LabelsReport } from './estimates.ts';
import { type AnswerSeconds, readAnswerSeconds } from './generation-time.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import {
  type ItemCounts,
  noItemCounts,
  noteJoins,
  type OutcomeChoice,
  readItemCounts,
} from './outcome-choice.ts';
import { type OutputFile, prepareOutput } from './output-file.ts';
import type { JobContext } from './progress.ts';
import { renderOf } from './prompts.ts';
import { recordedChoices, type RecordedChoice } from './recorded-choices.ts';
import {
  checkPrecision,
  checkTasks,
  openProbe,
  prepareScoring,
  type Scoring,
  type ScoringProbe,
} from './score-checkpoint.ts';

export type PredictRequest = OutcomeChoice & {
  readonly checkpoints: readonly string[];
  readonly probe: string;
  readonly tasks: readonly string[] | null;
  /** Null or absent: that of the probe, the only one that it reads. */
  readonly precision?: Precision | null;
  /** Correct the predictions with outcomes of the scored checkpoint, as they were chosen (`label`). */
  readonly useLabels: boolean;
  /** How they change the probabilities of single questions; only with `useLabels`. @default 'prior' */
  readonly refit?: Refit;
  /** A file for `{suite, task, item, checkpoint, p}`, a line an item. */
  readonly itemsOut: string | null;
};

/** A probe's prediction of one task, with what the store knows of it. */
export type TaskPrediction = Omit<ProbePrediction, 'corrected'> & {
  readonly suite: string;
  /** From outcomes, for comparison alone; null where there are none. */
  readonly measured: number | null;
  /** Where labels corrected the prediction: what they are worth with it; null elsewhere. */
  readonly labels: LabelsReport | null;
};

export type CheckpointPrediction = {
  readonly checkpoint: string;
  readonly probe: string;
  readonly tasks: readonly TaskPrediction[];
};

type ItemPrediction = { suite: string; task: string; item: string; checkpoint: string; p: number };

/**
 * Predicted pass@1 of every item and task at each checkpoint. Outcomes of a scored checkpoint are shown beside its
 * prediction and change it only with `useLabels`.
 */
export async function predict(
  store: Store,
  request: PredictRequest,
  context: JobContext,
): Promise<CheckpointPrediction[]> {
  const { itemsOut, refit = 'none' } = request;
  if (refit !== 'none' && !request.useLabels) {
    throw new UserError(`--refit: expected --use-labels beside ${refit}, got none; add it`);
  }
  const output = itemsOut === null ? null : await prepareOutput('--items-out', itemsOut);
  const probe = await openProbe(store, request.probe);
  checkTasks(probe, request.probe, request.tasks);
  checkPrecision(probe, request.probe, request.precision ?? null);
  const checkpoints = await resolveCheckpoints(store, request.checkpoints, context);
  const predictions: CheckpointPrediction[] = [];
  const items: ItemPrediction[] = [];
  const counts: ItemCounts[] = [];
  for (const checkpoint of checkpoints) {
    const work = await predictOne({ store, probe, checkpoint, request }, context);
    predictions.push(await describePrediction(work));
    counts.push(work.counts);
    items.push(...listItems(work));
    await keepItems(work);
    await keepEstimates(work, predictions.at(-1)?.tasks ?? []);
    context.signal.throwIfAborted();
  }
  noteJoins(counts, context);
  if (output !== null) await writeItems(output, items);
  return predictions;
}

type PredictTask = {
  readonly store: Store;
  readonly probe: ScoringProbe;
  readonly checkpoint: KnownCheckpoint;
  readonly request: PredictRequest;
};

type PredictWork = PredictTask & {
  readonly scoring: Scoring;
  /** Shown beside the prediction; part of it only with `useLabels`. */
  readonly counts: ItemCounts;
  readonly predicted: Predicted;
  /** How the labels that correct it were chosen, by task. */
  readonly choices: ReadonlyMap<string, RecordedChoice>;
};

const noChoices: ReadonlyMap<string, RecordedChoice> = new Map();
const noTimes: ReadonlyMap<string, AnswerSeconds> = new Map();

async function predictOne(task: PredictTask, context: JobContext): Promise<PredictWork> {
  const { store, probe, checkpoint, request } = task;
  const scoring = await prepareScoring(store, probe, checkpoint, context);
  const counts = await readMeasured(task, scoring, context);
  const isFitted = isFittedOn(probe, checkpoint);
  if (request.useLabels && isFitted) {
    context.note(
      `${checkpoint.id}: the probe was fitted on its outcomes, --use-labels cannot correct it there`,
    );
  }
  if (request.useLabels && counts.n.every((answers) => answers === 0)) {
    context.note(
      `${checkpoint.id}: --use-labels found no outcomes of it, the prediction stands alone`,
    );
  }
  const isCorrected = request.useLabels && !isFitted;
  const about = { suite: probe.suite, checkpoint };
  const choices = isCorrected ? await recordedChoices(store, about, counts.n) : noChoices;
  const { refit = 'prior' } = request;
  const labels = { ...counts, choices: choicesOf(choices) };
  const options = isCorrected ? { labels, refit } : {};
  const predicted = await predictCheckpoint(probe.model, scoring.input, options);
  return { ...task, scoring, counts, predicted, choices };
}

function choicesOf(recorded: ReadonlyMap<string, RecordedChoice>): Map<string, Choice> {
  return new Map([...recorded].map(([task, { choice }]) => [task, choice]));
}

/**
 * Outcomes of the scored checkpoint. Where they are only shown, not being able to choose among them must not stop a
 * prediction: the accuracy is then unknown.
 */
async function readMeasured(
  { store, probe, checkpoint, request }: PredictTask,
  { render }: Scoring,
  context: JobContext,
): Promise<ItemCounts> {
  const about = { suite: probe.suite, checkpoint: checkpoint.id, render };
  try {
    return await readItemCounts(store, about, request);
  } catch (error) {
    if (request.useLabels || !(error instanceof UserError)) throw error;
    context.note(`${checkpoint.id}: no measured accuracy is shown: ${error.message}`);
    return noItemCounts(probe.suite);
  }
}

async function describePrediction(work: PredictWork): Promise<CheckpointPrediction> {
  const { store, probe, checkpoint, counts, predicted, request, choices } = work;
  const tasks = predicted.tasks.filter(({ task }) => request.tasks?.includes(task) ?? true);
  const { run } = checkpoint.facts;
  const about = { checkpoint: checkpoint.id, run, suite: probe.suite.name };
  const times = request.useLabels ? await readAnswerSeconds(store, about) : noTimes;
  return {
    checkpoint: checkpoint.id,
    probe: request.probe,
    tasks: tasks.map(({ corrected, method, ...task }) => {
      const rows = predicted.items.flatMap((item, row) => (item.task === task.task ? [row] : []));
      const time = times.get(task.task) ?? null;
      return {
        suite: probe.suite.name,
        ...task,
        method:
          corrected === null ? method : `${method}; ${assumed(corrected, choices.get(task.task))}`,
        measured: measuredAccuracy(rows, counts),
        labels:
          corrected === null
            ? null
            : labelsReport(corrected, { answers: answersOf(rows, counts), time }),
      };
    }),
  };
}

/** What the estimate takes to be true, beside its formula. */
function assumed({ estimate }: CorrectedByLabels, recorded: RecordedChoice | undefined): string {
  const { labelled, questions } = estimate;
  if (labelled === questions) return 'every question has a label, predictions are not used';
  const chosen = recorded?.how ?? 'no recorded design says how they were chosen';
  return `${chosen}; the probe saw none of these labels; about these ${questions} questions`;
}

/** Answers a labelled question, mean. */
function answersOf(rows: readonly number[], { n }: ItemCounts): number {
  const answered = rows.map((row) => n[row] ?? 0).filter((answers) => answers > 0);
  return answered.reduce((sum, answers) => sum + answers, 0) / answered.length;
}

function measuredAccuracy(rows: readonly number[], counts: ItemCounts): number | null {
  const rates = rows.flatMap((row) => rateOf(row, counts) ?? []);
  return rates.length === 0 ? null : rates.reduce((sum, rate) => sum + rate, 0) / rates.length;
}

function rateOf(row: number, { k, n }: ItemCounts): number | null {
  const answers = n[row] ?? 0;
  return answers === 0 ? null : (k[row] ?? 0) / answers;
}

function listItems({ probe, checkpoint, predicted, request }: PredictWork): ItemPrediction[] {
  return predicted.items
    .filter(({ task }) => request.tasks?.includes(task) ?? true)
    .map(({ task, item, p, refitted }) => ({
      suite: probe.suite.name,
      task,
      item,
      checkpoint: checkpoint.id,
      p: refitted ?? p,
    }));
}

/** The store keeps what was said without outcomes of the checkpoint, whatever labels made of it. */
async function keepItems({
  store,
  probe,
  checkpoint,
  scoring,
  predicted,
}: PredictWork): Promise<void> {
  const { suite, origin, id: probeId, model } = probe;
  await store.predictions.write(
    suite.items.map((item, row) => ({
      suite: suite.name,
      task: item.task,
      item: item.id,
      checkpoint: checkpoint.id,
      fingerprint: checkpoint.fingerprint ?? '',
      promptSha256: promptSha256(item, renderOf(item, scoring.render, origin.render)),
      probe: model.card.name,
      probeId,
      p: predicted.items[row]?.p ?? 0,
    })),
    { run: checkpoint.facts.run },
  );
}

/** Of each task that was asked for. */
async function keepEstimates(
  { store, probe, checkpoint }: PredictWork,
  tasks: readonly TaskPrediction[],
): Promise<void> {
  const { model, id: probeId } = probe;
  await store.estimates.write(
    tasks.map(({ suite, task, items, predicted, low, high, level, method, status, ...more }) => ({
      ...{ suite, task, items, predicted, low, high, level, method, status },
      checkpoint: checkpoint.id,
      fingerprint: checkpoint.fingerprint ?? '',
      probe: model.card.name,
      probeId,
      labelled: more.labels?.labelled ?? 0,
      reason: more.reason,
      baselines: JSON.stringify(more.baselines),
    })),
    { run: checkpoint.facts.run },
  );
}

/** Lines written at a time. */
const linesAtOnce = 10_000;

async function writeItems(output: OutputFile, items: readonly ItemPrediction[]): Promise<void> {
  await output.write(async (temporary) => {
    await writeFile(temporary, '');
    for (let first = 0; first < items.length; first += linesAtOnce) {
      const part = items.slice(first, first + linesAtOnce);
      await appendFile(temporary, part.map((item) => `${JSON.stringify(item)}\n`).join(''));
    }
  });
}
