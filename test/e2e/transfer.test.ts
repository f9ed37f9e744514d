import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { type Finished, runJson, runSonde, series } from '../helpers/run-sonde.ts';

type Scores = {
  auroc: number | null;
  skill: number | null;
  mse: number | null;
  levelError: number | null;
};
type Report = {
  id: string;
  suite: string;
  train: string;
  holdout: number;
  seed: number;
  tasks: string[];
  checkpoints: string[];
  cells: (Scores & {
    trained: string[];
    scored: string;
    split: string;
    break: string | null;
    pooledAuroc: number | null;
    taskPooledAuroc: number | null;
    baselines: Record<'persistence' | 'historyOnly', Omit<Scores, 'skill'>>;
    tasks: (Scores & { task: string })[];
  })[];
  fall: { trained: string[]; nearest: string; farthest: string; fall: number; tasks: number }[];
  breaks: unknown[];
  leftOut: unknown;
};

const ids = ['stage1-step573-tokens5M', 'stage1-step781-tokens7M', 'stage1-step1042-tokens10M'].map(
  (name) => `d128L4/${name}`,
);
const tasks = ['add', 'dyck', 'logic'];
const asked = ['--suite', 'suite', '--tasks', tasks.join(), '--checkpoints'];

let folder: string;
let store: string[];
let svg: string;
let report: Report;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-transfer-'));
  store = ['--store', join(folder, 'store')];
  await runJson([...store, 'import', join(series, 'outcomes.csv')]);
  // Named out of order: training decides.
  const mixed = [ids[1], ids[2], ids[0]].join();
  const plot = ['--plot', join(folder, 'matrix.svg')];
  report = await runJson<Report>([...store, 'transfer', ...asked, mixed, ...plot]);
  svg = readFileSync(join(folder, 'matrix.svg'), 'utf8');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const refuse = (...options: string[]): Promise<Finished> =>
  runSonde([...store, 'transfer', ...asked, ...options]);

describe('sonde transfer', () => {
  it('gives every later checkpoint and the diagonal, in training order', () => {
    expect(report).toMatchObject({
      ...{ suite: 'tiny', train: 'upto', holdout: 0.4, seed: 0, checkpoints: ids },
      ...{ breaks: [], leftOut: null },
    });
    expect([...report.tasks].sort()).toEqual(tasks);
    const places = report.cells.map(({ trained, scored, split }) => {
      return `${trained.length} ${ids.indexOf(scored)} ${split}`;
    });
    expect(places).toEqual([
      ...['1 0 unseen', '1 1 unseen', '1 1 seen', '1 2 unseen', '1 2 seen'],
      ...['2 1 unseen', '2 2 unseen', '2 2 seen', '3 2 unseen'],
    ]);
    for (const cell of report.cells) {
      expect(cell.break).toBeNull();
      expect(cell.tasks.map(({ task }) => task)).toEqual(tasks);
    }
  });

  it('keeps the matrix in the store', async () => {
    await using opened = await openStore(join(folder, 'store'));
    const [kept, ...others] = await opened.transfers.list();
    expect(others).toEqual([]);
    expect(kept).toMatchObject({ id: report.id, suite: 'tiny', checkpoints: ids, probe: 'auto' });
    expect(kept?.cells.map(({ trained, scored, auroc }) => [trained, scored, auroc])).toEqual(
      report.cells.map(({ trained, scored, auroc }) => [trained.at(-1), scored, auroc]),
    );
  });

  it('says persistence as the outcomes do', () => {
    const seen = report.cells.find(
      (cell) => cell.trained.length === 2 && cell.scored === ids[2] && cell.split === 'seen',
    );
    const unseen = report.cells.find(
      (cell) => cell.trained.length === 2 && cell.scored === ids[2] && cell.split === 'unseen',
    );
    // Nobody knows an unseen question's own rate: all of a task are alike.
    expect(unseen?.baselines.persistence.auroc).toBeCloseTo(0.5, 12);
    expect(seen?.baselines.persistence.auroc).toBeGreaterThan(0.55);
    expect(seen?.baselines.historyOnly.auroc).toBeGreaterThan(0.55);
    expect(seen?.auroc).toBeGreaterThan(0.55);
    expect(unseen?.taskPooledAuroc).toBeGreaterThan(0.5);
    for (const scores of [seen, unseen]) {
      expect(scores?.mse).toBeGreaterThan(0);
      expect(scores?.levelError).toBeLessThan(0.5);
    }
  });

  it('says how the first probe ages', () => {
    expect(report.fall).toHaveLength(1);
    const [fall] = report.fall;
    expect(fall).toMatchObject({ trained: [ids[0]], nearest: ids[1], farthest: ids[2] });
    const auroc = (scored: string | undefined, task: string) =>
      report.cells
        .find((cell) => cell.trained.length === 1 && cell.scored === scored)
        ?.tasks.find((one) => one.task === task)?.auroc ?? null;
    const both = tasks.flatMap((task) => {
      const [near, far] = [auroc(ids[1], task), auroc(ids[2], task)];
      return near === null || far === null ? [] : [near - far];
    });
    expect(fall?.tasks).toBe(both.length);
    expect(fall?.fall).toBeCloseTo(both.reduce((sum, one) => sum + one, 0) / both.length, 12);
  });

  it('draws a matrix and one a task', () => {
    expect(svg).toContain('<svg');
    for (const text of ['AUROC on unseen questions', ...tasks]) expect(svg).toContain(text);
  });

  it('shows matrices and tables, with one checkpoint a row', async () => {
    const pair = ids.slice(1).join();
    const options = ['--train', 'one', '--leave-task-out'];
    const { code, stdout } = await runSonde([...store, 'transfer', ...asked, pair, ...options]);
    expect(code).toBe(0);
    for (const text of [
      'Transfer on tiny: AUROC on unseen questions, mean over tasks',
      'Transfer on tiny: AUROC on seen questions, mean over tasks',
      'Transfer on tiny: level error on unseen questions, points',
      'rows: trained on; columns: scored on',
      'At the next checkpoint, beside what is there without a probe',
      'Tasks that the probe never saw, trained on step781-tokens7M alone: AUROC within the task',
    ]) {
      expect(stdout).toContain(text);
    }
    expect(stdout).not.toContain('another kind');
    // A task, where it is scored, AUROC and oracle, the known task's AUROC, nothing by the prompt, and the level.
    expect(stdout).toMatch(/^add +step1042-tokens10M( +0\.\d{3}){3} +– +\d+\.\d$/mu);
  });

  it.each([
    ['one checkpoint', [ids[0] ?? ''], '--checkpoints: expected two or more, got 1'],
    ['another probe', [ids.join(), '--probe', 'best'], '--probe: expected '],
    ['no held-out questions', [ids.join(), '--holdout', '0'], '--holdout: expected a number from'],
    ['another rule', [ids.join(), '--train', 'all'], '--train: expected one of upto, one, got'],
  ])('refuses %s', async (_, options, message) => {
    const { code, stdout, stderr } = await refuse(...options);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
  });

  it('refuses one task where each is to be left out, before any fit', async () => {
    const { code, stderr } = await runSonde([
      ...[...store, 'transfer', '--suite', 'suite', '--tasks', 'add'],
      ...['--checkpoints', ids.join(), '--leave-task-out'],
    ]);
    expect(code).toBe(2);
    expect(stderr).toContain('transfer: expected two or more tasks to leave one out, got 1');
  });
});
