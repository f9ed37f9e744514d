import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { inspectCheckpoint, loadTokenizer, openCheckpoint } from '../../src/checkpoint/index.ts';
import { readFloat32, readSafetensorsHeader } from '../../src/safetensors/index.ts';

const data = fileURLToPath(new URL('../../../shared/data/', import.meta.url));
const golden = fileURLToPath(new URL('../golden/', import.meta.url));

type Item = {
  task: string;
  id: string;
  prompt: string;
  messages?: { role: string; content: string }[];
};

const readLines = (path: string): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const digest = (ids: Int32Array): string =>
  createHash('sha256')
    .update(JSON.stringify([...ids]))
    .digest('hex')
    .slice(0, 8);

test.each([
  ['tiny-olmo3', 'tiny-olmo3/d128L4/sft-step100', 'tiny-olmo3/suite/items.jsonl'],
  ['goldens', 'goldens/llama', 'goldens/suite/items.jsonl'],
])('%s: every prompt and chat is encoded as AutoTokenizer does', async (name, dir, items) => {
  const checkpoint = await openCheckpoint(`${data}${dir}`);
  const tokenizer = await loadTokenizer(checkpoint);
  const wanted = JSON.parse(readFileSync(`${golden}suites/${name}.json`, 'utf8')) as {
    items: Record<string, string[]>;
  };
  const found = (readLines(`${data}${items}`) as Item[]).map((item) => {
    const digests = [digest(tokenizer.encodePrompt(item.prompt))];
    if (tokenizer.hasChatTemplate && item.messages !== undefined) {
      digests.push(digest(tokenizer.encodeMessages(item.messages)));
    }
    return [`${item.task}/${item.id}`, digests];
  });
  expect(Object.fromEntries(found)).toEqual(wanted.items);
});

test('facts of the series are those of its outcomes', async () => {
  const [head, ...rows] = readFileSync(`${data}tiny-olmo3/outcomes.csv`, 'utf8').trim().split('\n');
  const columns = head!.split(',');
  const byId = new Map<string, Record<string, string>>();
  for (const row of rows) {
    const cells = Object.fromEntries(row.split(',').map((cell, i) => [columns[i]!, cell]));
    byId.set(cells['checkpoint']!, cells);
  }
  expect(byId.size).toBe(20);
  for (const [id, row] of byId) {
    const report = await inspectCheckpoint(`${data}tiny-olmo3/${id}`);
    expect(report).toMatchObject({
      checkpoint: id,
      run: row['run'],
      step: Number(row['step']),
      tokens: Number(row['tokens']),
      tokensExact: true,
      params: Number(row['params']),
      paramsNonEmbedding: Number(row['params_non_embedding']),
      flops: Number(row['flops']),
      stage: row['stage'],
      family: 'olmo3',
      dtype: 'BF16',
      complete: true,
      missing: [],
    });
  }
});

test('every family opens, sharded or not, and its fingerprint is its own', async () => {
  const families = readdirSync(`${data}goldens`).filter((name) => !/\.|suite/.test(name));
  const opened = await Promise.all(
    families.map((name) => openCheckpoint(`${data}goldens/${name}`)),
  );
  expect(families.length).toBe(18);
  expect(new Set(opened.map(({ fingerprint }) => fingerprint)).size).toBe(families.length);
});

test('a file of the Python writer is read: shape, metadata, values', async () => {
  const file = await readSafetensorsHeader(`${data}goldens/llama/reference.safetensors`);
  const items = JSON.parse(file.metadata['items']!) as string[];
  expect(items).toHaveLength(15);
  expect(file.tensors.get('last')!.shape).toEqual([15, 5, 64]);
  const last = await readFloat32(file.tensors.get('last')!);
  expect(last.every(Number.isFinite)).toBe(true);
});
