import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore, type Store } from '../store/index.ts';
import { type InspectedCheckpoint, inspectCheckpoints } from './inspect.ts';
import { jobContext } from './progress.ts';

const example = fileURLToPath(
  new URL('../../examples/tiny-olmo3/d128L4/stage1-step26-tokens240K', import.meta.url),
);

let dir = '';
let store: Store;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'inspect-'));
  store = await openStore(join(dir, '.sonde'));
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

const inspect = (...references: string[]): Promise<InspectedCheckpoint[]> =>
  inspectCheckpoints(store, references, jobContext({ resolve: (path) => join(dir, path) }));

async function damaged(name: string, file: string, edit: (text: string) => string): Promise<void> {
  await cp(example, join(dir, name), { recursive: true });
  const path = join(dir, name, file);
  await writeFile(path, edit(await readFile(path, 'latin1')), 'latin1');
}

test.each([
  {
    name: 'shape',
    file: 'config.json',
    edit: (text: string) => text.replace(/("intermediate_size": )\d+/, '$1392'),
    complete: true,
    reason: 'of shape [392, 128], found [',
  },
  {
    name: 'head',
    file: 'model.safetensors',
    edit: (text: string) => text.replace('"lm_head.weight"', '"lm_hand.weight"'),
    complete: true,
    reason: 'expected tensor `lm_head.weight` of shape [384, 128], found none',
  },
  {
    name: 'tokenizer',
    file: 'tokenizer.json',
    edit: (text: string) => text.replace(/"type": ?"BPE"/, '"type": "Frob"'),
    complete: true,
    reason: 'expected one of BPE, Unigram, WordPiece, found "Frob"',
  },
  {
    name: 'config',
    file: 'config.json',
    edit: (text: string) => text.slice(0, 100),
    complete: false,
    reason: 'config.json (stops in the middle)',
  },
])('says what extract would refuse: $name', async ({ name, file, edit, complete, reason }) => {
  await damaged(name, file, edit);
  expect(await inspect(name)).toMatchObject([
    { complete, supported: false, reason: expect.stringContaining(reason) as string, pass: null },
  ]);
  expect(await store.checkpoints.ids()).toEqual([]);
});

test('refuses an empty path', async () => {
  await expect(inspect('')).rejects.toThrow(
    'inspect: expected a checkpoint’s folder or id, got ""',
  );
});
