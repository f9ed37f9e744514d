import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { runJson, runSonde } from '../helpers/run-sonde.ts';

const logs = fileURLToPath(new URL('../fixtures/logs/', import.meta.url));
const checkpoint = 'd128L4/stage1-step2604-tokens24M';
const generated = join(logs, 'lm-eval/0.4.13/generated');
const results = join(
  generated,
  'tiny-olmo3__d128L4__stage1-step2604-tokens24M/results_2026-01-02T03-04-05.678901.json',
);

let folder: string;
let store: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-logs-'));
  store = join(folder, 'store');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Files = { files: { path: string; status: string; reason: string | null; items: number }[] };
type Status = {
  tasks: {
    task: string;
    filter: string;
    checkpoint: string;
    items: number;
    accuracy: number | null;
  }[];
};

describe('a team that has only its harness logs', () => {
  it('imports a folder, every file accounted for, and again without a change', async () => {
    const { files } = await runJson<Files>(['--store', store, 'import', generated]);
    expect(files.map(({ status }) => status)).toEqual(files.map(() => 'imported'));
    const again = await runJson<Files>(['--store', store, 'import', generated]);
    expect(new Set(again.files.map(({ reason }) => reason))).toEqual(new Set(['imported before']));
  });

  it('sees the accuracies that the harness wrote', async () => {
    const { tasks } = await runJson<Status>(['--store', store, 'status']);
    const own = new Map(tasks.map((row) => [`${row.task} ${row.filter}`, row]));
    const written = JSON.parse(readFileSync(results, 'utf8')) as {
      results: Record<string, Record<string, unknown>>;
    };
    let compared = 0;
    for (const [task, metrics] of Object.entries(written.results)) {
      for (const [filter, value] of Object.entries(metrics)) {
        const row = own.get(`${task} ${filter}`);
        // `worst` is the smallest score of the questions, not their mean.
        const isMean = !filter.startsWith('worst');
        if (row === undefined || typeof value !== 'number' || !isMean) continue;
        expect(row.checkpoint).toBe(checkpoint);
        // A mean length is no accuracy: it is kept as a measure of the task.
        if (row.accuracy === null) expect(value).toBeGreaterThan(1);
        else expect(row.accuracy).toBeCloseTo(value, 9);
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThanOrEqual(6);
  });

  it('reads the states of the questions that the logs held', async () => {
    const report = await runJson<{ suite: string; items: number }>([
      ...['--store', store, 'extract', checkpoint, '--suite', 'lm-eval'],
      ...['--tasks', 'max_two_filters'],
    ]);
    expect(report).toMatchObject({ suite: 'lm-eval', items: 6 });
  });

  it('sees a question with all its answers', async () => {
    const { stdout } = await runSonde([
      ...['--store', store, 'show', 'max_repeats/0', '--answers', '100'],
    ]);
    expect(stdout).toContain('max_repeats/0 · task max_repeats · suite lm-eval');
    expect(stdout.match(/^ {2}[✓✗?] #\d/gmu)?.length).toBeGreaterThanOrEqual(4);
  });

  it('writes its outcomes as Every Eval Ever, which import again as they were', async () => {
    const out = join(folder, 'documents');
    const matrix = join(folder, 'matrix.csv');
    writeFileSync(matrix, `model,q1,q2\n${checkpoint},1,0\n`);
    await runJson(['--store', store, 'import', matrix]);
    const report = await runJson<{ files: string[]; rows: number }>([
      ...['--store', store, 'export', '--format', 'every-eval-ever', '--out', out],
    ]);
    expect(report.files).toHaveLength(4);
    const again = join(folder, 'again');
    const { files } = await runJson<Files>(['--store', again, 'import', out]);
    // Of the matrix there are questions alone.
    expect(files.map(({ status }) => status)).toEqual([
      'skipped',
      'imported',
      'imported',
      'imported',
    ]);
    const known = async (dir: string): Promise<unknown[]> => {
      await using opened = await openStore(dir);
      const records = await opened.outcomes.list();
      return records
        .map((record) => JSON.stringify({ ...record, source: null, file: null }))
        .sort();
    };
    const before = await known(store);
    expect(report.rows).toBe(before.length);
    expect(await known(again)).toEqual(before);
  });
});

describe('an import that is killed', () => {
  it('leaves nothing to be seen, and goes through the next time', async () => {
    const big = join(folder, 'big/tiny__run__step7');
    mkdirSync(big, { recursive: true });
    const path = join(big, 'samples_made_2026-01-01T00-00-00.000000.jsonl');
    writeFileSync(path, manyRows(20_000));
    const target = join(folder, 'killed');
    for (const killAfterMs of [700, 1100, 1500]) {
      await runSonde(['--store', target, 'import', path], { killAfterMs });
      await using opened = await openStore(target);
      const [answers, outcomes] = [await opened.logAnswers.list(), await opened.outcomes.status()];
      if (outcomes.length === 0) continue;
      expect(outcomes[0]?.items).toBe(20_000);
      expect(answers).toHaveLength(20_000);
    }
    await runJson(['--store', target, 'import', path]);
    await using opened = await openStore(target);
    expect((await opened.outcomes.status())[0]).toMatchObject({ items: 20_000, accuracy: 0.5 });
    expect(await opened.logAnswers.list()).toHaveLength(20_000);
  });
});

/** Rows as lm-eval writes them: half of the answers are right. */
function manyRows(count: number): string {
  const hash = (number: number): string => number.toString(16).padStart(64, '0');
  return Array.from({ length: count }, (_, number) =>
    JSON.stringify({
      ...{ doc_id: number, doc: { question: number }, target: 'yes' },
      arguments: {
        gen_args_0: { arg_0: `Is it ${number}? `.repeat(40), arg_1: { until: ['\n'] } },
      },
      ...{ resps: [[number % 2 === 0 ? 'yes' : 'no']], filtered_resps: ['yes'], filter: 'none' },
      ...{ metrics: ['exact_match'], doc_hash: hash(number), prompt_hash: hash(number + 1) },
      ...{ target_hash: hash(7), exact_match: number % 2 === 0 ? 1 : 0 },
    }),
  ).join('\n');
}
