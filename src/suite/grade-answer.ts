import { UserError } from '../error/index.ts';
import { gradeChoice } from './graders/choice.ts';
import { gradeMath } from './graders/math.ts';
import { gradeExact, gradeNormalized, gradeNumber, gradeRegex } from './graders/text.ts';
import type { Item, Task } from './types.ts';

/** A longer answer is cut here before it is graded: about eight times the longest answers of reasoning models. */
const maxAnswerLength = 1_000_000;

/**
 * 1 where an answer (already cut at the stop strings) is right by the task's grader, 0 where it is not.
 *
 * @throws UserError for an item without target, for a `regex` that takes longer than a second, and for `loglikelihood`,
 * which is computed from the model and not from an answer.
 */
export function gradeAnswer(task: Task, item: Item, answer: string): number {
  if (item.target.length === 0) {
    throw new UserError(
      `\`gradeAnswer\`: item \`${item.id}\` of task \`${task.name}\` has no target, it can only be read; leave it out or give it one in items.jsonl`,
    );
  }
  return isRight(task, item, answer.slice(0, maxAnswerLength)) ? 1 : 0;
}

function isRight(task: Task, item: Item, answer: string): boolean {
  const { grader } = task;
  switch (grader.type) {
    case 'exact':
      return gradeExact(answer, item.target);
    case 'normalized':
      return gradeNormalized(answer, item.target);
    case 'number':
      return gradeNumber(answer, item.target);
    case 'math':
      return gradeMath(answer, item.target);
    case 'regex':
      return gradeRegex(answer, item.target, grader, { task: task.name, item: item.id });
    case 'choice':
      return gradeChoice(answer, item.target, item.choices);
    case 'loglikelihood':
      throw new UserError(
        `\`gradeAnswer\`: task \`${task.name}\` is graded by loglikelihood, over the choices' probabilities: no sampled answer can be graded by it`,
      );
  }
}

/** The text before the first of the stop strings; all of it where none occurs. */
export function cutAtStop(text: string, stop: readonly string[]): string {
  let end = text.length;
  for (const word of stop) {
    const index = text.indexOf(word);
    if (index !== -1 && index < end) end = index;
  }
  return text.slice(0, end);
}
