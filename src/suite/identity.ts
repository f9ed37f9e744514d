/**
 * Identity of questions. A question is what the model is given: the rendering decides which text that is.
 */
import { createHash } from 'node:crypto';
import { UserError } from '../error/index.ts';
import type { Item, Render, Suite, SuiteMessage, Task } from './types.ts';

/**
 * SHA-256 (hex) of one question as it is asked: of the prompt's text in UTF-8, or of the messages as compact JSON
 * `[{"role":…,"content":…},…]` in that order of fields. Id, target and grading play no part.
 *
 * @throws UserError where the item lacks that rendering.
 */
export function promptSha256(
  item: Pick<Item, 'id' | 'prompt' | 'messages'>,
  render: Render,
): string {
  if (render === 'prompt') {
    if (item.prompt === null) throw missing(item.id, 'prompt');
    return sha256(item.prompt);
  }
  if (item.messages === null) throw missing(item.id, 'messages');
  return sha256(canonicalMessages(item.messages));
}

/**
 * SHA-256 (hex) of what a suite asks: task, id, prompt and messages of every item, in order, since row i of stored
 * activations is item i. Neither the suite's name, version and folder nor targets, choices and grading play a part: they
 * change no hidden state.
 */
export function hashSuite(items: readonly Item[]): string {
  const hash = createHash('sha256');
  for (const item of items) {
    const messages = item.messages === null ? null : canonicalMessages(item.messages);
    hash.update(`${JSON.stringify([item.task, item.id, item.prompt, messages])}\n`);
  }
  return hash.digest('hex');
}

/** SHA-256 (hex) of everything a suite says: what is asked, how it is graded, name and version. */
export function hashSuiteContent(suite: Omit<Suite, 'hash' | 'dir'>): string {
  const hash = createHash('sha256');
  const tasks = [...suite.tasks.values()].map(taskFields);
  hash.update(`${JSON.stringify([suite.name, suite.version, tasks])}\n`);
  for (const item of suite.items) hash.update(`${JSON.stringify(itemFields(item))}\n`);
  return hash.digest('hex');
}

function taskFields(task: Task): unknown[] {
  return [
    task.name,
    task.chance,
    task.maxTokens,
    task.stop,
    Object.entries(task.grader).sort(),
    task.filter,
  ];
}

function itemFields(item: Item): unknown[] {
  const messages = item.messages === null ? null : canonicalMessages(item.messages);
  return [
    item.task,
    item.id,
    item.prompt,
    messages,
    item.target,
    item.choices,
    item.group,
    item.meta,
  ];
}

function canonicalMessages(messages: readonly SuiteMessage[]): string {
  return JSON.stringify(messages.map(({ role, content }) => ({ role, content })));
}

/** The last text is asked for again by whoever keeps the question. */
let last: { readonly text: string; readonly hash: string } | null = null;

function sha256(text: string): string {
  if (last?.text !== text) {
    last = { text, hash: createHash('sha256').update(text, 'utf8').digest('hex') };
  }
  return last.hash;
}

function missing(id: string, field: string): UserError {
  return new UserError(`\`suite\`: expected item \`${id}\` to have \`${field}\`, it has none`);
}
