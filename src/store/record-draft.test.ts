import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { LogAnswerRecord } from './log-answer-shape.ts';
import { openStore, type Store } from './store.ts';

let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-draft-'));
  store = await openStore(folder);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const answer = (sample: number, text: string): LogAnswerRecord => ({
  ...{ suite: 's', task: 't', item: 't/1', checkpoint: 'c', filter: null, sample, answer: text },
  ...{ extracted: null, grade: 1, source: 'log' },
});

it('writes rows while they come and shows them all at once', async () => {
  const long = 'x'.repeat(9 * 1024 * 1024);
  await using draft = store.logAnswers.draft();
  for (let sample = 0; sample < 3; sample += 1) {
    draft.add(answer(sample, `${long}${sample}`));
    await draft.settle();
  }
  expect(await store.logAnswers.list()).toEqual([]);
  expect(await draft.commit()).toHaveLength(2);
  const lengths = (await store.logAnswers.list()).map(({ sample, answer: { length } }) => [
    sample,
    length,
  ]);
  expect(lengths).toEqual([0, 1, 2].map((sample) => [sample, long.length + 1]));
});

it('leaves nothing of rows that were not committed, and names the same rows the same', async () => {
  const draft = store.logAnswers.draft();
  draft.add(answer(0, 'a'.repeat(20 * 1024 * 1024)));
  await draft.settle();
  await draft[Symbol.asyncDispose]();
  expect(readdirSync(join(folder, 'log-answers', 'runs'))).toEqual([]);
  const commit = async (): Promise<string[]> => {
    await using again = store.logAnswers.draft();
    again.add(answer(0, 'a'));
    return await again.commit();
  };
  expect(await commit()).toEqual(await commit());
  expect(await store.logAnswers.list()).toHaveLength(1);
});
