/** What labels of a scored checkpoint and predictions of all its questions are worth together. */
import { equivalentLabels, labelsForWidth } from '../estimate/index.ts';
import type { CorrectedByLabels } from '../probe/index.ts';
import type { AnswerSeconds } from './generation-time.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { ScoringProbe } from './score-checkpoint.ts';

/** Accuracies from 0 to 1; the intervals are of the level of the task's prediction. */
export type LabelsReport = {
  /** Questions whose labels were used. */
  readonly labelled: number;
  /** What the same labels say without predictions, taken to be a random subset. */
  readonly plain: { readonly estimate: number; readonly low: number; readonly high: number };
  /** Labels that the plain mean needs for an interval as short; not whole; null where nothing varies. */
  readonly equivalentLabels: number | null;
  /** Labels that bring the whole interval to so many hundredths; null where labels of all questions do not. */
  readonly labelsForWidth: { readonly '0.1': number | null; readonly '0.05': number | null };
  /** What the questions without a label would have taken to sample; null where the store knows no times. */
  readonly generationSecondsSaved: number | null;
  /** How the numbers above were computed, in words. */
  readonly how: string;
};

export type LabelsAbout = {
  /** Answers a labelled question got, mean. */
  readonly answers: number;
  /** Null where no sampling of the task was timed at the checkpoint or others of its run. */
  readonly time: AnswerSeconds | null;
};

export function labelsReport(
  { estimate, plain }: CorrectedByLabels,
  { answers, time }: LabelsAbout,
): LabelsReport {
  const equivalent = equivalentLabels(estimate);
  const saved = secondsSaved(estimate.questions - estimate.labelled, { answers, time });
  const worth = equivalent?.method ?? 'nothing varies among the labelled questions';
  return {
    labelled: estimate.labelled,
    plain: { estimate: plain.estimate, low: plain.low, high: plain.high },
    equivalentLabels: equivalent?.labels ?? null,
    labelsForWidth: {
      '0.1': labelsForWidth(estimate, 0.1),
      '0.05': labelsForWidth(estimate, 0.05),
    },
    generationSecondsSaved: saved.seconds,
    how: `equivalent labels: ${worth}; seconds saved: ${saved.how}`,
  };
}

function secondsSaved(
  unlabelled: number,
  { answers, time }: LabelsAbout,
): { seconds: number | null; how: string } {
  if (time === null) {
    return {
      seconds: null,
      how: 'unknown, no `sonde label` sampled this task at this checkpoint or others of its run',
    };
  }
  const question = time.seconds * answers;
  return {
    seconds: unlabelled * question,
    how: `${unlabelled} questions without a label × ${question.toPrecision(3)} s a question (${answers.toFixed(0)} answers each, time an answer took at ${time.from}, a call's seconds shared among its tasks by their tokens)`,
  };
}

/** Whether the probe has seen outcomes of these weights. */
export function isFittedOn({ model }: ScoringProbe, { id, fingerprint }: KnownCheckpoint): boolean {
  return model.card.checkpoints.some((one) => one.id === id && one.fingerprint === fingerprint);
}
