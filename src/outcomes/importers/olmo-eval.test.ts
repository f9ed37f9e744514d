import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { promptSha256 } from '../../suite/index.ts';
import { makeRecord } from '../log/blank-record.ts';
import type { OutcomeRecord } from '../record.ts';
import { describeImporter, type ReadLog, readLog } from '../testing/importer-contract.ts';
import { createOlmesImporter } from './olmes.ts';
import { createOlmoEvalImporter } from './olmo-eval.ts';

const run = join(import.meta.dirname, '../../../test/fixtures/logs/olmo-eval/run');
const foreign = join(import.meta.dirname, '../../../test/fixtures/logs/olmes/run/metrics.json');
const importer = createOlmoEvalImporter();
const scratch = mkdtempSync(join(tmpdir(), 'sonde-olmo-eval-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const folder = 'allenai_Olmo-3-1025-7B';
function fileOf(kind: 'predictions' | 'requests', task: string, root = run): string {
  const inside = join(root, kind, folder);
  const name = readdirSync(inside).find((one) => one.startsWith(task));
  return join(inside, name ?? 'absent');
}
const read = (task: string): Promise<ReadLog> => readLog(importer, fileOf('predictions', task));

function copyRun(): string {
  const copy = mkdtempSync(join(scratch, 'run-'));
  cpSync(run, copy, { recursive: true });
  return copy;
}

const olmo = {
  suite: 'olmo-eval',
  checkpoint: 'allenai/Olmo-3-1025-7B@stage1-step1000',
  ...{ run: 'allenai/Olmo-3-1025-7B', stage: 'pretrain', step: 1000 },
};

describe.each([
  ['samples', fileOf('predictions', 'sums')],
  ['choices', fileOf('predictions', 'gases')],
  ['metrics', join(run, 'metrics.json')],
])('%s', (name, path) => {
  describeImporter({ name: `olmo-eval ${name}`, importer, path, root: run, foreign });
});

describe('a run of olmo-eval', () => {
  it('is accounted for, file by file, also beside OLMES', async () => {
    const requests = fileOf('requests', 'sums');
    expect(await importer.passOver?.(requests)).toBe('read with the predictions of its task');
    expect(await importer.detect(requests)).toBeGreaterThan(
      await createOlmesImporter().detect(requests),
    );
    const olmesRequests = join(foreign, '../task-002-gsm8k-requests.jsonl');
    expect(await importer.detect(olmesRequests)).toBe(0);
    for (const path of [fileOf('predictions', 'sums'), join(run, 'metrics.json')]) {
      expect([await importer.detect(path), await importer.passOver?.(path)]).toEqual([1, null]);
      expect(await createOlmesImporter().detect(path)).toBe(0);
    }
    expect(await importer.companions?.(fileOf('predictions', 'sums'))).toEqual([
      join(run, 'metrics.json'),
      requests,
    ]);
  });

  it('gives the accuracies that the harness wrote, for every task and metric', async () => {
    const compared: string[] = [];
    for (const task of ['sums', 'gases', 'talk']) {
      const { records, claims } = await read(task);
      for (const { filter, accuracy } of claims) {
        const own = records.filter((one) => one.filter === filter);
        const shares = own.map(
          ({ kind, k, n }) => (k ?? NaN) / (kind === 'count' ? (n ?? NaN) : 1),
        );
        const mean = shares.reduce((sum, share) => sum + share, 0) / own.length;
        expect(mean).toBeCloseTo(accuracy, 12);
        compared.push(`${task} ${String(filter)}`);
      }
    }
    expect(compared).toEqual([
      'sums accuracy:exact_match',
      'sums pass_at_1:exact_match',
      'sums pass_at_2:exact_match',
      'gases accuracy:logprob',
      'talk accuracy:exact_match',
    ]);
  });

  it('keeps tasks, losses and suites', async () => {
    const { records } = await readLog(importer, join(run, 'metrics.json'));
    const of = (given: Partial<OutcomeRecord> & { task: string }): OutcomeRecord =>
      makeRecord({ ...olmo, ...given });
    const gases = { task: 'gases:rc', fewShot: 0 };
    expect(records).toEqual([
      of({ task: 'sums', fewShot: 1, filter: 'accuracy:exact_match', k: 2, n: 3 }),
      of({ task: 'sums', fewShot: 1, filter: 'pass_at_1:exact_match', k: 1.75, n: 3 }),
      of({
        ...{ task: 'sums', fewShot: 1, filter: 'pass_at_2:exact_match' },
        ...{ kind: 'score', k: 2 / 3, n: 3 },
      }),
      of({ ...gases, filter: 'accuracy:logprob', k: 1, n: 2 }),
      of({
        ...{ ...gases, filter: 'bits_per_byte:bits_per_byte' },
        ...{ loss: records[4]?.loss ?? null, lossUnit: 'bits per byte' },
      }),
      of({ task: 'talk', fewShot: 0, filter: 'accuracy:exact_match', k: 1, n: 2 }),
      of({ task: 'both', filter: 'primary_score:primary_score', kind: 'score', k: 0.5, n: 1 }),
    ]);
    expect(records[4]?.loss).toBeGreaterThan(0.4);
  });
});

describe('predictions of olmo-eval', () => {
  it('count the samples of a question, beside what the harness made of them together', async () => {
    const { records, answers, questions } = await read('sums');
    const prompt = '2+2 = 4\n3+4 =';
    const first = makeRecord({
      ...{ ...olmo, task: 'sums', item: 'sums/sum-0', fewShot: 1, chatTemplate: 'none' },
      ...{ temperature: 0.8, topP: 0.95, render: 'prompt' },
      promptSha256: promptSha256({ id: '', prompt, messages: null }, 'prompt'),
    });
    expect(records.slice(0, 4)).toEqual([
      { ...first, filter: 'accuracy:exact_match', k: 1, n: 1 },
      { ...first, filter: 'accuracy:exact_match,all-repeats', k: 3, n: 4 },
      { ...first, filter: 'pass_at_1:exact_match', k: 3, n: 4 },
      { ...first, filter: 'pass_at_2:exact_match', kind: 'score', k: 1, n: 1 },
    ]);
    expect(answers.slice(0, 2)).toEqual(
      [
        { answer: ' 8.', extracted: '8', grade: 0 },
        { answer: ' 7.', extracted: '7', grade: 1 },
      ].map((given, sample) => ({
        ...{ task: 'sums', item: 'sums/sum-0', checkpoint: olmo.checkpoint },
        ...{ filter: 'accuracy:exact_match', sample, ...given },
      })),
    );
    expect(questions[0]).toEqual({
      item: {
        ...{ task: 'sums', id: 'sums/sum-0', prompt, messages: null, target: ['7'] },
        ...{ choices: null, group: null, meta: {} },
      },
      task: {
        ...{ name: 'sums', chance: 0, maxTokens: 16, stop: ['\n'] },
        ...{ grader: { type: 'normalized' }, filter: 'pass_at_1:exact_match' },
      },
    });
  });

  it('of choices have no answers, and no losses of single questions', async () => {
    const { records, answers, questions } = await read('gases');
    expect(
      records.map(({ item, filter, k, n, temperature }) => [item, filter, k, n, temperature]),
    ).toEqual([
      ['gases:rc/gas-0', 'accuracy:logprob', 1, 1, null],
      ['gases:rc/gas-1', 'accuracy:logprob', 0, 1, null],
    ]);
    expect(answers).toEqual([]);
    expect(questions[1]?.item).toMatchObject({
      ...{ choices: [' helium', ' salt', ' gold'], target: [' helium'] },
    });
  });

  it('of a chat are asked with the messages, the system’s first', async () => {
    const { records, questions } = await read('talk');
    expect(questions[0]?.item.messages).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Capital of France?' },
    ]);
    expect(records[0]).toMatchObject({ render: 'messages', chatTemplate: null, temperature: 0 });
  });

  it('of before scorers were told apart are read as well', async () => {
    const copy = copyRun();
    const path = fileOf('predictions', 'sums', copy);
    const flat = readFileSync(path, 'utf8').replaceAll(/\{"exact_match": ([\d.]+)\}/g, '$1');
    writeFileSync(path, flat);
    rmSync(join(copy, 'metrics.json'));
    const { records, notices } = await readLog(importer, path);
    expect(records.slice(0, 2).map(({ filter, k, n }) => [filter, k, n])).toEqual([
      ['exact_match:exact_match', 1, 1],
      ['exact_match:exact_match,all-repeats', 3, 4],
    ]);
    expect(records[0]).toMatchObject({ checkpoint: folder, task: 'sums', step: null });
    expect(notices).toEqual([
      `no \`metrics.json\` above has this task: task and model are taken from the names of file and folder (\`${folder}\`), and the harness’s own accuracies cannot be checked`,
    ]);
  });

  it('find their task among several models by the folder', async () => {
    const copy = copyRun();
    const metrics = JSON.parse(readFileSync(join(copy, 'metrics.json'), 'utf8')) as {
      tasks: Record<string, unknown>[];
      summary: unknown;
    };
    const names = ['allenai/Olmo-3-1025-7B', 'other/model'];
    const models = Object.fromEntries(
      names.map((name) => [name, { model: name, revision: 'step7' }]),
    );
    const tasks = names.flatMap((model) => metrics.tasks.map((task) => ({ ...task, model })));
    const summary = Object.fromEntries(names.map((name) => [name, metrics.summary]));
    writeFileSync(
      join(copy, 'metrics.json'),
      JSON.stringify({ ...metrics, config: { models }, tasks, summary }),
    );
    const own = await readLog(importer, fileOf('predictions', 'sums', copy));
    expect(own.records[0]?.checkpoint).toBe('allenai/Olmo-3-1025-7B@step7');
    const all = await readLog(importer, join(copy, 'metrics.json'));
    expect(all.records.map(({ checkpoint, task }) => `${checkpoint} ${task}`)).toContain(
      'other/model@step7 both',
    );
    expect(all.records).toHaveLength(14);
  });

  it('are refused where a line is none', async () => {
    const path = fileOf('predictions', 'sums', copyRun());
    writeFileSync(path, `${readFileSync(path, 'utf8')}{"doc_id": 3}\n`);
    await expect(readLog(importer, path)).rejects.toThrow(
      'line 4: expected a prediction of olmo-eval with `doc_id`, `instance_metrics` and `model_output`',
    );
  });
});
