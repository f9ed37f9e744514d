/** The questions of a suite as a checkpoint is asked and graded. */
import { createHash } from 'node:crypto';
import { type Checkpoint, loadTokenizer } from '../checkpoint/index.ts';
import type { SamplePrompt } from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import {
  gradeAnswer,
  type Item,
  promptSha256,
  type Render,
  type Suite,
  type Task,
} from '../suite/index.ts';
import type { SuiteRequest } from './known-suite.ts';
import { renderOf, tokenisePrompts } from './prompts.ts';

export type Question = {
  readonly item: Item;
  readonly task: Task;
  readonly render: Render;
  readonly promptSha256: string;
  readonly settingSha256: string;
  readonly prompt: SamplePrompt;
};

/** @throws UserError for an item that cannot be graded. */
export async function prepareQuestions(
  suite: Suite,
  opened: Checkpoint,
  how: { render: Render; asked: SuiteRequest['render'] },
): Promise<Question[]> {
  const prompts = tokenisePrompts(suite, await loadTokenizer(opened), how);
  return suite.items.map((item, index) => {
    const task = suite.tasks.get(item.task);
    const prompt = prompts[index];
    if (task === undefined || prompt === undefined) throw new Error(`label: no task of ${item.id}`);
    if (item.target.length === 0) {
      throw new UserError(
        `label: item \`${item.id}\` of task \`${item.task}\` has no target, it is only read; leave its task out with --tasks`,
      );
    }
    gradeAnswer(task, item, '');
    const render = renderOf(item, how.render, how.asked);
    return {
      item,
      task,
      render,
      promptSha256: promptSha256(item, render),
      settingSha256: hashSetting(opened, task),
      prompt: { ...prompt, maxTokens: task.maxTokens, stop: task.stop },
    };
  });
}

function hashSetting({ setupSha256 }: Checkpoint, { maxTokens, stop }: Task): string {
  const setting = JSON.stringify([setupSha256, maxTokens, stop]);
  return createHash('sha256').update(setting).digest('hex');
}
