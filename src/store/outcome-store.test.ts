import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mergeOutcomes, outcomeGroup, type OutcomeRecord } from '../outcomes/index.ts';
import { record } from '../outcomes/testing/record.ts';
import type { PredictionRecord } from './record-shapes.ts';
import { openStore, type Store } from './store.ts';

let dir = '';
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'store [1]*'));
  store = await openStore(join(dir, ".son'de"));
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

function prediction(item: string): PredictionRecord {
  const about = {
    suite: 's',
    task: 't',
    item,
    checkpoint: 'c',
    fingerprint: 'f',
  };
  return { ...about, promptSha256: 'h', probe: 'p', probeId: 'i', p: 0.5 };
}

let count = 0;
async function write(
  records: readonly Partial<OutcomeRecord>[],
  { replace = false, name = 'a.csv' }: { replace?: boolean; name?: string | null } = {},
): ReturnType<Store['outcomes']['write']> {
  count += 1;
  return store.outcomes.write(records.map(record), { identity: `test ${count}`, name, replace });
}

const rates = async (source?: string): Promise<unknown[]> => {
  const rows = await store.outcomes.list(source === undefined ? {} : { source });
  return rows.map(({ item, k, n }) => [item, k, n]);
};

describe('an absent store', () => {
  test('is empty, and reading does not make it', async () => {
    expect(await store.outcomes.list()).toEqual([]);
    expect(await store.outcomes.status()).toEqual([]);
    expect(await store.outcomes.checkpoints()).toEqual([]);
    expect(await store.outcomes.tasks()).toEqual([]);
    expect(await store.outcomes.has({ identity: 'x' })).toBe(false);
    expect(await readdir(dir)).toEqual([]);
  });

  test('a file is no store', async () => {
    await writeFile(join(dir, 'f'), '');
    await expect(openStore(join(dir, 'f'))).rejects.toThrow('`store`: expected a folder, ');
  });
});

test('a store whose path reads like a pattern is that folder alone', async () => {
  for (const [name, item] of [
    ['[ab]?*', 'own'],
    ['abc', 'decoy'],
    ['suite=wrong', 'partition'],
  ] as const) {
    await using one = await openStore(join(dir, name));
    const origin = { identity: 'same', name: null, replace: false };
    await one.outcomes.write([record({ item })], origin);
    await one.predictions.write([prediction(item)]);
    expect(await one.outcomes.list()).toEqual([{ ...record({ item }), file: null }]);
    expect(await one.predictions.list({ suite: 's' })).toEqual([prediction(item)]);
  }
});

describe('write', () => {
  test('what is written is read back, all fields', async () => {
    const full = record({
      family: 'f',
      stage: 'rl',
      tokens: 2 ** 53 - 1,
      params: 5,
      paramsNonEmbedding: 4,
      flops: 1.5e21,
      chance: 0.25,
      temperature: 0.1,
      topP: 0.7,
      topK: 40,
      servedModel: 'm@http://localhost:1/v1',
      seed: -3,
      filter: "it's; --",
      render: 'messages',
      promptSha256: 'ab'.repeat(32),
      source: 'h',
      loss: 0.1,
      lossUnit: 'nats',
      k: 0.1,
    });
    const loss = record({ item: null, k: null, n: null, loss: 1.5, task: 'ü "q"' });
    expect(
      await store.outcomes.write([full, loss], { identity: 'x', name: 'f.csv', replace: false }),
    ).toEqual({
      part: expect.stringMatching(/outcomes\/run\/[0-9a-f]{32}-r0\.parquet$/) as string,
      added: 2,
      unchanged: 0,
      superseded: 0,
      restated: null,
      checkpoints: 1,
      tasks: 2,
      items: 1,
      samples: 10,
    });
    expect(await store.outcomes.list()).toEqual([
      { ...full, file: 'f.csv' },
      { ...loss, file: 'f.csv' },
    ]);
    expect(await store.outcomes.has({ identity: 'x' })).toBe(true);
  });

  test('the same records again change nothing', async () => {
    await write([{}, { item: 'j' }]);
    expect(await write([{}, { item: 'j' }], { name: 'b.csv' })).toMatchObject({
      part: null,
      added: 0,
      unchanged: 2,
    });
    expect(await write([{}, { item: 'l' }])).toMatchObject({ added: 1, unchanged: 1 });
    expect(await rates()).toEqual([
      ['i', 3, 10],
      ['j', 3, 10],
      ['l', 3, 10],
    ]);
  });

  test('the same from another source is passed over, unless it tells more of the checkpoint', async () => {
    await write([{ source: 'a' }, { source: 'a', item: 'j' }]);
    expect(await write([{ source: 'b' }, { source: 'b', item: 'j', tokens: 8 }])).toMatchObject({
      added: 1,
      unchanged: 1,
      superseded: 1,
    });
    expect(await store.outcomes.list()).toEqual([
      { ...record({ source: 'a' }), file: 'a.csv' },
      { ...record({ source: 'b', item: 'j', tokens: 8 }), file: 'a.csv' },
    ]);
  });

  test('a thing said twice in one file is refused, and nothing of it stored', async () => {
    await expect(write([{ item: 'x' }, {}, {}])).rejects.toThrow(
      '`outcomes`: item `i` of task `t` (suite `s`) at checkpoint `run/step1` stands twice, in rows 2 and 3: keep one',
    );
    await expect(write([{ seed: 1 }, {}])).rejects.toThrow('stands twice, in rows 1 and 2');
    await expect(write([{ item: null }, { item: null, k: 4 }])).rejects.toThrow(
      'task `t` (suite `s`)',
    );
    expect(await rates()).toEqual([]);
    expect(await readdir(dir)).toEqual([]);
  });

  test('another source is refused, or supersedes with both on disk', async () => {
    await write([{}, { item: 'j' }]);
    await expect(write([{ k: 5 }, { item: 'l' }])).rejects.toThrow(
      '`outcomes`: item `i` of task `t` (suite `s`) at checkpoint `run/step1` is in the store from `a.csv` with `k` 3 instead of 5 (row 1 from `a.csv`): pass --replace to let the new records stand in for the old ones',
    );
    await expect(write([{ k: 5, source: 'h' }], { name: 'b.csv' })).rejects.toThrow(
      'in the store from `a.csv` with `k` 3 instead of 5 (row 1 from `h`)',
    );
    expect(await write([{ k: 5 }, { item: 'l' }], { replace: true, name: 'b.csv' })).toMatchObject({
      added: 2,
      superseded: 1,
    });
    expect(await rates()).toEqual([
      ['i', 5, 10],
      ['j', 3, 10],
      ['l', 3, 10],
    ]);
    expect(await rates('a.csv')).toEqual([
      ['i', 3, 10],
      ['j', 3, 10],
    ]);
    expect(await write([{}], { replace: true })).toMatchObject({ superseded: 1 });
    expect(await rates()).toEqual([
      ['i', 3, 10],
      ['j', 3, 10],
      ['l', 3, 10],
    ]);
  });

  test('counts with different seeds add up, in one file and over several', async () => {
    await write([{ seed: 0 }, { seed: 1, k: 5 }]);
    await write([{ seed: 2, k: 10 }]);
    const [row] = await store.outcomes.list();
    expect(row).toEqual({ ...record({ k: 18, n: 30, seed: null }), file: 'a.csv' });
    await expect(write([{ seed: 2, k: 9 }])).rejects.toThrow('with `k` 10 instead of 9');
    await expect(write([{ k: 9 }])).rejects.toThrow('`seed` 0 instead of null');
    await write([{ k: 1 }], { replace: true });
    expect(await rates()).toEqual([['i', 1, 10]]);
  });

  test('counts of another top-k or another served model stand in for earlier ones, and back', async () => {
    const label = (changes: Partial<OutcomeRecord>): ReturnType<typeof write> =>
      write([{ source: 'label:0', seed: 0, ...changes }], { replace: true, name: null });
    await label({ topK: 5, k: 1 });
    await label({ topK: 5, seed: 1, k: 2 });
    expect(await rates()).toEqual([['i', 3, 20]]);
    await label({ servedModel: 'm', k: 4 });
    expect(await rates()).toEqual([['i', 4, 10]]);
    await label({ servedModel: 'm', seed: 1, k: 5 });
    expect(await rates()).toEqual([['i', 9, 20]]);
    await label({ topK: 5, k: 7 });
    expect(await rates()).toEqual([['i', 7, 10]]);
    await label({ servedModel: 'm', seed: 1, k: 5 });
    await label({ servedModel: 'm', k: 4 });
    expect(await rates()).toEqual([['i', 9, 20]]);
  });

  test('scores do not add up', async () => {
    await write([{ kind: 'score', k: 0.5, seed: 0 }]);
    await expect(write([{ kind: 'score', k: 0.7, seed: 1 }])).rejects.toThrow('pass --replace');
  });

  test('sampled answers stand beside imported ones, and back where a task has those', async () => {
    await write(
      [
        { source: 'label:0', seed: 0, k: 9 },
        { source: 'label:0', seed: 0, item: 'j', k: 8 },
      ],
      { name: null },
    );
    await write([{ source: 'label:0', seed: 0, task: 'u', k: 7 }], { name: null });
    expect(await rates()).toEqual([
      ['i', 9, 10],
      ['j', 8, 10],
      ['i', 7, 10],
    ]);
    await write([{}]);
    expect(await rates()).toEqual([
      ['i', 3, 10],
      ['i', 7, 10],
    ]);
    expect(await rates('label')).toEqual([
      ['i', 9, 10],
      ['j', 8, 10],
      ['i', 7, 10],
    ]);
    expect(await rates('label:0')).toHaveLength(3);
    expect(await rates('label:1')).toEqual([]);
  });

  test('filters and samplings are kept apart', async () => {
    await write([
      { filter: 'strict' },
      { filter: 'flexible', k: 5 },
      { temperature: 0, k: 1, n: 1 },
    ]);
    expect(await store.outcomes.list({ filter: 'flexible' })).toMatchObject([{ k: 5 }]);
    expect(await store.outcomes.tasks()).toEqual([
      {
        suite: 's',
        task: 't',
        chance: null,
        items: 1,
        checkpoints: 1,
        filters: ['flexible', 'strict'],
      },
    ]);
  });

  test('reading and writing follow the rule in memory', async () => {
    const changes = fc.record({
      item: fc.constantFrom('a', 'b'),
      seed: fc.constantFrom(null, 0, 1),
      topK: fc.constantFrom(null, null, 5),
      servedModel: fc.constantFrom(null, null, 'm'),
      k: fc.constantFrom(1, 2),
      kind: fc.constantFrom('count' as const, 'count' as const, 'score' as const),
    });
    const file = fc.array(changes, { maxLength: 3 });
    await fc.assert(
      fc.asyncProperty(fc.array(file, { minLength: 2, maxLength: 6 }), async (files) => {
        await using fresh = await openStore(await mkdtemp(join(dir, 'p')));
        let model: OutcomeRecord[] = [];
        for (const [index, members] of files.entries()) {
          const incoming = members.map((one) =>
            record({ ...one, k: one.kind === 'score' ? one.k / 2 : one.k }),
          );
          const merged = mergeOutcomes(model, incoming, { replace: true });
          const origin = { identity: `${index}`, name: null, replace: true };
          if (merged.twice.length > 0) {
            await expect(fresh.outcomes.write(incoming, origin)).rejects.toThrow('stands twice');
            continue;
          }
          await fresh.outcomes.write(incoming, origin);
          model = [...model.filter((one) => !merged.superseded.includes(one)), ...merged.added];
        }
        const expected = new Map<string, number>();
        for (const one of model) {
          expected.set(outcomeGroup(one), (expected.get(outcomeGroup(one)) ?? 0) + (one.k ?? 0));
        }
        const found = (await fresh.outcomes.list()).map((row): [string, number] => [
          outcomeGroup(row),
          row.k ?? 0,
        ]);
        expect(new Map(found)).toEqual(expected);
        expect(found).toHaveLength(expected.size);
      }),
      { numRuns: 15 },
    );
  });
});

describe('the same files, read as about other checkpoints', () => {
  const origin = { name: 'a.json', replace: false, files: 'f' };
  const read = async (
    checkpoint: string,
    { isStated = true, replace = false }: { isStated?: boolean; replace?: boolean } = {},
  ): ReturnType<Store['outcomes']['write']> => {
    const records = ['i', 'j'].map((item) => record({ item, checkpoint, run: null }));
    const identity = `f about ${checkpoint}`;
    return store.outcomes.write(records, {
      ...origin,
      identity,
      replace,
      areStated: () => isStated,
    });
  };
  const counting = async (): Promise<unknown> =>
    (await store.outcomes.status()).map(({ checkpoint, items }) => [checkpoint, items]);

  test('count as the last that was stated, and come back', async () => {
    expect(await read('latest', { isStated: false })).toMatchObject({ added: 2, restated: null });
    expect(await read('r/1')).toMatchObject({
      ...{ added: 2, unchanged: 0, superseded: 0 },
      part: expect.stringMatching(/-r1-restated\.parquet$/) as string,
      restated: { checkpoints: ['latest'], records: 2 },
    });
    expect(await counting()).toEqual([['r/1', 2]]);
    const known = (await store.outcomes.checkpoints()).map(({ checkpoint }) => checkpoint);
    expect(known).toEqual(['r/1']);
    const had = ['latest', 'r/1'].map((id) =>
      store.outcomes.has({ identity: `f about ${id}`, files: 'f' }),
    );
    expect(await Promise.all(had)).toEqual([false, true]);
    expect(await read('latest')).toMatchObject({ restated: { checkpoints: ['r/1'], records: 2 } });
    expect(await counting()).toEqual([['latest', 2]]);
    const onDisk = await readdir(join(store.dir, 'outcomes'), { recursive: true });
    expect(onDisk.filter((name) => name.endsWith('.parquet'))).toHaveLength(3);
  });

  test('are passed over where nobody stated another checkpoint, unless told to', async () => {
    await read('r/1');
    const later = { added: 0, unchanged: 2, part: null };
    const restated = { checkpoints: ['r/1'], records: 2 };
    expect(await read('latest', { isStated: false })).toMatchObject({ ...later, restated });
    expect(await counting()).toEqual([['r/1', 2]]);
    await read('latest', { isStated: false, replace: true });
    expect(await counting()).toEqual([['latest', 2]]);
  });

  test('leave other files alone, and are whole even where those say the same', async () => {
    await read('latest', { isStated: false });
    await store.outcomes.write([record({ item: 'i', checkpoint: 'r/1', run: null })], {
      ...{ ...origin, files: 'g', identity: 'g', name: 'copy.json' },
    });
    expect(await read('r/1')).toMatchObject({ added: 2, unchanged: 1 });
    expect(await counting()).toEqual([['r/1', 2]]);
    expect(await rates('copy.json')).toHaveLength(1);
  });
});

describe('two processes that did not see each other', () => {
  test('the result does not depend on the order of the files', async () => {
    const first = await write([{}]);
    const second = record({ k: 9 });
    await using other = await openStore(join(dir, 'other'));
    const part = await other.outcomes.write([second], {
      identity: 'b',
      name: 'b.csv',
      replace: false,
    });
    await copyFile(
      part.part ?? '',
      join(first.part ?? '', '..', part.part?.split('/').at(-1) ?? ''),
    );
    const rows = await rates();
    expect(rows).toHaveLength(1);
    expect(await rates()).toEqual(rows);
  });
});

describe('status', () => {
  test('is the same to the last digit, in whichever order the parts are read', async () => {
    const rates = Array.from({ length: 8 }, (_, part) =>
      Array.from({ length: 300 }, (_, row) => Math.abs(Math.sin(part * 300 + row + 1)) ** 3),
    );
    for (const [part, own] of rates.entries()) {
      await write(own.map((k, row) => ({ item: `${part}/${row}`, kind: 'score', k, n: 1 })));
    }
    const all = rates.flat();
    const mean = all.reduce((sum, rate) => sum + rate, 0) / all.length;
    const spread = all.reduce((sum, rate) => sum + (rate - mean) ** 2, 0) / (all.length - 1);
    const seen = new Set<string>();
    for (let run = 0; run < 12; run += 1) seen.add(JSON.stringify(await store.outcomes.status()));
    expect(seen.size).toBe(1);
    expect(await store.outcomes.status()).toMatchObject([
      {
        accuracy: expect.closeTo(mean, 13) as number,
        standardError: expect.closeTo(Math.sqrt(spread / all.length), 13) as number,
      },
    ]);
  });

  test('of equal rates has no spread at all', async () => {
    await write(['a', 'b', 'c'].map((item) => ({ item, k: 1, n: 10 })));
    expect(await store.outcomes.status()).toMatchObject([{ accuracy: 0.1, standardError: 0 }]);
  });

  test('one row per task, checkpoint and filter, with the error clustered by item', async () => {
    await write([
      { item: 'a', k: 10 },
      { item: 'b', k: 0 },
      { item: 'c', k: 5, n: 5 },
      { task: 'single', k: 2 },
      { task: 'whole', item: null, k: 20, n: 100 },
      { task: 'score', item: null, kind: 'score', k: 0.2227, n: 1, loss: 1 },
      { task: 'both', item: null, k: 1, n: 2 },
      { task: 'both', k: 4, step: null },
      { task: 'loss', item: null, k: null, n: null, loss: 2, lossUnit: 'nats' },
    ]);
    const rows = await store.outcomes.status();
    const common = {
      suite: 's',
      filter: null,
      checkpoint: 'run/step1',
      step: 1,
      kind: 'count',
      temperature: null,
      topP: null,
      render: null,
      fewShot: null,
      chatTemplate: null,
      items: 1,
      questions: 1,
      samples: 10,
      loss: null,
      lossUnit: null,
      source: 'a.csv',
    };
    const close = (value: number): number => expect.closeTo(value, 12) as number;
    expect(rows).toEqual([
      {
        ...common,
        task: 'both',
        step: null,
        accuracy: 0.4,
        standardError: close(Math.sqrt(0.24 / 10)),
      },
      {
        ...{ ...common, task: 'loss', items: 0, samples: 0, accuracy: null, standardError: null },
        ...{ loss: 2, lossUnit: 'nats' },
      },
      {
        ...common,
        task: 'score',
        items: 0,
        kind: 'score',
        samples: 1,
        accuracy: 0.2227,
        standardError: null,
        loss: 1,
      },
      { ...common, task: 'single', accuracy: 0.2, standardError: close(Math.sqrt(0.16 / 10)) },
      {
        ...common,
        task: 't',
        items: 3,
        questions: 3,
        samples: 25,
        accuracy: close(2 / 3),
        standardError: close(Math.sqrt(1 / 3 / 3)),
      },
      {
        ...common,
        task: 'whole',
        items: 0,
        samples: 100,
        accuracy: 0.2,
        standardError: close(0.04),
      },
    ]);
  });

  test('an item that was asked in two ways is one item', async () => {
    await write([{ promptSha256: 'a'.repeat(64) }, { promptSha256: 'b'.repeat(64), k: 5 }]);
    expect(await store.outcomes.status()).toMatchObject([
      { items: 1, questions: 2, accuracy: 0.4 },
    ]);
  });
});

describe('queries', () => {
  test('restrict by suite, tasks, checkpoints', async () => {
    await write([{}, { suite: 'z' }, { task: 'u' }, { checkpoint: "o'c" }]);
    const found = async (query: Parameters<Store['outcomes']['list']>[0]): Promise<number> =>
      (await store.outcomes.list(query)).length;
    expect(await found({ suite: 's' })).toBe(3);
    expect(await found({ tasks: ['u', 'x'] })).toBe(1);
    expect(await found({ tasks: [] })).toBe(0);
    expect(await found({ checkpoints: ["o'c"] })).toBe(1);
    let streamed = 0;
    for await (const rows of store.outcomes.stream({ suite: 's', tasks: ['t'] }))
      streamed += rows.length;
    expect(streamed).toBe(2);
  });

  test('facts of a checkpoint come together from all sources; disagreements are told', async () => {
    await write([{ tokens: 5, stage: 'sft' }]);
    await write([{ item: 'j', tokens: 6, params: 7 }]);
    await write([{ item: 'j', tokens: 6, params: 7, flops: 1, k: 4 }], { replace: true });
    expect(await store.outcomes.checkpoints()).toEqual([
      {
        checkpoint: 'run/step1',
        run: 'run',
        family: null,
        stage: 'sft',
        step: 1,
        tokens: 6,
        params: 7,
        paramsNonEmbedding: null,
        flops: 1,
        disagreements: [{ field: 'tokens', values: expect.arrayContaining([5, 6]) as number[] }],
      },
    ]);
  });

  test('a part that was damaged from outside is named', async () => {
    const { part } = await write([{}]);
    await writeFile(part ?? '', 'PAR1');
    await expect(store.outcomes.list()).rejects.toThrow(
      /^`store`: cannot read .*-r0\.parquet \(.*restore the file/s,
    );
  });
});
