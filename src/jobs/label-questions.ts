/** The questions of a suite as they are asked and graded. */
import { createHash } from 'node:crypto';
import { UserError } from '../error/index.ts';
import {
  checkChoices,
  gradeAnswer,
  type Item,
  promptSha256,
  type Render,
  type Suite,
  type Task,
} from '../suite/index.ts';
import { contentOf } from './prompts.ts';

export type Question = {
  readonly item: Item;
  readonly task: Task;
  readonly render: Render;
  readonly promptSha256: string;
  readonly settingSha256: string;
};

/** What decides how a question is put, beside itself. */
export type Putting = {
  renderOf(item: Item, task: Task): Render;
  /** Of whoever answers: part of what tells answers apart. */
  readonly setup: unknown;
};

/** @throws UserError for an item that cannot be asked or graded. */
export function prepareQuestions(suite: Suite, putting: Putting): Question[] {
  return suite.items.map((item) => {
    const task = suite.tasks.get(item.task);
    if (task === undefined) throw new Error(`label: no task of ${item.id}`);
    const render = putting.renderOf(item, task);
    contentOf(item, render);
    checkGradable(task, item);
    return {
      item,
      task,
      render,
      promptSha256: promptSha256(item, render),
      settingSha256: hashSetting(putting.setup, task),
    };
  });
}

function checkGradable(task: Task, item: Item): void {
  if (item.target.length === 0) {
    throw new UserError(
      `label: item \`${item.id}\` of task \`${item.task}\` has no target, it is only read; leave its task out with --tasks`,
    );
  }
  if (isScored(task)) checkChoices(task, item);
  else gradeAnswer(task, item, '');
}

/** Whether the choices' likelihoods are read instead of sampling answers. */
export function isScored({ grader }: Task): boolean {
  return grader.type === 'loglikelihood';
}

function hashSetting(setup: unknown, { maxTokens, stop, grader }: Task): string {
  const setting =
    grader.type === 'loglikelihood'
      ? [setup, grader.type, grader.delimiter ?? null]
      : [setup, maxTokens, stop];
  return createHash('sha256').update(JSON.stringify(setting)).digest('hex');
}
