import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { inspectCheckpoint, loadTokenizer, openCheckpoint } from './index.ts';
import { writeTinyCheckpoint } from './testing/tiny-checkpoint.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-checkpoint-'));
});
afterAll(() => rm(folder, { recursive: true }));

test.each(['llama', 'qwen3', 'olmo3'] as const)('a tiny %s checkpoint opens', async (family) => {
  const dir = join(folder, family, 'stage1-step10-tokens4K');
  await writeTinyCheckpoint(dir, { family, shards: 2, layers: 4 });
  const checkpoint = await openCheckpoint(dir);
  expect(checkpoint.id).toBe(`${family}/stage1-step10-tokens4K`);
  expect((await inspectCheckpoint(dir)).missing).toEqual([]);
  const tokenizer = await loadTokenizer(checkpoint);
  const ids = tokenizer.encodePrompt('the end<|pad|> ä\u{1f600}');
  expect(tokenizer.decode(ids)).toBe('the end ä\u{1f600}');
});
