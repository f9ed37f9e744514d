import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeRecord } from '../log/blank-record.ts';
import type { OutcomeRecord } from '../record.ts';
import { describeImporter, type ReadLog, readLog } from '../testing/importer-contract.ts';
import { createOlmesImporter } from './olmes.ts';

const run = join(import.meta.dirname, '../../../test/fixtures/logs/olmes/run');
const foreign = join(import.meta.dirname, '../../../test/fixtures/logs/lm-eval/0.3/results.json');
const importer = createOlmesImporter();
const scratch = mkdtempSync(join(tmpdir(), 'sonde-olmes-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const predictions = (task: string): string => join(run, `${task}-predictions.jsonl`);
const read = (task: string): Promise<ReadLog> => readLog(importer, predictions(task));

/** A run's folder without some of its files, and with lines changed. */
function copyRun(
  leave: RegExp,
  change: (row: Record<string, unknown>, file: string) => unknown = (row) => row,
): string {
  const folder = mkdtempSync(join(scratch, 'run-'));
  for (const name of readdirSync(run)) {
    if (leave.test(name)) continue;
    cpSync(join(run, name), join(folder, name));
    if (!name.endsWith('.jsonl')) continue;
    const lines = readFileSync(join(run, name), 'utf8').trim().split('\n');
    const rows = lines.map((line) => change(JSON.parse(line) as Record<string, unknown>, name));
    writeFileSync(join(folder, name), rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  }
  return folder;
}

const olmo = {
  suite: 'olmes',
  checkpoint: 'allenai/OLMo-2-1124-7B@stage1-step1000-tokens5B',
  ...{ run: 'allenai/OLMo-2-1124-7B', stage: 'pretrain', step: 1000 },
};

describe.each([
  ['predictions of choices', predictions('task-000-arc_easy')],
  ['predictions of answers', predictions('task-002-gsm8k')],
  ['metrics', join(run, 'task-000-arc_easy-metrics.json')],
  ['metrics of all tasks', join(run, 'metrics-all.jsonl')],
  ['a summary', join(run, 'metrics.json')],
])('%s', (name, path) => {
  describeImporter({ name: `olmes ${name}`, importer, path, foreign });
});

describe('a run of OLMES', () => {
  it('is accounted for, file by file', async () => {
    const found: unknown[] = [];
    for (const name of readdirSync(run).sort()) {
      const path = join(run, name);
      expect(await importer.detect(path)).toBeGreaterThan(0.5);
      const reason = (await importer.passOver?.(path)) ?? 'read';
      const companions = (await importer.companions?.(path)) ?? [];
      const short = name.replace(/^task-\d+-\w+?-/, '');
      found.push(`${short}: ${reason} (${companions.length})`);
    }
    expect([...new Set(found)].sort()).toEqual([
      'metrics-all.jsonl: read (0)',
      'metrics.json: read (0)',
      'metrics.json: read as `metrics-all.jsonl`, which says more (0)',
      'predictions.jsonl: read (2)',
      'recorded-inputs.jsonl: some of the requests again, for people to look at (0)',
      'requests.jsonl: read with the predictions of its task (0)',
    ]);
  });

  it('gives the accuracies that the harness wrote, for every task and metric', async () => {
    const compared: string[] = [];
    for (const name of readdirSync(run).filter((one) => one.endsWith('-predictions.jsonl'))) {
      const { records, claims } = await readLog(importer, join(run, name));
      for (const { task, filter, accuracy } of claims) {
        const own = records.filter((one) => one.filter === filter);
        const sum = own.reduce((total, { k, n }) => total + (k ?? NaN) / (n ?? NaN), 0);
        expect(sum / own.length).toBeCloseTo(accuracy, 12);
        compared.push(`${task} ${String(filter)}`);
      }
    }
    const choices = ['acc_raw', 'acc_per_token', 'acc_per_char', 'acc_per_byte'];
    expect(compared).toEqual([
      ...choices.map((metric) => `arc_easy:rc::olmes ${metric}`),
      ...choices.map((metric) => `winogrande:rc::olmes ${metric}`),
      'gsm8k::olmes exact_match_simple',
      'gsm8k::olmes exact_match',
      'codex_humaneval pass_at_1',
      ...choices.map((metric) => `said:bpb::none ${metric}`),
    ]);
  });

  it('keeps losses of whole tasks, and of groups, also where they lie in 0…1', async () => {
    const { records } = await readLog(importer, join(run, 'metrics-all.jsonl'));
    const group = { ...olmo, task: 'core:rc::olmes', fewShot: 0, chatTemplate: 'none' };
    const score = { kind: 'score', k: 0.625, n: 6 } as const;
    expect(records.slice(0, 3)).toEqual([
      makeRecord({ ...group, ...score, filter: 'primary_score' }),
      makeRecord({ ...group, ...score, filter: 'primary_score_macro' }),
      makeRecord({
        ...{ ...group, filter: 'bits_per_byte_corr_macro' },
        ...{ loss: 0.6838700427357329, lossUnit: 'bits per byte' },
      }),
    ]);
    const primary = records.find(
      ({ task, filter }) => task === 'said:bpb::none' && filter === 'primary_score',
    );
    expect([primary?.k, primary?.lossUnit]).toEqual([null, 'bits per byte']);
  });
});

describe('predictions of OLMES', () => {
  it('are whole records, with the prompt of the requests', async () => {
    const { records, questions } = await read('task-000-arc_easy');
    expect(records[4]).toEqual(
      makeRecord({
        ...{ ...olmo, task: 'arc_easy:rc::olmes', item: 'arc_easy:rc::olmes/Mercury_2' },
        ...{ kind: 'count', k: 0, n: 1, filter: 'acc_raw', fewShot: 0, chatTemplate: 'none' },
        ...{ render: 'prompt' },
        promptSha256: records[5]?.promptSha256 ?? null,
      }),
    );
    expect(questions[3]).toEqual({
      item: {
        task: 'arc_easy:rc::olmes',
        id: 'arc_easy:rc::olmes/Mercury_4',
        prompt: 'Question: What melts at 0 °C?\nAnswer:',
        messages: null,
        target: [' ice'],
        choices: [' steel', ' ice', ' stone', ' glass'],
        group: null,
        meta: {},
      },
      task: {
        name: 'arc_easy:rc::olmes',
        ...{ chance: 0.25, maxTokens: 256, stop: [] },
        grader: { type: 'loglikelihood', delimiter: '' },
        filter: 'acc_per_char',
      },
    });
  });

  it('of several answers keep the first that was scored beside all of them', async () => {
    const { records, answers, questions } = await read('task-002-gsm8k');
    const of = (filter: string): string[] =>
      records.filter((one) => one.filter === filter).map(({ k, n }) => `${k}/${n}`);
    expect(of('exact_match')).toEqual(['1/1', '0/1', '0/1']);
    expect(of('exact_match_simple')).toEqual(['1/1', '0/1', '0/1']);
    expect(of('exact_match_simple,all-repeats')).toEqual(['2/3', '2/3', '1/3']);
    expect(new Set(records.map((one) => `${one.temperature} ${one.topP} ${one.fewShot}`))).toEqual(
      new Set(['0.6 0.95 8']),
    );
    const graded = answers.filter((one) => one.item === 'gsm8k::olmes/0');
    expect(graded.map(({ filter, extracted, grade }) => [filter, extracted, grade])).toEqual([
      ['exact_match_simple', '7', 1],
      ['exact_match_simple', '8', 0],
      ['exact_match_simple', '7', 1],
      ['exact_match', '7', 1],
      ['exact_match', '8', null],
      ['exact_match', '7', null],
    ]);
    expect(questions[0]?.task).toMatchObject({ stop: ['Question:', '\n\n'], maxTokens: 512 });
    expect(questions[0]?.item.target).toEqual(['7']);
  });

  it('leave all answers uncounted where a label is compared in another way', async () => {
    const folder = copyRun(/nothing/, (row, file) => {
      if (!/gsm8k-pred/.test(file)) return row;
      return { ...row, label: `The ${String(row['label'])}` };
    });
    const path = join(folder, basename(predictions('task-002-gsm8k')));
    const { records } = await readLog(importer, path);
    expect(new Set(records.map(({ filter }) => filter))).toEqual(
      new Set(['exact_match_simple', 'exact_match']),
    );
  });

  it('count right answers where the harness wrote their share', async () => {
    const { records } = await read('task-003-codex_humaneval');
    expect(records.map(({ item, k, n }) => [item, k, n])).toEqual([
      ['codex_humaneval/HumanEval/0', 3, 4],
      ['codex_humaneval/HumanEval/1', 0, 4],
      ['codex_humaneval/HumanEval/2', 4, 4],
    ]);
  });

  it('make no question where each choice has its own context', async () => {
    const { questions, notices, records } = await read('task-001-winogrande');
    expect(questions).toEqual([]);
    expect(new Set(records.map(({ promptSha256 }) => promptSha256))).toEqual(new Set([null]));
    expect(notices).toEqual([
      '2 questions read another context for each choice: they go to no suite',
    ]);
  });

  it('may come from a chat, and from a dataset that gives an id twice', async () => {
    const { questions } = await read('task-004-said');
    expect(
      questions.map(({ item, task }) => [item.id, item.messages, item.meta, task.filter]),
    ).toEqual(
      ['same', 'same#1'].map((id, index) => [
        `said:bpb::none/${id}`,
        [{ role: 'user', content: `Say it ${index}` }],
        { assistantPrefix: 'Sure:' },
        null,
      ]),
    );
  });
});

describe('predictions without their other files', () => {
  const path = (folder: string): string => join(folder, basename(predictions('task-002-gsm8k')));

  it('take the metrics of all tasks instead, and say what is missing', async () => {
    const folder = copyRun(/(?:metrics\.json|requests\.jsonl)$/);
    const { records, notices, claims } = await readLog(importer, path(folder));
    expect(records[0]).toMatchObject({ ...olmo, task: 'gsm8k::olmes', promptSha256: null });
    expect(claims).toHaveLength(2);
    expect(notices).toEqual([
      'the task’s requests file is not here: the prompts are unknown, and no suite is written',
    ]);
  });

  it('need to be told their checkpoint', async () => {
    const folder = copyRun(/metrics/);
    await expect(readLog(importer, path(folder))).rejects.toThrow(
      `\`task-002-gsm8k-predictions.jsonl\`: expected \`task-002-gsm8k-metrics.json\` or \`metrics-all.jsonl\` beside it, which names the model: pass --checkpoint (in ${folder})`,
    );
    const { records } = await readLog(importer, path(folder), { checkpoint: 'mine/step5' });
    const named = ({ checkpoint, step, task, filter }: OutcomeRecord): unknown[] => [
      ...[checkpoint, step, task, filter],
    ];
    expect(named(records[0] ?? makeRecord({ ...olmo, task: '' }))).toEqual([
      ...['mine/step5', 5, 'gsm8k', 'exact_match_simple'],
    ]);
  });

  it('are joined to requests in another order, and refused with what is no request', async () => {
    const reordered = copyRun(/nothing/);
    const requests = join(reordered, 'task-002-gsm8k-requests.jsonl');
    const lines = readFileSync(requests, 'utf8').trim().split('\n');
    writeFileSync(requests, `${lines.reverse().join('\n')}\n`);
    const { records } = await readLog(importer, path(reordered));
    expect(records).toEqual((await read('task-002-gsm8k')).records);
    writeFileSync(requests, '{"doc_id": 0}\n');
    await expect(readLog(importer, path(reordered))).rejects.toThrow(
      '`task-002-gsm8k-requests.jsonl`, line 1: expected a request with `request_type`, `doc`, `request`, `idx`, `task_name` and a whole number as `doc_id`',
    );
  });
});
