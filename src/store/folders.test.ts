import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { hashSuiteContent, loadSuite } from '../suite/index.ts';
import { literal, openDatabase } from './connection.ts';
import type { AnswerRecord } from './record-shapes.ts';
import { openStore, type Store } from './store.ts';

let dir = '';
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'folders-'));
  store = await openStore(join(dir, 'store'));
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

describe('json documents', () => {
  test('are kept by id, whatever the id, and replaced as a whole', async () => {
    const ids = ['a/b', '.', '..', 'x'.repeat(1000), 'ü'];
    for (const id of ids) await store.checkpoints.write(id, { value: id.length });
    await store.checkpoints.write('a/b', { other: 1 });
    expect(await store.checkpoints.ids()).toEqual([...ids].sort());
    expect(await store.checkpoints.read('a/b')).toEqual({ id: 'a/b', other: 1 });
    expect(await store.checkpoints.read('x'.repeat(1000))).toEqual({
      id: 'x'.repeat(1000),
      value: 1000,
    });
    expect(await store.checkpoints.read('none')).toBeNull();
    await using empty = await openStore(join(dir, 'none'));
    expect(await empty.checkpoints.ids()).toEqual([]);
  });

  test('damaged ones are named', async () => {
    await store.checkpoints.write('a', {});
    const path = join(store.dir, 'checkpoints/a.json');
    for (const content of ['{', '[]']) {
      await writeFile(path, content);
      await expect(store.checkpoints.read('a')).rejects.toThrow(path);
    }
  });
});

describe('probes', () => {
  const fill = (content: string) => (folder: string) =>
    writeFile(join(folder, 'card.json'), content);

  test('a name stands for what was written last; the older one stays', async () => {
    expect(await store.probes.find('p')).toBeNull();
    expect(await store.probes.list()).toEqual([]);
    const first = await store.probes.write('p', fill('1'));
    const second = await store.probes.write('p', fill('2'));
    await store.probes.write('q/..', fill('1'));
    expect(second.id).not.toBe(first.id);
    expect(await store.probes.find('p')).toEqual(second);
    expect((await readdir(join(store.dir, 'probes/p'))).sort()).toEqual(
      [first.id, second.id, 'current.json'].sort(),
    );
    expect(await store.probes.write('p', fill('1'))).toEqual(first);
    expect(await store.probes.find('p')).toEqual(first);
    expect((await store.probes.list()).map(({ name }) => name)).toEqual(['p', 'q/..']);
  });

  test('a probe that fails to be written changes nothing', async () => {
    const first = await store.probes.write('p', fill('1'));
    await expect(store.probes.write('p', () => Promise.reject(new Error('no')))).rejects.toThrow(
      'no',
    );
    expect(await store.probes.find('p')).toEqual(first);
  });
});

describe('suites', () => {
  async function suiteFolder(name: string, version: number): Promise<string> {
    const folder = join(dir, `${name}-${version}`);
    await mkdir(folder);
    await writeFile(
      join(folder, 'suite.yaml'),
      `name: ${name}\nversion: ${version}\ntasks: { t: { chance: 0, maxTokens: 1, grader: exact } }\n`,
    );
    await writeFile(
      join(folder, 'items.jsonl'),
      '{"task":"t","id":"a","prompt":"p","target":"1"}\n',
    );
    return folder;
  }

  test('are kept as they were asked, and found by name or hash', async () => {
    const suite = await loadSuite(await suiteFolder('one', 1));
    const kept = await store.suites.keep(suite);
    expect(await store.suites.keep(suite)).toBe(kept);
    const contentHash = hashSuiteContent(suite);
    expect(await loadSuite(kept)).toEqual({ ...suite, dir: kept });
    expect(await store.suites.list()).toEqual([
      { name: 'one', version: '1', hash: suite.hash, contentHash, dir: kept },
    ]);
    expect(await store.suites.find('one')).toBe(kept);
    expect(await store.suites.find(contentHash.slice(0, 8))).toBe(kept);
    expect(await store.suites.find(suite.hash)).toBe(kept);
    expect(await store.suites.find('two')).toBeNull();
    await store.suites.keep(await loadSuite(await suiteFolder('one', 2)));
    await expect(store.suites.find('one')).rejects.toThrow(
      /^`suites`: `one` stands for 2 suites of the store, /,
    );
    await expect(store.suites.keep({ ...suite, dir: null })).rejects.toThrow(
      'suite `one` has no files to keep',
    );
  });

  test('a damaged copy stands in the way of no other one, and is named where it may be meant', async () => {
    const suite = await loadSuite(await suiteFolder('one', 1));
    const kept = await store.suites.keep(suite);
    const damaged = join(store.dir, 'suites', '0'.repeat(64));
    await mkdir(damaged);
    await writeFile(join(damaged, 'suite.yaml'), 'name: [');
    expect(await store.suites.find('one')).toBe(kept);
    expect(await store.suites.find(suite.hash)).toBe(kept);
    expect(await store.suites.find(hashSuiteContent(suite))).toBe(kept);
    await expect(store.suites.find('two')).rejects.toThrow(
      `\`suites\`: the copy in ${damaged} is damaged (\`suite.yaml\`: `,
    );
    await expect(store.suites.list()).rejects.toThrow(damaged);
  });
});

describe('activations', () => {
  test('have a path by key', () => {
    const key = { fingerprint: 'f/1', suiteHash: 'aa', configHash: 'bb' };
    expect(store.activations.path(key)).toBe(
      join(store.dir, 'activations/f%2F1/aa-bb.safetensors'),
    );
  });
});

describe('record parts', () => {
  const answer = (changes: Partial<AnswerRecord>): AnswerRecord => ({
    suite: 's',
    task: 't',
    item: 'i',
    checkpoint: 'c',
    fingerprint: null,
    settingSha256: '0f',
    render: 'prompt',
    promptSha256: 'h',
    temperature: 1,
    topP: 0.7,
    topK: null,
    seed: 0,
    sample: 0,
    answer: 'a\n"b"',
    tokens: 2,
    logLikelihood: null,
    grade: 1,
    source: 'label:0',
    ...changes,
  });

  test('answers are read back in order, each once', async () => {
    expect(await store.answers.list()).toEqual([]);
    expect(await store.answers.write([])).toBeNull();
    const records = [0, 1, 2].map((sample) => answer({ sample }));
    const part = await store.answers.write(records, { run: 'r' });
    expect(await store.answers.write(records, { run: 'r' })).toBe(part);
    await store.answers.write([answer({ sample: 2 }), answer({ sample: 3, item: 'j' })]);
    expect(await store.answers.list()).toEqual([...records, answer({ sample: 3, item: 'j' })]);
    expect(await store.answers.list({ items: ['j'] })).toHaveLength(1);
    expect(await store.answers.list({ items: [] })).toEqual([]);
    expect(await store.answers.list({ suite: 's', tasks: ['t'], checkpoints: ['other'] })).toEqual(
      [],
    );
  });

  test('parts of before top-k and likelihoods are read', async () => {
    const part = (await store.answers.write([answer({})])) ?? '';
    await using database = await openDatabase();
    const earlier = part.replace(/[0-9a-f]{32}(?=-r)/, '0'.repeat(32));
    await database.withConnection((connection) =>
      connection.run(
        `COPY (SELECT * EXCLUDE (top_k, log_likelihood) FROM ${literal(part)}) TO ${literal(earlier)} (FORMAT parquet)`,
      ),
    );
    await rm(part);
    expect(await store.answers.list()).toEqual([answer({})]);
    const choice = { temperature: null, topP: null, seed: null, tokens: null, logLikelihood: -2.5 };
    await store.answers.write([answer({ topK: 5 }), answer(choice)]);
    const all = await store.answers.list();
    expect(all).toHaveLength(3);
    expect(all).toEqual(expect.arrayContaining([answer({}), answer({ topK: 5 }), answer(choice)]));
  });

  test('of answers that differ under one key, the same one is read, whichever part came first', async () => {
    const answers = [0, 1, 0.5].map((grade) => answer({ grade, answer: 'x', tokens: 1 }));
    const lists: AnswerRecord[][] = [];
    for (const order of [
      [0, 1, 2],
      [2, 1, 0],
      [1, 0, 2],
    ]) {
      await using other = await openStore(join(dir, order.join('')));
      for (const index of order) {
        const rows = [answers[index]!, answer({ sample: 1, tokens: 10 - index })];
        await other.answers.write(rows, { run: `run${index}` });
      }
      lists.push(await other.answers.list());
    }
    const first = [answers[0], answer({ sample: 1, tokens: 8 })];
    expect(lists).toEqual([first, first, first]);
  });

  const prediction = {
    suite: 's',
    task: 't',
    item: 'i',
    checkpoint: 'c',
    fingerprint: 'f',
    promptSha256: 'h',
    probe: 'p',
    probeId: 'id',
    p: 0.1,
  };

  test('predictions too', async () => {
    await store.predictions.write([prediction]);
    expect(await store.predictions.list()).toEqual([prediction]);
  });

  test('some fields of the rows that have a value, each row once', async () => {
    const rows = [
      prediction,
      { ...prediction, item: 'j', p: 0.2 },
      { ...prediction, probeId: 'other', p: 0.3 },
      { ...prediction, task: 'u', p: 0.4 },
    ];
    await store.predictions.write(rows);
    await store.predictions.write([prediction]);
    const read: unknown[] = [];
    const batches = store.predictions.streamFields(
      { suite: 's', tasks: ['t'] },
      { fields: ['p', 'item'], equal: { probeId: 'id' } },
    );
    for await (const batch of batches) read.push(...batch);
    expect(read).toEqual([
      { item: 'i', p: 0.1 },
      { item: 'j', p: 0.2 },
    ]);
  });
});
