/**
 * Multiple choice by likelihood, as lm-evaluation-harness does it (`acc` and `acc_norm` of its `multiple_choice` tasks):
 * each choice is put behind the prompt, and the answer is the one whose tokens are the likeliest together, or the likeliest
 * per character.
 */
import { UserError } from '../../error/index.ts';
import type { Item, Task } from '../types.ts';
import { targetPlaces } from './choice.ts';

/** The filters that the two ways of grading stand under. */
export const likelihoodFilters = ['acc', 'acc_norm'] as const;

export type LikelihoodGrades = Readonly<Record<(typeof likelihoodFilters)[number], number>>;

/**
 * Throws where an item's choices cannot be graded.
 *
 * @throws UserError for an item with fewer than two choices, an empty one, or a target that is none of them.
 */
export function checkChoices(task: Task, { id, target, choices }: Item): void {
  const about = `item \`${id}\` of task \`${task.name}\`, which is graded by loglikelihood`;
  if (choices === null || choices.length < 2) {
    throw new UserError(
      `\`items.jsonl\`: expected at least two \`choices\` in ${about}, got ${choices?.length ?? 'none'}`,
    );
  }
  if (choices.some((choice) => choice.trim() === '')) {
    throw new UserError(`\`items.jsonl\`: expected no empty choice in ${about}`);
  }
  if (targetPlaces(target, choices).size > 0) return;
  throw new UserError(
    `\`items.jsonl\`: expected \`target\` to be the text or the letter of one of the choices in ${about}, got ${JSON.stringify(target)}`,
  );
}

/**
 * What is put right behind `context` for a choice: the task's delimiter and the choice; without one, a space, where there
 * is none at either side. Behind rendered messages the choice stands as it is.
 */
export function continuationOf({ grader }: Task, context: string, choice: string): string {
  const stated = grader.type === 'loglikelihood' ? grader.delimiter : undefined;
  const isApart = /\s$/.test(context) || /^\s/.test(choice);
  return `${stated ?? (isApart ? '' : ' ')}${choice}`;
}

/**
 * Where a text is split into context and choice: white space at the end of the context goes to the choice, so that it is
 * in one token with the word behind it.
 */
export function splitAtChoice(
  context: string,
  continuation: string,
): { readonly context: string; readonly continuation: string } {
  const kept = context.trimEnd();
  return { context: kept, continuation: context.slice(kept.length) + continuation };
}

/**
 * 1 under each filter whose answer is a target, else 0; the first of equals is the answer.
 *
 * @param logLikelihoods of the item's choices, in their order
 */
export function gradeLikelihoods(
  { target, choices }: Item,
  logLikelihoods: readonly number[],
): LikelihoodGrades {
  const all = choices ?? [];
  const right = targetPlaces(target, all);
  const perCharacter = logLikelihoods.map((sum, i) => sum / lengthOf(all[i] ?? ''));
  return {
    acc: Number(right.has(largest(logLikelihoods))),
    acc_norm: Number(right.has(largest(perCharacter))),
  };
}

/** Whether the choice at this place is a target. */
export function isTargetChoice({ target, choices }: Item, place: number): boolean {
  return targetPlaces(target, choices ?? []).has(place);
}

/** In Unicode characters, without the white space that sets a choice apart from its prompt. */
function lengthOf(choice: string): number {
  return Array.from(choice.trimStart()).length;
}

function largest(values: readonly number[]): number {
  let best = 0;
  for (const [place, value] of values.entries()) if (value > (values[best] ?? 0)) best = place;
  return best;
}
