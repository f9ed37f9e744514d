import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { promptSha256 } from '../../suite/index.ts';
import { makeRecord } from '../log/blank-record.ts';
import type { OutcomeRecord } from '../record.ts';
import { describeImporter, type ReadLog, readLog } from '../testing/importer-contract.ts';
import { createInspectImporter } from './inspect.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/logs/inspect/', import.meta.url));
const importer = createInspectImporter();
const current = (name: string): string => join(fixtures, 'v0.3.285', name);
const old = (name: string): string => join(fixtures, 'v0.3.60', name);

for (const [name, path] of [
  ['.eval, zstd', current('sums.eval')],
  ['.eval, deflated', old('sums.eval')],
  ['.eval, samples in several entries', current('chunked.eval')],
  ['.json', current('letters.json')],
] as const) {
  describeImporter({ name, importer, path, foreign: join(fixtures, 'VERSIONS.json') });
}

/** The mean over the questions by (filter), as the harness claims it. */
function means({ records }: ReadLog): Map<string, number> {
  const cells = new Map<string, number[]>();
  for (const { item, filter, kind, k, n } of records) {
    if (item === null || k === null || n === null) continue;
    const values = cells.get(filter ?? '') ?? [];
    cells.set(filter ?? '', [...values, kind === 'count' ? k / n : k]);
  }
  return new Map(
    [...cells].map(([key, values]) => [key, values.reduce((a, b) => a + b) / values.length]),
  );
}

const byName = (log: ReadLog): ReadLog => {
  const sorted = <T>(list: T[]): T[] =>
    list
      .map((one) => JSON.stringify(one))
      .sort()
      .map((text) => JSON.parse(text) as T);
  const { records, questions, answers, claims, notices } = log;
  return {
    records: sorted(records),
    questions: sorted(questions),
    answers: sorted(answers),
    claims,
    notices,
  };
};

const messages = [
  { role: 'system', content: 'Answer with a number.' },
  { role: 'user', content: 'What is 12 * 12?' },
];
const item = {
  task: 'sums',
  id: 'sums/with/slash é',
  prompt: null,
  messages,
  target: ['144'],
  choices: null,
  group: null,
  meta: {},
};
const expected: OutcomeRecord = makeRecord({
  suite: 'inspect',
  task: 'sums',
  item: item.id,
  checkpoint: 'tiny/step1000',
  run: 'tiny',
  step: 1000,
  k: 1,
  n: 4,
  kind: 'count',
  temperature: 0.7,
  topP: 0.9,
  seed: 3,
  filter: 'match',
  render: 'messages',
  promptSha256: promptSha256({ id: '', prompt: null, messages }, 'messages'),
  targetHash: '5ec1a0c99d428601ce42b407ae9c675e0836a8ba591c8ca6e2a2cf5563d97ff0',
});

describe('logs of Inspect', () => {
  it('counts over the epochs, and keeps reduced scores beside the counts', async () => {
    const { records, questions, answers, notices } = await readLog(importer, current('sums.eval'));
    const of = (filter: string): OutcomeRecord[] =>
      records.filter((one) => one.item === item.id && one.filter === filter);
    expect(of('match')).toEqual([expected]);
    expect(of('graded')).toEqual([{ ...expected, filter: 'graded', kind: 'score', k: 0.375 }]);
    expect(of('match,majority')).toEqual([{ ...expected, filter: 'match,majority', k: 0, n: 1 }]);
    expect(of('match,pass_at_2')).toEqual([
      { ...expected, filter: 'match,pass_at_2', kind: 'score', k: 0.5, n: 1 },
    ]);
    expect(questions).toContainEqual({
      item,
      task: {
        name: 'sums',
        chance: 0,
        maxTokens: 32,
        stop: [],
        grader: { type: 'normalized' },
        filter: null,
      },
    });
    expect(answers.filter((one) => one.item === item.id && one.filter === 'graded')).toEqual(
      [
        ['143', '143', 0.5],
        ['144', '144', 1],
        ['12', '12', 0],
        ['I cannot say', 'I cannot say', 0],
      ].map(([answer, extracted, grade], sample) => ({
        task: 'sums',
        item: item.id,
        checkpoint: 'tiny/step1000',
        filter: 'graded',
        sample,
        answer,
        extracted,
        grade,
      })),
    );
    expect(notices).toEqual([
      'questions are kept as messages: the log does not hold the chat template around them',
    ]);
  });

  it.each([
    ['v0.3.285/sums.eval', 16],
    ['v0.3.60/sums.eval', 12],
    ['v0.3.285/shapes.eval', 3],
    ['v0.3.285/shapes.json', 3],
    ['v0.3.285/chunked.eval', 2],
    ['v0.3.285/many-frames.eval', 2],
    ['v0.3.285/letters.json', 1],
    ['v0.3.60/letters.json', 1],
  ])('agrees with the harness: %s', async (name, count) => {
    const log = await readLog(importer, join(fixtures, name));
    const found = means(log);
    expect(log.claims).toHaveLength(count);
    for (const { filter, accuracy } of log.claims) {
      expect(Math.abs((found.get(filter ?? '') ?? Number.NaN) - accuracy)).toBeLessThan(1e-9);
    }
  });

  it('reads one run the same out of either file, and of samples in several entries', async () => {
    const json = byName(await readLog(importer, current('shapes.json')));
    expect(byName(await readLog(importer, current('shapes.eval')))).toEqual(json);
    const frames = byName(await readLog(importer, current('many-frames.eval')));
    expect(byName(await readLog(importer, current('chunked.eval')))).toEqual(frames);
  });

  it('takes the parts of a score apart, and leaves out what is no share of right answers', async () => {
    const { records, notices } = await readLog(importer, current('shapes.json'));
    const rows = records.map(({ item: id, filter, kind, k, n, loss, lossUnit }) =>
      [id, filter, kind, k, n, loss, lossUnit].join(' '),
    );
    expect(
      rows.filter((row) => !row.startsWith('shapes/two') && !row.startsWith('shapes/7')),
    ).toEqual([
      'shapes/with/slash é closeness score 0.5025062656641605 3  ',
      'shapes/with/slash é parts/right count 1 2  ',
      'shapes/with/slash é parts/near score 1 2  ',
      'shapes/with/slash é listed/0 count 1 3  ',
      'shapes/with/slash é listed/1 score 0.5 3  ',
      ' length count   1.5555555555555554 length',
    ]);
    expect(notices.slice(0, 2)).toEqual([
      '1 of 9 samples have no score: they are left out',
      'scores of `length` are not all from 0 to 1: no question gets an outcome by them, the task’s results are kept',
    ]);
  });

  it('keeps the messages in front of the first answer, solved examples among them', async () => {
    const { questions } = await readLog(importer, current('letters.json'));
    const [first, second] = questions.map((one) => one.item);
    expect(second?.messages?.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ]);
    expect(first?.choices).toEqual(['three', 'four', 'five']);
    expect(questions[0]?.task).toMatchObject({ chance: 1 / 3, grader: { type: 'choice' } });
  });

  it('keeps the results of a log without samples', async () => {
    const { records, claims, notices } = await readLog(importer, current('no-samples.json'));
    const task = makeRecord({ suite: 'inspect', task: 'sums', checkpoint: 'mockllm/model' });
    expect(records).toEqual([
      { ...task, filter: 'match,mode', k: 2, n: 3 },
      { ...task, filter: 'graded,mode', kind: 'score', k: 0.8333333333333334, n: 1 },
    ]);
    expect([claims, notices]).toEqual([[], []]);
  });

  it.each([
    [
      'v0.3.285/killed.eval',
      3,
      ['the run was not finished: the 4 samples written until then are read'],
    ],
    [
      'v0.3.285/failed.eval',
      3,
      [
        'the run ended with status `error`: its 5 samples are read',
        'the log has no results of the harness',
        '2 of 5 samples have no score: they are left out',
      ],
    ],
    [
      'v0.3.60/shapes.json',
      15,
      [
        'the run ended with status `error`: its 9 samples are read',
        'the log has no results of the harness',
        '1 of 9 samples have no score: they are left out',
        'scores of `length` are not all from 0 to 1: no question gets an outcome by them, the task’s results are kept',
      ],
    ],
  ])('reads what there is of a run that failed: %s', async (name, count, notices) => {
    const log = await readLog(importer, join(fixtures, name));
    expect(log.records).toHaveLength(count);
    expect(log.claims).toEqual([]);
    expect(log.notices.slice(0, notices.length)).toEqual(notices);
  });
});
