import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

const tasks = ['add', 'count', 'logic'];
const fitted = [
  'd128L4/stage1-step286-tokens3M',
  'd128L4/stage1-step417-tokens4M',
  'd128L4/stage1-step573-tokens5M',
];
const later = 'd128L4/stage1-step781-tokens7M';
const last = 'd128L4/stage1-step1042-tokens10M';

type Labels = {
  labelled: number;
  plain: { estimate: number; low: number; high: number };
  equivalentLabels: number | null;
  labelsForWidth: Record<'0.1' | '0.05', number | null>;
  generationSecondsSaved: number | null;
  how: string;
};
type Task = {
  task: string;
  predicted: number;
  low: number;
  high: number;
  level: number;
  method: string;
  labels: Labels | null;
};
type Design = { design: string; questions: number; seed: number; probe: string | null };
type Label = {
  tasks: { task: string; items: number; samples: number; accuracy: number }[];
  design: (Design & { tasks: { task: string; questions: number; chosen: number }[] }) | null;
};

let folder: string;
let dir: string;
let store: string[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-estimates-'));
  dir = join(folder, 'store');
  store = ['--store', dir];
  const [header = '', ...rows] = readFileSync(join(series, 'outcomes.csv'), 'utf8').split('\n');
  const early = rows.filter((row) => fitted.some((id) => row.includes(`,${id},`)));
  const path = join(folder, 'early.csv');
  writeFileSync(path, `${[header, ...early].join('\n')}\n`);
  await runJson([...store, 'import', path]);
  const on = ['--tasks', tasks.join(), '--checkpoints', fitted.join(), '--name', 'p'];
  await runJson([...store, 'fit', '--suite', 'suite', ...on]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const labelArgs = (checkpoint: string, ...options: string[]): string[] => [
  ...[...store, 'label', checkpoint, '--suite', 'suite', '--samples', '10'],
  ...options,
];
const label = (checkpoint: string, ...options: string[]): Promise<Label> =>
  runJson<Label>(labelArgs(checkpoint, ...options));

async function predict(checkpoint: string, ...options: string[]): Promise<Task[]> {
  const args = [...store, 'predict', checkpoint, '--probe', 'p', ...options];
  const report = await runJson<{ checkpoints: { tasks: Task[] }[] }>(args);
  return report.checkpoints[0]!.tasks;
}

async function refusal(args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await runSonde(args);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  return stderr;
}

async function labelledItems(checkpoint: string): Promise<string[]> {
  await using opened = await openStore(dir);
  const records = await opened.outcomes.list({ checkpoints: [checkpoint] });
  return records.map(({ item }) => item ?? '').sort();
}

describe('label --questions', () => {
  it('asks the chosen questions alone, and the same ones the second time', async () => {
    const options = ['--questions', '60', '--design', 'stratified', '--probe', 'p'];
    const first = await label(later, ...options);
    expect(first.design).toMatchObject({
      design: 'stratified',
      questions: 60,
      seed: 0,
      probe: 'p',
    });
    const chosen = first.design!.tasks;
    expect(chosen.map(({ task, questions }) => [task, questions])).toEqual(
      tasks.map((task) => [task, 140]),
    );
    expect(chosen.reduce((sum, one) => sum + one.chosen, 0)).toBe(60);
    expect(first.tasks.map(({ items, samples }) => [items, samples])).toEqual(
      chosen.map((one) => [one.chosen, 10 * one.chosen]),
    );
    const items = await labelledItems(later);
    expect(items).toHaveLength(60);
    const second = await label(later, ...options);
    // What this call took: the second one samples nothing.
    const taken = { seconds: 0, tokensPerSecond: 0, cost: null };
    expect({ ...second, ...taken }).toEqual({ ...first, ...taken });
    expect(await labelledItems(later)).toEqual(items);
  });

  it('estimates each task from the recorded design', async () => {
    const alone = await predict(later);
    const corrected = await predict(later, '--use-labels');
    expect(alone.map(({ labels }) => labels)).toEqual([null, null, null]);
    for (const { predicted, low, high, level, method, labels } of corrected) {
      expect(level).toBe(0.9);
      expect(0 <= low && low <= predicted && predicted <= high && high <= 1).toBe(true);
      expect(method).toMatch(/^stratified: \d strata by prediction, \d+ of 140 questions labelled/);
      expect(method).toContain(
        'chosen by design stratified, seed 0, by probe p; the probe saw none of these labels',
      );
      const { plain, labelsForWidth, equivalentLabels, generationSecondsSaved, how } = labels!;
      expect(plain.low <= plain.estimate && plain.estimate <= plain.high).toBe(true);
      expect(labelsForWidth['0.05']!).toBeGreaterThan(labelsForWidth['0.1']!);
      expect(equivalentLabels).toBeGreaterThan(0);
      expect(generationSecondsSaved).toBeGreaterThan(0);
      expect(how).toMatch(/questions without a label × [\d.e-]+ s a question \(10 answers each/);
    }
    const { stdout } = await runSonde([...store, 'predict', later, '--probe', 'p', '--use-labels']);
    expect(stdout).toContain('labels alone');
    expect(stdout).toMatch(/sampling saved: about /);
  });

  it('refits single questions to the labels; the store keeps what was said without them', async () => {
    const written = async (...options: string[]): Promise<string> => {
      const path = join(folder, 'items.jsonl');
      await predict(later, '--items-out', path, ...options);
      return readFileSync(path, 'utf8');
    };
    const alone = await written();
    expect(await written('--use-labels', '--refit', 'none')).toBe(alone);
    const refitted = await written('--use-labels');
    const p = (text: string): number[] =>
      text
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { p: number }).p);
    const moved = p(refitted).filter((value, i) => value !== p(alone)[i]);
    expect(moved.length).toBeGreaterThan(400);
    await using opened = await openStore(dir);
    const kept: number[] = [];
    for await (const rows of opened.predictions.stream({ checkpoints: [later] })) {
      kept.push(...rows.map((row) => row.p));
    }
    expect(kept.sort()).toEqual(p(alone).sort());
  });

  it('weights by the recorded probabilities', async () => {
    const options = ['--questions', '30', '--design', 'pps', '--probe', 'p', '--seed', '3'];
    const { design } = await label(last, ...options);
    expect(design).toMatchObject({ design: 'pps', seed: 3 });
    const corrected = await predict(last, '--use-labels');
    expect(corrected.map(({ labels }) => labels!.labelled)).toEqual(
      design!.tasks.map(({ chosen }) => chosen),
    );
    for (const { method } of corrected) {
      expect(method).toMatch(
        /^probability proportional to .*; chosen by design pps, seed 3, by probe p/,
      );
    }
  });

  it('needs no probe for a random choice; of several designs the larger one counts', async () => {
    const { design } = await label(last, '--tasks', 'add,logic', '--questions', '40');
    expect(design).toEqual({
      ...{ design: 'random', questions: 40, seed: 0, probe: null },
      tasks: [
        { task: 'add', questions: 140, chosen: 20 },
        { task: 'logic', questions: 140, chosen: 20 },
      ],
    });
    const [add, count] = await predict(last, '--use-labels');
    expect(add!.labels!.labelled).toBe(20);
    expect(add!.method).toContain('taken to be a random subset; chosen by design random, seed 0');
    expect(count!.method).toContain('chosen by design pps');
  });

  it('refuses what cannot be chosen, before any work', async () => {
    const choose = (...options: string[]): Promise<string> =>
      refusal(labelArgs(later, '--tasks', tasks.join(), ...options));
    expect(await choose('--questions', '421')).toBe(
      'sonde: --questions: expected at most 420, which suite `tiny` has (tasks add, count, logic), got 421; without --questions all are labelled\n',
    );
    expect(await choose('--questions', '5')).toBe(
      'sonde: --questions: expected at least 6, two for each of 3 tasks, got 5; take fewer tasks with --tasks\n',
    );
    expect(await choose('--questions', '30', '--design', 'pps')).toBe(
      'sonde: --design pps: expected --probe with a fitted probe, whose predictions choose the questions, got none\n',
    );
    expect(await choose('--design', 'pps')).toBe(
      'sonde: --design: expected --questions with it, got none; without, all are labelled\n',
    );
    const fittedOne = labelArgs(fitted[0]!, '--questions', '30', '--design', 'pps', '--probe', 'p');
    expect(await refusal(fittedOne)).toContain(
      'sonde: --probe: `p` was fitted on outcomes of `d128L4/stage1-step286-tokens3M`, and questions are chosen by predictions made without them; take another probe, or --design random without one\n',
    );
  });
});

describe('labels without a recorded design', () => {
  it('are taken to be a random subset, and the method says so', async () => {
    const other = 'd128L4/stage1-step1432-tokens13M';
    const [header = '', ...rows] = readFileSync(join(series, 'outcomes.csv'), 'utf8').split('\n');
    const some = rows.filter((row) => row.includes(`,${other},`)).filter((_, i) => i % 3 === 0);
    const path = join(folder, 'some.csv');
    writeFileSync(path, `${[header, ...some].join('\n')}\n`);
    await runJson([...store, 'import', path]);
    for (const { method, labels } of await predict(other, '--use-labels')) {
      expect(method).toContain('no recorded design says how they were chosen');
      expect(labels!.how).toContain('others of its run');
    }
  });
});

describe('compare --probe', () => {
  type Report = {
    a: string;
    b: string;
    probe: string;
    method: string;
    tasks: {
      task: string;
      items: number;
      a: number;
      b: number;
      difference: number;
      low: number;
      high: number;
      p: number;
      adjustedP: number;
      probeError: number;
    }[];
  };
  const args = (...options: string[]): string[] => [
    ...[...store, 'compare', later, last, '--probe', 'p'],
    ...options,
  ];

  it('compares predictions with the probe’s error in the interval', async () => {
    const report = await runJson<Report>(args());
    expect([report.a, report.b, report.probe]).toEqual([later, last, 'p']);
    expect(report.tasks.map(({ task, items }) => [task, items])).toEqual(
      tasks.map((task) => [task, 140]),
    );
    const predicted = [await predict(later), await predict(last)];
    report.tasks.forEach(({ a, b, difference, low, high, p, adjustedP, probeError }, index) => {
      expect(a).toBeCloseTo(predicted[0]![index]!.predicted, 12);
      expect(b).toBeCloseTo(predicted[1]![index]!.predicted, 12);
      expect(difference).toBeCloseTo(b - a, 12);
      // At least the normal interval of the probe's error alone.
      expect((high - low) / 2).toBeGreaterThan(1.96 * probeError);
      expect(adjustedP).toBeGreaterThanOrEqual(p);
    });
    expect(report.method).toContain('assumes that it errs about these two as it did');
    const { stdout } = await runSonde(args());
    expect(stdout).toContain('predicted by probe p\n');
  });

  it('refuses a choice of outcomes, and another suite', async () => {
    expect(await refusal(args('--source', 'x'))).toBe(
      'sonde: --source: expected no choice of outcomes with --probe, which compares predictions; leave one of the two out\n',
    );
    expect(await refusal(args('--suite', 'other'))).toBe(
      'sonde: --suite: expected the suite of probe `p` (tiny), got `other`\n',
    );
  });
});
