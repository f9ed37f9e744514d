import { cpSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createImporters, type Importer, type OutcomeRecord } from '../../outcomes/index.ts';
import {
  describeImporter,
  type ReadLog,
  readLog,
} from '../../outcomes/testing/importer-contract.ts';
import { openStore, type Store } from '../../store/index.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/logs/', import.meta.url));
const root = join(fixtures, 'lighteval');
const run = 'tiny-org/sum-model-step1000';
const date = '2026-01-02T03-04-05.000006';
const details = (task: string): string =>
  join(root, 'details', run, date, `details_${task}_${date}.parquet`);
const results = join(root, 'results', run, `results_${date}.json`);

let dir = '';
let store: Store;
let importer: Importer;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sonde-lighteval-'));
  store = await openStore(join(dir, 'store'));
  const found = createImporters(store.openTable).find(({ format }) => format === 'lighteval');
  if (found === undefined) throw new Error('no importer of lighteval');
  importer = found;
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

/** Found only once the store is open. */
const late: Importer = {
  format: 'lighteval',
  detect: (path) => importer.detect(path),
  read: (path, options) => importer.read(path, options),
};

for (const path of [details('sums_hard_0'), details('parity_2'), results]) {
  describeImporter({
    name: 'lighteval',
    importer: late,
    path,
    root,
    foreign: join(fixtures, 'helm/words-model=simple_model1/per_instance_stats.json'),
  });
}

const named = {
  suite: 'lighteval',
  checkpoint: 'tiny-org/sum-model-step1000',
  run: 'tiny-org/sum-model',
  step: 1000,
};

/** A record without the fields that say nothing. */
function told(record: OutcomeRecord | undefined): Partial<OutcomeRecord> {
  return Object.fromEntries(Object.entries(record ?? {}).filter(([, value]) => value !== null));
}

function broken({ records, claims }: ReadLog): unknown[] {
  return claims.filter(({ task, filter, accuracy }) => {
    const own = records.filter((one) => one.task === task && one.filter === filter);
    const sum = own.reduce(
      (total, { kind, k, n }) => total + (k ?? NaN) / (kind === 'count' ? (n ?? NaN) : 1),
      0,
    );
    return !(Math.abs(sum / own.length - accuracy) <= 1e-9);
  });
}

describe('lighteval details', () => {
  it('keep each metric of a question, with as many answers as stand behind it', async () => {
    const log = await readLog(importer, details('sums_hard_0'));
    const own = log.records.filter(({ item }) => item === 'sums:hard|0/3');
    const shared = {
      ...named,
      task: 'sums:hard|0',
      item: 'sums:hard|0/3',
      fewShot: 0,
      temperature: 0.6,
      topP: 0.9,
      seed: 7,
      render: 'prompt',
      promptSha256: own[0]?.promptSha256,
    };
    const count = { ...shared, kind: 'count' };
    expect(own.map(told)).toEqual([
      { ...count, filter: 'em', k: 1, n: 1 },
      { ...count, filter: 'em,all-repeats', k: 3, n: 4 },
      { ...count, filter: 'avg@n:n=4', k: 3, n: 4 },
      { ...count, filter: 'pass@k:k=1&n=4', k: 3, n: 4 },
      { ...shared, kind: 'score', filter: 'pass@k:k=2&n=4', k: 1, n: 1 },
      { ...count, filter: 'maj@n:n=4', k: 1, n: 1 },
    ]);
    expect(log.claims).toHaveLength(5);
    expect(broken(log)).toEqual([]);
    expect(
      log.answers.filter(({ item }) => item === 'sums:hard|0/3').map((one) => one.answer),
    ).toEqual(['6', '6', '6', 'none é']);
    expect(log.questions.find(({ item }) => item.id === 'sums:hard|0/3')).toMatchObject({
      item: { prompt: '3 + 3 =', target: ['6'], choices: null },
      task: { name: 'sums:hard|0', maxTokens: 8, stop: ['\n'], chance: 0 },
    });
    expect(log.notices).toEqual([]);
  });

  it('of ranked choices say what cannot be recovered', async () => {
    const log = await readLog(importer, details('parity_2'));
    expect(broken(log)).toEqual([]);
    expect(told(log.records[1])).toEqual({
      ...named,
      task: 'parity|2',
      item: 'parity|2/1',
      kind: 'score',
      filter: 'mrr',
      k: 0.5,
      n: 1,
      fewShot: 2,
      render: 'prompt',
      promptSha256: log.records[1]?.promptSha256,
    });
    expect(log.questions[0]).toMatchObject({
      item: { choices: [' even', ' odd'], target: [' odd'] },
      task: { grader: { type: 'loglikelihood' }, chance: 0.5 },
    });
    expect(log.notices).toEqual([
      'the log holds the questions, not the prompts as they were given: solved examples, instruction and chat template cannot be recovered',
    ]);
  });

  it('of a metric of all questions together are passed over', async () => {
    expect(await importer.passOver?.(details('texts_0'))).toBe(
      '`bits_per_byte` says nothing of single questions; the results file has it of the task',
    );
    expect(await importer.passOver?.(details('parity_2'))).toBeNull();
    expect(await readLog(importer, details('texts_0'))).toMatchObject({
      records: [],
      questions: [],
      answers: [],
    });
  });
});

// Hand-made: the flat columns of versions before 0.11.
describe('lighteval details of earlier versions', () => {
  const earlier = (task: string): string =>
    join(root, 'earlier', date, `details_${task}_${date}.parquet`);

  it('hold the prompt as it was given; questions go by their row', async () => {
    const log = await readLog(importer, earlier('leaderboard_gsm8k_5'));
    expect(
      log.records.map(({ task, item, filter, kind, k, n, fewShot }) => [
        task,
        item,
        filter,
        kind,
        k,
        n,
        fewShot,
      ]),
    ).toEqual([
      ['leaderboard|gsm8k|5', 'leaderboard|gsm8k|5/0', 'qem', 'count', 1, 1, 5],
      ['leaderboard|gsm8k|5', 'leaderboard|gsm8k|5/1', 'qem', 'count', 0, 1, 5],
    ]);
    expect(log.questions[0]?.item).toMatchObject({
      prompt: 'Solved.\n\nQuestion 0',
      target: ['b'],
    });
    expect(log.claims).toHaveLength(1);
    expect(broken(log)).toEqual([]);
    expect(log.notices).toEqual([]);
    const ranked = await readLog(importer, earlier('leaderboard_arc_5'));
    expect(ranked.questions[0]?.item.choices).toEqual(['a', 'b']);
    expect(ranked.answers).toEqual([]);
  });

  it('may hold texts of Python where a nested column did not fit', async () => {
    const { records } = await readLog(importer, earlier('texts_5'));
    expect(records.map(({ filter, k, n }) => [filter, k, n])).toEqual([['qem', 1, 1]]);
  });
});

describe('lighteval results', () => {
  it('keep tasks and averages; errors are no metrics, and what has other bounds is a measure', async () => {
    const { records } = await readLog(importer, results);
    // lighteval writes its tasks in no order of its own.
    const found = records.map(({ task, filter, k, n, loss, lossUnit }) =>
      JSON.stringify([task, filter, k, n, loss, lossUnit]),
    );
    const expected = [
      ['sums:hard|0', 'em', 5 / 7, 1, null, null],
      ['sums:hard|0', 'avg@n:n=4', 11 / 28, 1, null, null],
      ['sums:hard|0', 'pass@k:k=1&n=4', 11 / 28, 1, null, null],
      ['sums:hard|0', 'pass@k:k=2&n=4', 0.5476190476190476, 1, null, null],
      ['sums:hard|0', 'maj@n:n=4', 3 / 7, 1, null, null],
      ['texts|0', 'bits_per_byte', null, null, 0.4121985831111324, 'bits per byte'],
      ['parity|2', 'acc', 4 / 7, 1, null, null],
      ['parity|2', 'mrr', 11 / 14, 1, null, null],
      ['all', 'em', 5 / 7, 1, null, null],
      ['all', 'avg@n:n=4', 11 / 28, 1, null, null],
      ['all', 'pass@k:k=1&n=4', 11 / 28, 1, null, null],
      ['all', 'pass@k:k=2&n=4', 0.5476190476190476, 1, null, null],
      ['all', 'maj@n:n=4', 3 / 7, 1, null, null],
      ['all', 'bits_per_byte', null, null, 0.4121985831111324, 'bits per byte'],
      ['all', 'acc', 4 / 7, 1, null, null],
      ['all', 'mrr', 11 / 14, 1, null, null],
    ];
    expect(found.sort()).toEqual(expected.map((row) => JSON.stringify(row)).sort());
  });

  // Hand-made: what versions before 0.11 wrote.
  it('of earlier versions are read: four parts in a name, counts of questions, the commit', async () => {
    const path = join(dir, 'results_2024-01-01T00-00-00.json');
    const document = {
      config_general: {
        lighteval_sha: '?',
        num_fewshot_seeds: 1,
        model_name: 'tiny-org/tiny',
        model_sha: 'step3000',
      },
      results: {
        'leaderboard|gsm8k|5|0': { qem: 0.25, qem_stderr: 0.1 },
        'lighteval|mmlu:_average|5|0': { acc: 0.5, acc_stderr: NaN },
      },
      config_tasks: {
        'leaderboard|gsm8k': { metric: ['quasi_exact_match_gsm8k'], effective_num_docs: 8 },
      },
    };
    writeFileSync(path, JSON.stringify(document).replace('null', 'NaN'));
    const { records } = await readLog(importer, path);
    const checkpoint = {
      suite: 'lighteval',
      checkpoint: 'tiny-org/tiny@step3000',
      run: 'tiny-org/tiny',
      step: 3000,
    };
    expect(records.map(told)).toEqual([
      {
        ...checkpoint,
        task: 'leaderboard|gsm8k|5|0',
        filter: 'qem',
        kind: 'count',
        k: 2,
        n: 8,
        fewShot: 5,
      },
      {
        ...checkpoint,
        task: 'lighteval|mmlu:_average|5|0',
        filter: 'acc',
        kind: 'score',
        k: 0.5,
        n: 1,
        fewShot: 5,
      },
    ]);
  });

  it('need a table by task', async () => {
    const path = join(dir, 'results_2024-01-02T00-00-00.json');
    writeFileSync(path, '{"config_general": {"lighteval_sha": "?"}, "versions": {}}');
    await expect(readLog(importer, path)).rejects.toThrow(
      '`results_2024-01-02T00-00-00.json`: expected an object `results`, as lighteval writes it',
    );
  });
});

describe('lighteval: files of a run', () => {
  let copy = '';
  beforeEach(() => {
    copy = mkdtempSync(join(tmpdir(), 'sonde-lighteval-copy-'));
    cpSync(root, copy, { recursive: true });
  });
  afterEach(() => rmSync(copy, { recursive: true }));

  it('have `|` and `:` in their names', async () => {
    const folder = join(copy, 'details', run, date);
    const path = join(folder, `details_sums:hard|0_${date}.parquet`);
    renameSync(join(folder, `details_sums_hard_0_${date}.parquet`), path);
    expect(await importer.detect(path)).toBe(1);
    expect(await importer.companions?.(path)).toEqual([
      join(copy, 'results', run, `results_${date}.json`),
    ]);
    expect(broken(await readLog(importer, path))).toEqual([]);
  });

  it('are found beside each other and in the folder above as well', async () => {
    const own = join(copy, 'hub', date);
    cpSync(join(copy, 'details', run, date), own, { recursive: true });
    cpSync(results, join(copy, 'hub', `results_${date}.json`));
    const path = join(own, readdirSync(own)[0] ?? '');
    expect(await importer.companions?.(path)).toEqual([join(dirname(own), `results_${date}.json`)]);
  });

  it('without results are about the model that their folder names', async () => {
    rmSync(join(copy, 'results'), { recursive: true });
    const path = join(copy, 'details', run, date, `details_parity_2_${date}.parquet`);
    const { records, claims, notices } = await readLog(importer, path);
    expect(records[0]?.checkpoint).toBe('tiny-org/sum-model-step1000');
    expect(claims).toEqual([]);
    expect(notices[0]).toBe(
      'the results file of this run is not beside it: `tiny-org/sum-model-step1000` stands for its model, and its accuracies cannot be checked',
    );
    const lone = join(copy, 'lone.parquet');
    renameSync(path, lone);
    await expect(readLog(importer, lone)).rejects.toThrow(
      '`lone.parquet`: expected the results file of its run',
    );
    expect((await readLog(importer, lone, { checkpoint: 'run/step5' })).records[0]).toMatchObject({
      checkpoint: 'run/step5',
      step: 5,
    });
  });
});
