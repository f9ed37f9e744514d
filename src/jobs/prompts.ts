import { createHash } from 'node:crypto';
import { chooseRender, loadTokenizer, type PromptTokenizer } from '../checkpoint/index.ts';
import type { TokenisedPrompt } from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import type { Item, Render, Suite, SuiteMessage } from '../suite/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { SuiteRequest } from './known-suite.ts';

/** How the questions are put to a checkpoint; in `messages`, an item without messages is asked with its prompt. */
export async function resolveRender(
  asked: SuiteRequest['render'],
  { opened, facts }: KnownCheckpoint,
  suite: Suite,
): Promise<Render> {
  if (asked !== 'auto') return asked;
  const someMessages = suite.items.some((item) => item.messages !== null);
  // The template is looked for only where it decides; a folder that is gone had one, or its states were not stored so.
  const wanted = chooseRender('auto', facts.stage, true, someMessages);
  if (wanted === 'prompt' || opened === null) return wanted;
  return (await loadTokenizer(opened)).hasChatTemplate ? 'messages' : 'prompt';
}

/** The rendering of one item. */
export function renderOf(item: Item, render: Render, asked: SuiteRequest['render']): Render {
  return asked === 'auto' && item.messages === null ? 'prompt' : render;
}

/**
 * The questions as token ids, in the order of the suite.
 *
 * @throws UserError for an item that lacks the rendering asked for.
 */
export function tokenisePrompts(
  suite: Suite,
  tokenizer: PromptTokenizer,
  { render, asked }: { render: Render; asked: SuiteRequest['render'] },
): TokenisedPrompt[] {
  return suite.items.map((item) => ({
    id: item.id,
    ids: encodeItem(item, tokenizer, renderOf(item, render, asked)),
  }));
}

function encodeItem(item: Item, tokenizer: PromptTokenizer, render: Render): Int32Array {
  const content = contentOf(item, render);
  return typeof content === 'string'
    ? tokenizer.encodePrompt(content)
    : tokenizer.encodeMessages(content);
}

/**
 * What an item says in a rendering.
 *
 * @throws UserError where it lacks that rendering.
 */
export function contentOf(item: Item, render: Render): string | readonly SuiteMessage[] {
  if (render === 'messages') {
    if (item.messages === null) throw lacks(item, 'messages', 'prompt');
    return item.messages;
  }
  if (item.prompt === null) throw lacks(item, 'prompt', 'messages');
  return item.prompt;
}

function lacks(item: Item, missing: Render, other: Render): UserError {
  return new UserError(
    `item \`${item.id}\` of task \`${item.task}\` has no \`${missing}\`: add it to items.jsonl, or ask with --render ${other}`,
  );
}

/** Lengths of a task's prompts, and of what they share in front, in tokens. */
export type PromptLengths = {
  /** Whole prompts, in the order of the suite. */
  readonly prompt: readonly number[];
  /** What follows the prefix that all prompts of the task share. */
  readonly suffix: readonly number[];
};

export function measurePrompts(suite: Suite, prompts: readonly TokenisedPrompt[]): PromptLengths {
  const shared = new Map<string, Int32Array>();
  suite.items.forEach(({ task }, index) => {
    const ids = prompts[index]?.ids ?? new Int32Array();
    const prefix = shared.get(task);
    shared.set(task, prefix === undefined ? ids : prefix.subarray(0, sharedLength(prefix, ids)));
  });
  const lengths = prompts.map(({ ids }) => ids.length);
  return {
    prompt: lengths,
    suffix: suite.items.map(
      ({ task }, index) => (lengths[index] ?? 0) - (shared.get(task)?.length ?? 0),
    ),
  };
}

function sharedLength(a: Int32Array, b: Int32Array): number {
  const most = Math.min(a.length, b.length);
  let length = 0;
  while (length < most && a[length] === b[length]) length += 1;
  return length;
}

/** SHA-256 (hex) of the token ids of all prompts in order. */
export function hashPrompts(prompts: readonly TokenisedPrompt[]): string {
  const hash = createHash('sha256');
  for (const { ids } of prompts) {
    hash.update(`${ids.length}:`);
    hash.update(new Uint8Array(ids.buffer, ids.byteOffset, ids.byteLength));
  }
  return hash.digest('hex');
}
