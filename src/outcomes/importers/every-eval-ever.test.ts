import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeRecord } from '../log/blank-record.ts';
import { describeImporter, readLog } from '../testing/importer-contract.ts';
import { createEveryEvalEverImporter } from './every-eval-ever.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/logs/', import.meta.url));
const folder = join(fixtures, 'every-eval-ever');
const document = (name: string, number: number): string =>
  join(folder, name, `00000000-0000-4000-8000-00000000000${number}`);
const importer = createEveryEvalEverImporter();

for (const file of [`${document('several', 3)}.json`, `${document('lm-eval', 1)}_samples.jsonl`]) {
  describeImporter({
    name: 'every-eval-ever',
    importer,
    path: file,
    foreign: join(fixtures, 'helm/words-model=simple_model1/run_spec.json'),
  });
}

const model = {
  checkpoint: 'tiny-org/tiny@step1000',
  run: 'tiny-org/tiny',
  step: 1000,
  params: 12345,
};

describe('every-eval-ever: what its converter of lm-eval writes', () => {
  it('reads filters as tasks of their own, as they are named', async () => {
    const { records, claims, notices } = await readLog(
      importer,
      `${document('lm-eval', 1)}_samples.jsonl`,
    );
    const [record] = records;
    expect(record).toEqual(
      makeRecord({
        ...model,
        suite: 'every-eval-ever',
        task: 'sums/strict-match',
        item: 'sums/strict-match/0',
        k: 0,
        n: 1,
        filter: 'exact_match,strict-match',
        temperature: 0,
        fewShot: 3,
        render: 'prompt',
        promptSha256: record?.promptSha256 ?? null,
        documentHash: '0'.repeat(64),
        targetHash: `${'0'.repeat(62)}20`,
      }),
    );
    expect(claims).toEqual([
      {
        task: 'sums/strict-match',
        checkpoint: model.checkpoint,
        filter: 'exact_match,strict-match',
        accuracy: 0.5,
      },
      {
        task: 'sums/flexible-extract',
        checkpoint: model.checkpoint,
        filter: 'exact_match,flexible-extract',
        accuracy: 0.75,
      },
    ]);
    for (const { task, accuracy } of claims) {
      const own = records.filter((one) => one.task === task);
      expect(own.reduce((sum, { k }) => sum + (k ?? 0), 0) / own.length).toBe(accuracy);
    }
    expect(notices).toEqual([]);
  });

  it('takes all metrics of a sample that its metadata hold', async () => {
    const { records, claims } = await readLog(importer, `${document('lm-eval', 2)}_samples.jsonl`);
    expect(records.map(({ item, filter, k, kind }) => [item, filter, k, kind])).toEqual(
      [0, 1, 2, 3].flatMap((doc) => [
        [`parity/${doc}`, 'acc', doc % 2, 'count'],
        [`parity/${doc}`, 'acc_norm', 1, 'count'],
      ]),
    );
    expect(claims.map(({ filter, accuracy }) => [filter, accuracy])).toEqual([
      ['acc', 0.5],
      ['acc_norm', 1],
    ]);
  });

  it('reads the results of tasks', async () => {
    const { records } = await readLog(importer, `${document('lm-eval', 1)}.json`);
    expect(records).toEqual(
      [
        { task: 'sums/strict-match', filter: 'exact_match,strict-match', k: 2 },
        { task: 'sums/flexible-extract', filter: 'exact_match,flexible-extract', k: 3 },
      ].map((given) =>
        makeRecord({
          ...model,
          ...given,
          suite: 'every-eval-ever',
          n: 4,
          temperature: 0,
          fewShot: 3,
        }),
      ),
    );
  });
});

describe('every-eval-ever: several results of one run', () => {
  let dir = '';
  let samples = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'sonde-eee-'));
    cpSync(dirname(document('several', 3)), dir, { recursive: true });
    samples = join(dir, '00000000-0000-4000-8000-000000000003_samples.jsonl');
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  it('joins samples by the id of their result; repeats of a sample add up', async () => {
    const { records, claims, answers, questions } = await readLog(importer, samples);
    expect(
      records.map(({ task, item, filter, kind, k, n }) => [task, item, filter, kind, k, n]),
    ).toEqual([
      ['qa', 'qa/q1', 'rouge_l', 'score', 0.5, 1],
      ['qa', 'qa/q2', 'rouge_l', 'score', 0.5, 1],
      ['graded', 'graded/g1', 'judge', 'score', 0.5, 1],
      ['graded', 'graded/g2', 'judge', 'score', 0.75, 1],
      ['qa', 'qa/q1', 'exact_match', 'count', 2, 2],
      ['qa', 'qa/q2', 'exact_match', 'count', 1, 2],
    ]);
    expect(records[0]).toMatchObject({ tokens: 4_000_000, params: 12_345, step: 2000 });
    expect(claims.map(({ filter, accuracy }) => [filter, accuracy])).toEqual([
      ['exact_match', 0.75],
      ['rouge_l', 0.5],
      ['judge', 0.625],
    ]);
    expect(
      answers
        .filter(({ item }) => item === 'qa/q1')
        .map(({ sample, answer, extracted }) => [sample, answer, extracted]),
    ).toEqual([
      [0, 'a', 'a'],
      [1, 'b ', 'b'],
      [2, 'a', 'a'],
    ]);
    expect(questions[0]?.item).toMatchObject({ prompt: '<user>Question q1', target: ['a', 'b'] });
  });

  it('keeps percentages as shares, and shares of mistakes as measures', async () => {
    const { records } = await readLog(importer, `${document('several', 3)}.json`);
    expect(
      records.map(({ task, filter, kind, k, n, loss, lossUnit }) => [
        task,
        filter,
        kind,
        k,
        n,
        loss,
        lossUnit,
      ]),
    ).toEqual([
      ['qa', 'exact_match', 'count', 1.5, 2, null, null],
      ['qa', 'rouge_l', 'score', 0.5, 2, null, null],
      ['graded', 'judge', 'score', 0.625, 2, null, null],
      ['hallucination', 'rate', 'count', null, null, 0.25, 'rate'],
    ]);
  });

  it('reads samples alone: right and wrong are told by themselves', async () => {
    rmSync(join(dir, '00000000-0000-4000-8000-000000000003.json'));
    const { records, claims, notices } = await readLog(importer, samples);
    expect(claims).toEqual([]);
    expect(notices).toEqual([
      'task `graded` (graded): its scores of single samples are not in 0…1 and left out; the result of the task is kept',
      'the document with the results of this run is not here: its accuracies cannot be checked',
    ]);
    expect(records.map(({ filter, kind }) => [filter, kind])).toEqual([
      ['rouge_l:test', 'score'],
      ['rouge_l:test', 'score'],
      ['exact_match:test', 'count'],
      ['exact_match:test', 'count'],
    ]);
  });

  it.each([
    [(row: Record<string, unknown>) => delete row['sample_id'], 'expected `sample_id`, found none'],
    [(row: Record<string, unknown>) => delete row['evaluation'], 'expected `evaluation.score`'],
  ])('names the line that is wrong', async (spoil, message) => {
    const lines = readFileSync(samples, 'utf8').trimEnd().split('\n');
    const row = JSON.parse(lines[2] ?? '') as Record<string, unknown>;
    spoil(row);
    writeFileSync(samples, [...lines.slice(0, 2), JSON.stringify(row)].join('\n'));
    await expect(readLog(importer, samples)).rejects.toThrow(
      `_samples.jsonl\`, line 3: ${message}`,
    );
  });
});
