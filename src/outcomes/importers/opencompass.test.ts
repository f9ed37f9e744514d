import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { promptSha256 } from '../../suite/index.ts';
import { makeRecord } from '../log/blank-record.ts';
import type { OutcomeRecord } from '../record.ts';
import { describeImporter, type ReadLog, readLog } from '../testing/importer-contract.ts';
import { createOpenCompassImporter } from './opencompass.ts';

const fixtures = fileURLToPath(
  new URL('../../../test/fixtures/logs/opencompass/', import.meta.url),
);
const importer = createOpenCompassImporter();
const model = 'tiny-step1000-hf';
const results = (name: string): string => join(fixtures, 'results', model, `${name}.json`);
const predictions = (name: string): string => join(fixtures, 'predictions', model, name);

for (const name of ['sums-runs', 'sums-ppl']) {
  describeImporter({
    name,
    importer,
    path: results(name),
    root: fixtures,
    foreign: join(fixtures, 'VERSIONS.json'),
  });
}

const rows = ({ records }: ReadLog): unknown[] =>
  records.map(({ item, filter, kind, k, n }) => [item, filter, kind, k, n]);

const base = { suite: 'opencompass', checkpoint: model, run: 'tiny', step: 1000 };

describe('runs of OpenCompass', () => {
  it('counts over the runs, with the prompts out of the predictions', async () => {
    const { records, questions, answers, claims, notices } = await readLog(
      importer,
      results('sums-runs'),
    );
    const prompt = '0 + 1 = 1\n3 + 3 =';
    const expected: OutcomeRecord = makeRecord({
      ...base,
      task: 'sums-runs',
      item: 'sums-runs/2',
      filter: 'score',
      k: 1,
      n: 4,
      render: 'prompt',
      promptSha256: promptSha256({ id: '', prompt, messages: null }, 'prompt'),
      targetHash: '0e71c9d61a801b86235274dfab92b15dfb859514f351bf1627e1bc07bca5b60c',
    });
    expect(records[2]).toEqual(expected);
    expect(records[3]).toEqual(
      makeRecord({
        ...base,
        task: 'sums-runs',
        filter: 'sums-runs/G-Pass@2_0.0',
        kind: 'score',
        k: records[3]?.k ?? null,
        n: 1,
      }),
    );
    expect(records[3]?.k).toBeCloseTo(5 / 6, 12);
    expect(questions[2]?.item).toEqual({
      task: 'sums-runs',
      id: 'sums-runs/2',
      prompt,
      messages: null,
      target: ['6'],
      choices: null,
      group: null,
      meta: {},
    });
    const told = answers.filter(({ item }) => item === 'sums-runs/2');
    expect(
      told.map(({ sample, answer, extracted, grade }) => [sample, answer, extracted, grade]),
    ).toEqual([
      [0, '7', '7', 0],
      [1, '7', '7', 0],
      [2, '6', '6', 1],
      [3, '7', '7', 0],
    ]);
    expect(claims.map(({ filter }) => filter)).toEqual(['score']);
    expect(notices).toEqual([]);
  });

  it.each([
    ['sums-em', 'score'],
    ['sums-runs', 'score'],
    ['sums-acc', 'accuracy'],
    ['sums-details', 'accuracy'],
    ['sums-split', 'accuracy'],
    ['sums-chat', 'accuracy'],
    ['sums-ppl', 'accuracy'],
    ['sums-sharded', 'score'],
  ])('agrees with the harness: %s', async (name, filter) => {
    const { records, claims } = await readLog(importer, results(name));
    const items = records.filter(({ item }) => item !== null);
    const mean = items.reduce((sum, { k, n }) => sum + (k ?? 0) / (n ?? 1), 0) / items.length;
    expect(items.map(({ item }) => item)).toEqual([0, 1, 2].map((index) => `${name}/${index}`));
    expect(new Set(items.map((one) => one.filter))).toEqual(new Set([filter]));
    expect(claims).toHaveLength(1);
    expect(Math.abs((claims[0]?.accuracy ?? Number.NaN) - mean)).toBeLessThan(1e-9);
  });

  it('reads messages, and says what was done where a log does not tell', async () => {
    const chat = await readLog(importer, results('sums-chat'));
    expect(chat.questions[0]?.item.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: '1 + 1 =' },
    ]);
    expect((await readLog(importer, results('sums-acc'))).notices).toEqual([
      'answers are graded here by comparing them with the right ones',
    ]);
    const ppl = await readLog(importer, results('sums-ppl'));
    expect(ppl.notices).toEqual([
      'each choice was put into a text of its own: these questions go into no suite',
    ]);
    expect(new Set(ppl.records.map((one) => one.documentHash)).size).toBe(3);
    expect(ppl.questions).toEqual([]);
  });

  it('keeps the results of a task whose questions have no grades', async () => {
    const { records, notices } = await readLog(importer, results('sums-scores'));
    const task = { ...base, task: 'sums-scores' };
    expect(records).toEqual([
      makeRecord({ ...task, filter: 'rouge1', kind: 'score', k: 0.415, n: 1 }),
      makeRecord({ ...task, filter: 'bpc', loss: 1.25, lossUnit: 'bits per character' }),
    ]);
    expect(notices).toEqual([
      'the harness kept no grades of single questions: the task’s results alone are read',
    ]);
  });

  it('accounts for every file of a run', async () => {
    const files = readdirSync(fixtures, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name !== 'VERSIONS.json')
      .map((entry) => join(entry.parentPath, entry.name));
    for (const path of files) {
      expect(await importer.detect(path)).toBe(1);
      const reason = await importer.passOver?.(path);
      expect(reason === null).toBe(path.startsWith(join(fixtures, 'results')));
    }
    expect(await importer.passOver?.(predictions('sums-sharded_1.json'))).toBe(
      `read with results/${model}/sums-sharded.json`,
    );
    expect(await importer.passOver?.(predictions('tmp_unfinished.jsonl'))).toBe(
      'answers of a run that was not finished',
    );
    expect(await importer.companions?.(results('sums-sharded'))).toEqual([
      predictions('sums-sharded_0.json'),
      predictions('sums-sharded_1.json'),
    ]);
    await expect(readLog(importer, predictions('left-alone.json'))).rejects.toThrow(
      '`left-alone.json`: expected results or graded predictions of OpenCompass: answers without grades: there are no results for them',
    );
  });
});

describe('runs of OpenCompass that are made by hand', () => {
  let root: string;
  beforeAll(() => {
    root = mkdtempSync(join(tmpdir(), 'sonde-opencompass-'));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));

  function write(place: string, content: unknown): string {
    const path = join(root, place);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, JSON.stringify(content));
    return path;
  }
  const read = (place: string, content: unknown): Promise<ReadLog> =>
    readLog(importer, write(place, content));
  const detail = (index: number, changes: Record<string, unknown> = {}): unknown => ({
    example_abbr: `d_${index}`,
    pred: ['x'],
    answer: ['x'],
    correct: [true],
    ...changes,
  });

  it('reads details with grades under their numbers, as releases before 0.4 wrote them', async () => {
    const log = await read('results/m/old.json', {
      accuracy: 50,
      details: {
        type: 'GEN',
        0: {
          prompt: 'P',
          origin_prediction: 'A.',
          predictions: 'A',
          references: ['A', 'a'],
          correct: true,
        },
        1: {
          prompt: 'Q',
          origin_prediction: 'B.',
          predictions: 'B',
          references: 'A',
          correct: false,
        },
      },
    });
    expect(rows(log)).toEqual([
      ['old/0', 'accuracy', 'count', 1, 1],
      ['old/1', 'accuracy', 'count', 0, 1],
    ]);
    expect(log.questions[0]?.item.target).toEqual(['A', 'a']);
    expect(log.answers.map(({ answer, extracted }) => [answer, extracted])).toEqual([
      ['A.', 'A'],
      ['B.', 'B'],
    ]);
  });

  it('tells which number is the mean of the grades, in percent or not', async () => {
    const details = [detail(0), detail(1, { correct: [false] })];
    const share = await read('results/m/share.json', { f1: 0.25, score: 0.5, details });
    expect(rows(share).at(-1)).toEqual([null, 'f1', 'score', 0.25, 1]);
    expect(share.claims).toEqual([
      { task: 'share', checkpoint: 'm', filter: 'score', accuracy: 0.5 },
    ]);
    const other = await read('results/m/other.json', { accuracy: 75, details });
    expect(other.claims.map(({ filter, accuracy }) => [filter, accuracy])).toEqual([
      ['accuracy', 0.75],
    ]);
    const none = await read('results/m/none.json', { rouge1: 12, details });
    expect(none.claims).toEqual([]);
    expect(rows(none)).toEqual([
      ['none/0', 'correct', 'count', 1, 1],
      ['none/1', 'correct', 'count', 0, 1],
      [null, 'rouge1', 'score', 0.12, 1],
    ]);
  });

  it('does not join answers that are not those to the questions', async () => {
    write('predictions/m/less.json', { 0: { origin_prompt: 'P', prediction: 'x' } });
    const log = await read('results/m/less.json', { score: 100, details: [detail(0), detail(1)] });
    expect(log.records.map((one) => one.promptSha256)).toEqual([null, null]);
    expect(log.notices).toEqual([
      'the 1 answers beside the results are not those to its 2 questions: they are not joined to them',
    ]);
    expect(log.questions).toEqual([]);
  });

  it('joins answers in any order, and keeps subdivisions apart', async () => {
    const path = write('predictions/m/mixed.json', {});
    const [first, second] = [
      '"0": {"origin_prompt": "P", "prediction": "a"}',
      '"1": {"origin_prompt": "Q", "prediction": "b"}',
    ];
    writeFileSync(path, `{${second}, ${first}}`);
    const details = [detail(0), detail(0, { example_abbr: 'e_0' })];
    const log = await read('results/m/mixed.json', { score: 100, details });
    expect(log.questions.map(({ item }) => [item.id, item.prompt])).toEqual([
      ['mixed/e_0', 'Q'],
      ['mixed/d_0', 'P'],
    ]);
  });

  it('keeps the results alone where the details are of several runs', async () => {
    const one = (prompt: string): unknown => ({
      prompt,
      origin_prediction: 'x',
      predictions: 'x',
      references: 'x',
    });
    const log = await read('results/m/runs.json', {
      accuracy: 100,
      details: { type: 'GEN', 0: one('P'), 1: one('Q'), 2: one('P'), 3: one('Q') },
    });
    expect(rows(log)).toEqual([[null, 'accuracy', 'score', 1, 1]]);
    expect(log.notices[0]).toContain('several runs behind each other');
  });

  it('grades perplexities without a results file by the right label', async () => {
    const answer = (prediction: string): unknown => ({
      origin_prompt: 'Q A',
      'label: A': { prompt: 'Q A', PPL: 1 },
      'label: B': { prompt: 'Q B', PPL: 2 },
      prediction,
      gold: 'A',
    });
    const log = await read('predictions/m/alone.json', { 0: answer('A'), 1: answer('B') });
    expect(rows(log)).toEqual([
      ['alone/0', 'accuracy', 'count', 1, 1],
      ['alone/1', 'accuracy', 'count', 0, 1],
    ]);
    expect(log.claims).toEqual([]);
  });

  it('knows plain results by the folders around them, and a judge’s answers by theirs', async () => {
    const plain = write('results/m/plain.json', { accuracy: 61.3 });
    expect(await importer.detect(plain)).toBe(0.6);
    expect(rows(await readLog(importer, plain))).toEqual([[null, 'accuracy', 'score', 0.613, 1]]);
    expect(await importer.detect(write('elsewhere/plain.json', { accuracy: 61.3 }))).toBe(0);
    const judge = write('results/m/plain_replica0.json', {
      0: { origin_prompt: 'P', prediction: 'A' },
    });
    expect(await importer.passOver?.(judge)).toBe(
      'answers of a judge, whose grades are in the results',
    );
    const failed = write('results/m/failed.json', { error: 'no predictions' });
    expect(await importer.passOver?.(failed)).toBe('the harness failed there: no predictions');
  });

  it.each<[string, unknown, string]>([
    [
      'a question twice',
      { score: 100, details: [detail(0), detail(0)] },
      '`bad.json`: expected each question once in `details`, `d_0` comes twice: they cannot be told apart',
    ],
    [
      'no object',
      { score: 100, details: [detail(0), 3] },
      '`bad.json`, `details` element 2: expected an object, got 3',
    ],
  ])('refuses %s', async (_case, content, message) => {
    await expect(read('results/n/bad.json', content)).rejects.toThrow(message);
  });

  it('refuses answers that lack a number', async () => {
    write('predictions/n/gap.json', {
      0: { origin_prompt: 'P', prediction: 'x' },
      2: { origin_prompt: 'Q', prediction: 'x' },
    });
    await expect(
      read('results/n/gap.json', { score: 100, details: [detail(0), detail(1)] }),
    ).rejects.toThrow('`gap.json`: expected 2 answers from 0 on, `1` is not there');
  });
});
