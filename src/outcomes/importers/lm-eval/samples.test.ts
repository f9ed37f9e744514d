import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeRecord } from '../../log/blank-record.ts';
import type { OutcomeRecord } from '../../record.ts';
import { type ReadLog, readLog } from '../../testing/importer-contract.ts';
import { createLmEvalImporter } from '../lm-eval.ts';

const fixtures = join(import.meta.dirname, '../../../../test/fixtures/logs/lm-eval');
const model = 'tiny-olmo3__d128L4__stage1-step2604-tokens24M';
const date = '2026-01-02T03-04-05.678901';
const importer = createLmEvalImporter();
const scratch = mkdtempSync(join(tmpdir(), 'sonde-lm-eval-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const pathOf = (folder: string, task: string): string =>
  join(fixtures, folder, model, `samples_${task}_${date}.jsonl`);
const read = (folder: string, task: string): Promise<ReadLog> =>
  readLog(importer, pathOf(folder, task));

/** A samples file without the other files of its run. */
function alone(path: string, rows?: (row: Record<string, unknown>) => unknown): string {
  const folder = join(mkdtempSync(join(scratch, 'run-')), 'some-org__some-model');
  const copy = join(folder, basename(path));
  cpSync(path, copy);
  if (rows === undefined) return copy;
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  const changed = lines.map((line) => rows(JSON.parse(line) as Record<string, unknown>));
  writeFileSync(copy, changed.map((row) => `${JSON.stringify(row)}\n`).join(''));
  return copy;
}

const tiny = {
  suite: 'lm-eval',
  checkpoint: 'd128L4/stage1-step2604-tokens24M',
  run: 'd128L4',
  stage: 'pretrain',
  step: 2604,
  params: 952448,
  chatTemplate: 'none',
  render: 'prompt',
};
const counts = (records: readonly OutcomeRecord[], filter: string): string[] =>
  records.filter((one) => one.filter === filter).map(({ k, n }) => `${String(k)}/${String(n)}`);

describe('samples of several answers', () => {
  it('keep what the harness scored, the first answer, beside all of them', async () => {
    const { records, answers } = await read('0.4.13/generated', 'max_repeats');
    const first = makeRecord({
      ...tiny,
      task: 'max_repeats',
      item: 'max_repeats/0',
      filter: 'exact_match,none',
      ...{ kind: 'count', k: 1, n: 1, temperature: 1.5, topP: 0.9, seed: 1234, fewShot: 3 },
      promptSha256: '1e87e124987f0d29f13c2e044151fd00a36a0186c6c6035614843079880a539f',
      documentHash: '2effc720e3d60d4519e3ca7af304c787de8abfb4badb762b66f8b5322fe286c0',
      targetHash: '4b7dcbfced5163866f5d6f6c2481beddc7e6b7dae801100386b5476cfd1bcbfc',
    });
    const all = { ...first, k: 4, n: 4, filter: 'exact_match,none,all-repeats' };
    expect(records.slice(0, 2)).toEqual([first, all]);
    expect(counts(records, 'exact_match,none')).toEqual(['1/1', '1/1', '1/1', '1/1', '1/1', '1/1']);
    expect(answers.filter(({ item }) => item === 'max_repeats/3')).toEqual(
      [' 12', ' 13', ' 13', ' 13'].map((answer, sample) => ({
        task: 'max_repeats',
        item: 'max_repeats/3',
        checkpoint: tiny.checkpoint,
        filter: 'exact_match,none',
        ...{ sample, answer, extracted: answer, grade: answer === ' 12' ? 1 : 0 },
      })),
    );
    const graded = answers.filter(({ grade }) => grade === 1).length;
    const [k, n] = [graded, answers.length];
    const kept = records.filter(({ filter }) => filter === 'exact_match,none,all-repeats');
    expect([kept.reduce((sum, one) => sum + (one.k ?? 0), 0), kept.length * 4]).toEqual([k, n]);
  });

  it('are counted where the harness wrote their mean', async () => {
    const { records, answers } = await read('0.4.13/generated', 'max_mean');
    expect(new Set(records.map(({ filter }) => filter))).toEqual(new Set(['exact_match,every']));
    expect(records.map(({ n }) => n)).toEqual([4, 4, 4, 4, 4, 4]);
    const right = answers.filter(({ extracted, grade }) => extracted !== null && grade === 1);
    expect(records.reduce((sum, { k }) => sum + (k ?? 0), 0)).toBe(right.length);
  });

  it('are not graded one by one where they were put to a vote, or extracted out of sight', async () => {
    const { records, answers } = await read('0.4.13/generated', 'max_vote');
    expect(new Set(records.map(({ filter }) => filter))).toEqual(
      new Set(['exact_match,score-first', 'exact_match,maj@4']),
    );
    const first = { checkpoint: tiny.checkpoint, task: 'max_vote', item: 'max_vote/0' };
    const of = (filter: string): unknown[] =>
      answers
        .filter((one) => one.item === first.item && one.filter === filter)
        .map(({ extracted, grade }) => [extracted, grade]);
    const unknown = [null, null];
    expect(of('exact_match,score-first')).toEqual([['69', 1], unknown, unknown, unknown]);
    expect(of('exact_match,maj@4')).toEqual([unknown, unknown, unknown, unknown]);
  });
});

describe('samples of multiple choice', () => {
  it('hold a question for a suite: the shared context, and the choices behind it', async () => {
    const { questions, records } = await read('0.4.13/choices', 'sum_choice');
    expect(questions[1]).toEqual({
      item: {
        task: 'sum_choice',
        id: 'sum_choice/1',
        prompt: 'sum: 2+2 => 4\nsum: 11+1 =>',
        messages: null,
        target: ['12'],
        choices: ['20', '12', '19', '9'],
        group: null,
        meta: {},
      },
      task: {
        name: 'sum_choice',
        chance: 0.25,
        maxTokens: 256,
        stop: [],
        grader: { type: 'loglikelihood', delimiter: ' ' },
        filter: null,
      },
    });
    expect(counts(records, 'acc,none')).toEqual(counts(records, 'acc_norm,none'));
  });

  it('hold none where each choice has a context of its own', async () => {
    const { questions, notices, records } = await read('0.4.13/choices', 'two_contexts');
    expect(questions).toEqual([]);
    expect(notices).toEqual([
      '6 questions read another context for each choice: they go to no suite',
    ]);
    expect(records.map(({ promptSha256, render }) => [promptSha256, render])).toEqual(
      records.map(() => [null, null]),
    );
  });

  it('are hashed as the harness hashes prompts', async () => {
    const path = pathOf('0.4.13/choices', 'sum_choice');
    const rows = readFileSync(path, 'utf8').trim().split('\n');
    const hashes = rows.map((row) => (JSON.parse(row) as { prompt_hash: string }).prompt_hash);
    const { records } = await readLog(importer, path);
    expect(counts(records, 'acc,none')).toHaveLength(4);
    expect(new Set(records.map(({ promptSha256 }) => promptSha256))).toEqual(new Set(hashes));
  });
});

describe('metrics of samples', () => {
  it('are scores where they are in 0…1, and no outcomes where they are not', async () => {
    const { records, notices, claims } = await read('0.4.13/generated', 'max_score');
    expect(new Set(records.map(({ kind, filter }) => `${kind} ${String(filter)}`))).toEqual(
      new Set(['score overlap,none', 'score worst,none']),
    );
    // The lowest of all scores is no mean of them.
    expect(claims.map(({ filter }) => filter)).toEqual(['overlap,none']);
    expect(notices).toEqual([
      '`length` is no score of single questions, 6 of its 6 values lie outside 0…1: it is left out; the results file has the task’s',
    ]);
  });

  it('are passed over where none is of a question', async () => {
    const path = pathOf('0.4.13/generated', 'max_two_filters');
    const unscored = alone(path, (row) => ({ ...row, metrics: [] }));
    expect(await importer.passOver?.(unscored)).toBe('its samples are not scored');
    expect(await importer.passOver?.(pathOf('0.4.13/choices', 'max_last'))).toBe(null);
  });

  it('are taken one by one where a row lists them for each answer', async () => {
    const each = alone(pathOf('0.4.13/generated', 'max_repeats'), (row) => ({
      ...row,
      exact_match: [1, 0, 1, 1],
    }));
    const { records } = await readLog(importer, each);
    expect(counts(records, 'exact_match,none,all-repeats')).toEqual(records.map(() => '3/4'));
  });
});

describe('samples without their results file', () => {
  it('take the model from the folder, and say so', async () => {
    const { records, notices, claims } = await readLog(
      importer,
      alone(pathOf('0.4.13/generated', 'max_repeats')),
    );
    expect(records[0]).toEqual(
      makeRecord({
        ...{ suite: 'lm-eval', checkpoint: 'some-org/some-model', task: 'max_repeats' },
        ...{ item: 'max_repeats/0', kind: 'count', k: 1, n: 1, filter: 'exact_match,none' },
        ...{ temperature: 1.5, topP: 0.9, render: 'prompt' },
        promptSha256: '1e87e124987f0d29f13c2e044151fd00a36a0186c6c6035614843079880a539f',
        documentHash: '2effc720e3d60d4519e3ca7af304c787de8abfb4badb762b66f8b5322fe286c0',
        targetHash: '4b7dcbfced5163866f5d6f6c2481beddc7e6b7dae801100386b5476cfd1bcbfc',
      }),
    );
    expect(claims).toEqual([]);
    expect(notices).toEqual([
      'the results file of its run is not here: the model is taken from the folder’s name (`some-org/some-model`), few-shot count and chat template are unknown, and the harness’s own accuracies cannot be checked',
    ]);
  });

  it('cannot be told apart by filter where the rows do not say it', async () => {
    const path = alone(pathOf('0.4.3/mixed', 'max_two_filters'));
    await expect(readLog(importer, path)).rejects.toThrow(
      `\`${basename(path)}\`, line 7: expected each document once, \`doc_id\` 0 comes again: rows of several filters can only be told apart with the results file beside them`,
    );
    const { records } = await readLog(importer, alone(pathOf('0.4.3/mixed', 'sum_choice')));
    expect(new Set(records.map(({ filter }) => filter))).toEqual(new Set(['acc', 'acc_norm']));
  });

  it('of before 0.4.3 name neither task nor model', async () => {
    const path = alone(
      join(fixtures, '0.4.0/mixed', `pretrained__${model},dtype__float32_sum_choice.jsonl`),
    );
    await expect(readLog(importer, path)).rejects.toThrow(
      `\`${basename(path)}\`: expected the name \`samples_<task>_<date>.jsonl\`, or the run’s \`results.json\` beside it, which names the task (in ${dirname(path)})`,
    );
  });
});

describe('rows of samples', () => {
  it('may come from a chat server, as messages', async () => {
    const messages = [{ role: 'user', content: 'max: 1 2 =>' }];
    const typed = messages.map((message) => ({ ...message, type: 'text' }));
    const path = alone(pathOf('0.4.13/generated', 'max_repeats'), (row) => ({
      ...row,
      arguments: { gen_args_0: { arg_0: [JSON.stringify(typed)], arg_1: { until: ['\n'] } } },
    }));
    const { questions, records } = await readLog(importer, path);
    expect(questions[0]?.item).toMatchObject({ prompt: null, messages });
    expect(records[0]).toMatchObject({ render: 'messages', temperature: 0, seed: null });
  });

  it('are refused where a document comes too often, or has no number', async () => {
    const whole = readFileSync(pathOf('0.4.3/mixed', 'sum_choice'), 'utf8');
    const copy = mkdtempSync(join(scratch, 'twice-'));
    cpSync(dirname(pathOf('0.4.3/mixed', 'sum_choice')), copy, { recursive: true });
    const path = join(copy, `samples_sum_choice_${date}.jsonl`);
    writeFileSync(path, whole + whole);
    await expect(readLog(importer, path)).rejects.toThrow(
      `\`samples_sum_choice_${date}.jsonl\`, line 5: expected \`doc_id\` 0 once for each filter (none), it comes 2 times`,
    );
    const odd = alone(pathOf('0.4.3/mixed', 'sum_choice'), (row) => ({ ...row, doc_id: 'x' }));
    await expect(readLog(importer, odd)).rejects.toThrow(
      `\`samples_sum_choice_${date}.jsonl\`, line 1: expected \`doc_id\` to be a whole number, got "x"`,
    );
  });
});
