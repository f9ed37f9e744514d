import type { ImportOptions } from '../../importer.ts';
import { logItem, logItemId, logTask } from '../../log/log-task.ts';
import type { Task } from '../../../suite/index.ts';
import { type Collected, named } from './collect-log.ts';
import type { Outcome } from './log-records.ts';
import type { LogSample, SampleScore } from './sample.ts';
import { type ScorePart, scoreParts } from './score-value.ts';
import type { LogSettings } from './settings.ts';

type Part = ScorePart & { readonly extracted: string | null };

/** Tells listeners of a sample's question and answer, where its scores count. */
export function createTeller(given: {
  read: Collected;
  outcome: Outcome;
  options: ImportOptions;
  checkpoint: string;
}): (sample: LogSample) => void {
  const { read, outcome, options, checkpoint } = given;
  const { settings } = read;
  let task: Task | null = null;
  const counts = ({ filter }: ScorePart): boolean =>
    (outcome.scored.get(filter)?.scoring.kind ?? null) !== null;
  return (read_) => {
    const sample = named(read_, read.scorer);
    const parts = sample.invalidated ? [] : sample.scores.flatMap(partsOf).filter(counts);
    if (parts.length === 0) return;
    task ??= taskOf(settings, sample);
    tellQuestion(sample, task, options);
    if (sample.answer !== null) {
      tellAnswer(sample, sample.answer, { parts, task: settings.task, checkpoint, options });
    }
  };
}

function partsOf({ scorer, value, extracted }: SampleScore): Part[] {
  return scoreParts(scorer, value).map((part) => ({ ...part, extracted }));
}

function tellQuestion(sample: LogSample, task: Task, { onQuestion }: ImportOptions): void {
  const { id, messages, target, choices } = sample;
  if (messages === null) return;
  const item = logItem({
    task: task.name,
    id: logItemId(task.name, id),
    messages,
    target,
    choices,
  });
  onQuestion?.({ item, task });
}

function tellAnswer(
  { id, epoch }: LogSample,
  answer: string,
  given: { parts: readonly Part[]; task: string; checkpoint: string; options: ImportOptions },
): void {
  const { parts, task, checkpoint, options } = given;
  for (const { filter, score, extracted } of parts) {
    options.onAnswer?.({
      task,
      item: logItemId(task, id),
      checkpoint,
      filter,
      sample: Math.max(epoch - 1, 0),
      answer,
      extracted,
      grade: score.value,
    });
  }
}

/** Multiple choice is graded by the letter. */
function taskOf({ task, maxTokens, stop }: LogSettings, { choices }: LogSample): Task {
  const isChoice = choices !== null && choices.length > 0;
  return logTask({
    name: task,
    stop,
    ...(maxTokens === null ? {} : { maxTokens }),
    ...(isChoice ? { chance: 1 / choices.length, grader: { type: 'choice' } } : {}),
  });
}
