import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../store/index.ts';
import { importRecords, type ImportRecordsOptions } from './import-records.ts';

const header = 'suite,task,item,checkpoint,run,step,k,n';
const rows = (...lines: string[]): string => `${[header, ...lines].join('\n')}\n`;

let dir = '';
let store: Store;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'import-'));
  store = await openStore(join(dir, '.sonde'));
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

async function file(name: string, content: string): Promise<string> {
  await writeFile(join(dir, name), content);
  return join(dir, name);
}

async function importNow(
  path: string,
  options: ImportRecordsOptions = {},
): Promise<{ files: unknown[]; notices: string[] }> {
  const notices: string[] = [];
  const onFile: ImportRecordsOptions['onFile'] = (_, heard) => notices.push(...heard);
  const { files } = await importRecords(store, path, { ...options, onFile });
  return { files: files.map((one) => ({ ...one, path: basename(one.path) })), notices };
}

const nothing = { checkpoints: 0, tasks: 0, items: 0, samples: 0 };
const count = async (): Promise<number> => (await store.outcomes.list()).length;

describe('a named file', () => {
  test('is imported, once', async () => {
    const path = await file('a.csv', rows('s,t,i,r/1,r,1,3,10', 's,t,j,r/1,r,1e0,4.5,10'));
    const imported = { path: 'a.csv', format: 'csv', status: 'imported', reason: null };
    expect(await importNow(path)).toEqual({
      files: [{ ...imported, checkpoints: 1, tasks: 1, items: 2, samples: 20 }],
      notices: [],
    });
    expect(await importNow(path)).toEqual({
      files: [{ ...imported, status: 'skipped', reason: 'imported before', ...nothing }],
      notices: [],
    });
    expect(await count()).toBe(2);
  });

  const sampleLine = JSON.stringify({
    ...{ doc_id: 0, doc: { a: 1 }, target: 'x', filter: 'none', metrics: ['exact_match'] },
    arguments: { gen_args_0: { arg_0: 'x?', arg_1: { until: ['.'] } } },
    ...{ resps: [['x']], filtered_resps: ['x'], exact_match: 1 },
  });
  const samples = 'samples_t_2026-01-01T00-00-00.000000.jsonl';
  const known = async (): Promise<unknown> =>
    (await store.outcomes.list()).map(({ checkpoint, k, n }) => [checkpoint, k, n]);

  test('of a harness is read again where another folder names another model', async () => {
    for (const model of ['o__m-step1', 'o__m-step2']) {
      await mkdir(join(dir, model));
      const { files } = await importNow(await file(join(model, samples), sampleLine));
      expect(files).toMatchObject([{ format: 'lm-eval', status: 'imported', items: 1 }]);
    }
    expect(await known()).toEqual([
      ['o/m-step1', 1, 1],
      ['o/m-step2', 1, 1],
    ]);
  });

  test.each([0, 20_000])(
    'of a harness: a metric with a value outside 0…1 (in row %i) is no score',
    async (odd) => {
      await mkdir(join(dir, 'o__m-step1'));
      const first = JSON.parse(sampleLine) as object;
      const lines = Array.from({ length: 20_001 }, (_, row) =>
        JSON.stringify({
          ...first,
          doc_id: row,
          metrics: ['exact_match', 'overlap'],
          overlap: row === odd ? 1.5 : 0.5,
        }),
      );
      const { notices } = await importNow(
        await file(join('o__m-step1', samples), lines.join('\n')),
      );
      expect(notices).toContain(
        '`overlap` is no score of single questions, 1 of its 20001 values lie outside 0…1: it is left out; the results file has the task’s',
      );
      const rows = await store.outcomes.status();
      expect(rows.map(({ filter, items }) => [filter, items])).toEqual([
        ['exact_match,none', 20_001],
      ]);
    },
  );

  test('of a harness without one score in 0…1 is passed over, and says why', async () => {
    await mkdir(join(dir, 'o__m-step1'));
    const line = sampleLine.replace('"exact_match":1', '"exact_match":NaN');
    const { files } = await importNow(await file(join('o__m-step1', samples), line));
    expect(files).toMatchObject([
      { status: 'skipped', reason: '`exact_match`: every value is NaN' },
    ]);
  });

  test('of a harness counts for the checkpoint that is stated last', async () => {
    await mkdir(join(dir, 'latest'));
    const path = await file(join('latest', samples), sampleLine);
    await importNow(path);
    expect(await known()).toEqual([['latest', 1, 1]]);
    await file('sonde.yaml', 'logs: { latest: my/step9 }\n');
    const moved = await importNow(path);
    expect(moved.files).toMatchObject([{ status: 'imported', items: 1 }]);
    expect(moved.notices).toContain(
      '1 records of the same file, imported before about `latest`, are superseded: the file is stated to be about another checkpoint; they stay on disk',
    );
    expect(await known()).toEqual([['my/step9', 1, 1]]);
    await rm(join(dir, 'sonde.yaml'));
    expect((await importNow(path)).files).toMatchObject([
      {
        reason:
          'imported before, about `my/step9`: name its checkpoint under `logs` in sonde.yaml, or with --checkpoint, to change that',
      },
    ]);
    expect(await known()).toEqual([['my/step9', 1, 1]]);
    expect((await importNow(path, { checkpoint: 'my/step8' })).files).toMatchObject([
      { status: 'imported' },
    ]);
    expect(await known()).toEqual([['my/step8', 1, 1]]);
  });

  test('may grow, and may not change unless told to', async () => {
    await importNow(await file('a.csv', rows('s,t,i,r/1,r,1,3,10')));
    const grown = await importNow(
      await file('a.csv', rows('s,t,i,r/1,r,1,3,10', 's,t,i,r/2,r,2,4,10')),
    );
    expect(grown).toMatchObject({
      files: [{ status: 'imported' }],
      notices: ['1 records were in the store already'],
    });
    const changed = await file('a.csv', rows('s,t,i,r/1,r,1,9,10'));
    await expect(importNow(changed)).rejects.toThrow(
      'in the store from `a.csv` with `k` 3 instead of 9 (row 1 from `a.csv`): pass --replace',
    );
    expect((await importNow(changed, { replace: true })).notices).toEqual([
      '1 older records are superseded; they stay on disk',
    ]);
    expect((await store.outcomes.list({ checkpoints: ['r/1'] })).map(({ k }) => k)).toEqual([9]);
    expect(await importNow(changed, { replace: true })).toMatchObject({
      files: [{ status: 'skipped', reason: 'every record is in the store already' }],
    });
  });

  test('JSONL and Parquet too', async () => {
    const line = {
      suite: 's',
      task: 't',
      item: 'i',
      checkpoint: 'r/1',
      run: 'r',
      step: 1,
      k: 3,
      n: 10,
    };
    await importNow(await file('a.jsonl', `${JSON.stringify(line)}\n`));
    const [first] = await store.outcomes.list();
    expect(first).toMatchObject({ k: 3, n: 10, file: 'a.jsonl' });
    const [run = ''] = await readdir(join(store.dir, 'outcomes'));
    const [part = ''] = await readdir(join(store.dir, 'outcomes', run));
    await using other = await openStore(join(dir, 'other'));
    const report = await importRecords(other, join(store.dir, 'outcomes', run, part));
    expect(report.files).toMatchObject([{ format: 'parquet', status: 'imported', samples: 10 }]);
    expect(await other.outcomes.list()).toMatchObject([{ ...line, file: part }]);
  });

  test.each([
    [rows('s,t,i,r/1,r,1,11,10'), '`a.csv`, row 1: expected `k` to be at most `n` (10), got 11'],
    [
      rows('s,t,i,r/1,r,1.5,1,10'),
      '`a.csv`, row 1: expected `step` to be a whole number, got "1.5"',
    ],
    [
      rows('s,t,i,r/1,r,1,1,10', 's,t,j,r/1,r,2,1,10'),
      'checkpoint `r/1` has `step` 1 in row 1 and 2 in row 2',
    ],
    [rows('s,t,i,r/1,r,1,1,10', 's,t,i,r/1,r,1,1,10'), 'stands twice, in rows 1 and 2'],
    [rows('s,t,i,r/1,r,1,1,10', 's,t,"j'), '`a.csv`: line 3: a quoted field is not closed'],
    [rows(), '`a.csv`: expected at least one record, it has none'],
    [
      'suite,task,item,k,n\ns,t,i,1,2\n',
      '`a.csv`: expected the column `checkpoint` (or --checkpoint), found ',
    ],
  ])('that is refused leaves nothing but a note of it: %j', async (content, expected) => {
    await expect(importNow(await file('a.csv', content))).rejects.toThrow(expected);
    expect(await readdir(store.dir)).toEqual(['refused-imports']);
  });

  test.each(['step,loss\n1,2\n', '\0\u0001'])(
    'of no known format leaves nothing: %j',
    async (content) => {
      const path = await file('a.csv', content);
      await expect(importNow(path)).rejects.toThrow(`${path} is no format that Sonde reads`);
      expect(await readdir(dir)).toEqual(['a.csv']);
    },
  );

  test('options fill what the rows do not say', async () => {
    const path = await file('a.csv', 'task,item,k,n\nt,i,1,2\n');
    await importNow(path, { suite: 's', checkpoint: 'c' });
    await importNow(path, { suite: 's', checkpoint: 'd' });
    expect(
      (await store.outcomes.list()).map(({ suite, checkpoint }) => [suite, checkpoint]),
    ).toEqual([
      ['s', 'c'],
      ['s', 'd'],
    ]);
  });

  test('that is missing, or of another format than told, is refused', async () => {
    await expect(importNow(join(dir, 'none'))).rejects.toThrow('`import`: cannot read ');
    const path = await file('a.csv', rows('s,t,i,r/1,r,1,1,10'));
    await expect(importNow(path, { format: 'jsonl' })).rejects.toThrow(
      '`a.csv`: expected jsonl, the content is csv',
    );
    await expect(importNow(path, { format: 'xml' })).rejects.toThrow(
      '`import`: expected `--format` to be one of csv, jsonl, parquet, lm-eval, olmes, olmo-eval, inspect, opencompass, lighteval, helm, every-eval-ever, irt, got xml',
    );
  });
});

describe('a folder', () => {
  test('every file is accounted for, the store itself left out', async () => {
    await importNow(await file('a.csv', rows('s,t,i,r/1,r,1,3,10')));
    await mkdir(join(dir, 'logs/deep'), { recursive: true });
    await file('logs/b.csv', `${header},note\ns,t,j,r/1,r,1,3,10,x\n`);
    await file('logs/deep/bad.csv', rows('s,t,l,r/1,r,1,x,10'));
    await file('logs/half.csv', 'task,item,k\nt,i,1\n');
    await file('logs/readme.md', '# Hello\n');
    await file('logs/results_2026.json', '{"results": {"t": {"acc,none": 0.5');
    await file('logs/config.json', '{\n  "a": 1\n}\n');
    await symlink(join(dir, 'nowhere'), join(dir, 'logs/dangling'));
    await symlink(dir, join(dir, 'logs/loop'));
    const { files, notices } = await importNow(dir);
    const settled = (name: string, status: string, reason: unknown): unknown =>
      expect.objectContaining({ path: name, status, reason });
    const none = 'no format that Sonde reads';
    expect(files).toEqual([
      settled('a.csv', 'skipped', 'imported before'),
      settled('b.csv', 'imported', null),
      settled('config.json', 'skipped', none),
      settled('dangling', 'skipped', 'a link to nothing'),
      settled(
        'bad.csv',
        'refused',
        expect.stringContaining('`bad.csv`, row 1: expected `k` to be a number'),
      ),
      settled(
        'half.csv',
        'refused',
        expect.stringContaining('expected the columns `suite` (or --suite), `checkpoint`'),
      ),
      settled('loop', 'skipped', 'a link to a folder'),
      settled('readme.md', 'skipped', none),
      settled(
        'results_2026.json',
        'refused',
        `\`results_2026.json\`, byte 34: expected JSON to go on with a value, it ends there (in ${join(dir, 'logs/results_2026.json')})`,
      ),
    ]);
    expect(notices).toEqual(['columns ignored: note']);
    expect(await count()).toBe(2);
  });
});
