import type { Item, Task } from '../../suite/index.ts';

/** Longest answers where a log does not tell: what the harnesses take by default. */
const defaultMaxTokens = 256;

/** A task of a suite as far as a log tells it. The grader is Sonde's nearest: outcomes keep the harness's own grades. */
export function logTask(
  given: Pick<Task, 'name'> & { readonly [Field in keyof Task]?: Task[Field] | undefined },
): Task {
  const { name, chance, maxTokens, stop, grader, filter } = given;
  return {
    name,
    chance: chance ?? 0,
    maxTokens: maxTokens ?? defaultMaxTokens,
    stop: stop ?? [],
    grader: grader ?? { type: 'normalized' },
    filter: filter ?? null,
  };
}

/** An item of a suite as far as a log tells it. */
export function logItem(
  given: Pick<Item, 'task' | 'id'> & { readonly [Field in keyof Item]?: Item[Field] | undefined },
): Item {
  const { task, id, prompt, messages, target, choices, group, meta } = given;
  return {
    task,
    id,
    prompt: prompt ?? null,
    messages: messages ?? null,
    target: target ?? [],
    choices: choices ?? null,
    group: group ?? null,
    meta: meta ?? {},
  };
}

/** Ids are unique in a suite, document numbers only in a task. */
export function logItemId(task: string, document: string | number): string {
  return `${task}/${document}`;
}
