import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { type LadderRow } from '../../src/jobs/testing/ladder-records.ts';
import { recordStores } from '../helpers/record-stores.ts';
import { type Finished, runJson, runSonde, series } from '../helpers/run-sonde.ts';

type Compared = {
  suite: string;
  task: string;
  filter: string | null;
  kind: string;
  items: number;
  units: number;
  a: number;
  b: number;
  difference: number;
  low: number | null;
  high: number | null;
  p: number;
  adjustedP: number;
  fdrP: number;
  test: string;
  itemsA: number;
  itemsB: number;
  won: number | null;
  lost: number | null;
  tied: number | null;
  minimalDetectableEffect: number | null;
};
type Report = {
  a: string;
  b: string;
  level: number;
  paired: boolean;
  across: string[];
  tasks: Compared[];
  exclusions: { suite: string; task: string; items: number | null; reason: string }[];
  flips: { task: string; item: string; a: number; b: number; difference: number }[];
};

const { folder, storeOf } = recordStores();

/** One row an item and checkpoint: `k` right of 10. */
const rows = (checkpoint: string, k: readonly number[], facts: LadderRow = {}): LadderRow[] =>
  k.map((right, item) => ({
    ...{ suite: 's', task: 't', item: `i${item}`, checkpoint, k: right, n: 10 },
    ...facts,
  }));

const compare = (store: readonly string[], ...options: string[]): Promise<Report> =>
  runJson<Report>([...store, 'compare', 'x', 'y', ...options]);
const attempt = (store: readonly string[], ...options: string[]): Promise<Finished> =>
  runSonde([...store, 'compare', 'x', 'y', ...options]);

describe('on the bundled outcomes', () => {
  const a = 'd128L4/stage1-step781-tokens7M';
  const b = 'd128L4/stage1-step1042-tokens10M';
  let store: string[];
  beforeAll(async () => {
    store = ['--store', join(folder(), 'bundled')];
    await runJson([...store, 'import', join(series, 'outcomes.csv')]);
  });

  // scipy 1.17.1: ttest_rel(b, a) over items with its confidence_interval(0.95), adjusted by Holm over the 15 tasks, and
  // (t.ppf(0.975, 139) + t.ppf(0.8, 139)) · standard error of the mean difference.
  const expected: Record<string, readonly number[]> = {
    add: [
      0.2064286, 0.2723571, 0.06592857, 0.01748002, 0.1143771, 0.008008626, 0.04603163, 0.06913511,
    ],
    choice: [0.2617143, 0.2595, -0.002214286, -0.0398964, 0.03546783, 0.9076749, 1, 0.05377161],
    copy: [0.6527857, 0.9777857, 0.325, 0.2505869, 0.3994131, 1.227923e-14, 1.719092e-13, 0.106186],
    count: [
      0.2762143, 0.2887143, 0.0125, -0.007426748, 0.03242675, 0.2169619, 0.8678475, 0.02843507,
    ],
    dyck: [0.8965714, 0.8809286, -0.01564286, -0.05467881, 0.02339309, 0.4295281, 1, 0.05570351],
    lookup: [
      0.2376429, 0.2715, 0.03385714, 0.009115239, 0.05859905, 0.007671938, 0.04603163, 0.0353062,
    ],
    sort: [0.79, 0.8920714, 0.1020714, 0.04535034, 0.1587925, 0.000511725, 0.003582075, 0.08093984],
  };

  it('gives the paired differences that scipy gives', async () => {
    const report = await runJson<Report>([...store, 'compare', a, b]);
    expect(report).toMatchObject({ a, b, level: 0.95, exclusions: [] });
    expect(report.tasks).toHaveLength(15);
    for (const task of report.tasks) {
      const numbers = expected[task.task];
      if (numbers === undefined) continue;
      expect(task).toMatchObject({ suite: 'tiny', items: 140, units: 140, kind: 'count' });
      const found = [
        ...[task.a, task.b, task.difference, task.low, task.high],
        ...[task.p, task.adjustedP, task.minimalDetectableEffect],
      ];
      for (const [index, number] of numbers.entries()) {
        const relative = Math.abs((found[index] ?? Number.NaN) / number - 1);
        expect(relative, `${task.task}, number ${index}`).toBeLessThan(1e-6);
      }
    }
  });

  it('turns round with its checkpoints, and adjusts over the tasks asked for', async () => {
    const options = ['--suite', join(series, 'suite'), '--tasks', 'add,lookup'];
    const there = await runJson<Report>([...store, 'compare', a, b, ...options]);
    const back = await runJson<Report>([...store, 'compare', b, a, ...options]);
    expect(back.tasks.map(({ task }) => task)).toEqual(['add', 'lookup']);
    for (const [index, task] of there.tasks.entries()) {
      expect(back.tasks[index]?.difference).toBe(-task.difference);
      expect(back.tasks[index]?.adjustedP).toBeCloseTo(task.adjustedP, 12);
    }
    // The smaller p times two, which the larger one is not below.
    for (const { adjustedP } of there.tasks) expect(adjustedP).toBeCloseTo(2 * 0.007671938, 8);
  });

  it('shows a table', async () => {
    const { code, stdout } = await runSonde([
      ...[...store, 'compare', a, b, '--tasks', 'copy,dyck,add'],
    ]);
    expect(code).toBe(0);
    expect(stdout).toBe(`a: ${a}
b: ${b}

task  items     a     b  b − a   95 % interval       p  Holm p   FDR p  detectable  won  lost
add     140  20.6  27.2   +6.6   [+1.7, +11.4]   0.008   0.016   0.012         6.9   75    37
copy    140  65.3  97.8  +32.5  [+25.1, +39.9]  <0.001  <0.001  <0.001        10.6   64     2
dyck    140  89.7  88.1   −1.6    [−5.5, +2.3]   0.430   0.430   0.430         5.6   18    12

in points; p by Student’s t test; adjusted for the number of tasks by Holm, and by Benjamini and Hochberg (FDR)
detectable: the true difference that 8 of 10 comparisons like this would find
won, lost: questions that b answers better, and worse, than a
`);
  });
});

describe('what is compared', () => {
  const x = rows('x', [1, 2, 3, 4]);
  const y = rows('y', [3, 5, 3, 9]);

  it('joins by item, says what has no pair, and tells results of whole tasks apart', async () => {
    const store = await storeOf([
      ...x,
      ...rows('y', [3, 5, 3]),
      ...[{ suite: 's', task: 'whole', item: null, checkpoint: 'x', k: 5, n: 10 }],
      ...[{ suite: 's', task: 'whole', item: null, checkpoint: 'y', k: 6, n: 10 }],
      ...rows('x', [1, 2], { task: 'alone' }),
    ]);
    const report = await compare(store);
    expect(report.tasks).toEqual([
      expect.objectContaining({ suite: 's', task: 't', items: 3, filter: null, kind: 'count' }),
    ]);
    expect(report.tasks[0]?.difference).toBeCloseTo(0.5 / 3, 12);
    expect(report.exclusions).toEqual([
      { suite: 's', task: 'alone', items: null, reason: 'no outcomes at `y`' },
      { suite: 's', task: 't', items: 1, reason: 'measured at only one of the two' },
      {
        ...{ suite: 's', task: 'whole', items: null },
        reason:
          'only the result of the whole task is known at `x`, and pairs need outcomes per item',
      },
    ]);
    expect((await attempt(store)).stderr).toContain(
      'note: left out: 1 item of task `t` of `s`: measured at only one of the two\n',
    );
  });

  it('compares mean scores as they are, and counts with counts only', async () => {
    const score = { kind: 'score' };
    const scores = (id: string, k: number[]): LadderRow[] => rows(id, k, { ...score, task: 'f1' });
    const store = await storeOf([
      ...[...x, ...rows('y', [0.5, 0.2, 0.1, 1], score)],
      ...[...scores('x', [0.1, 0.2, 0.3]), ...scores('y', [0.5, 0.2, 0.8])],
    ]);
    const { tasks, exclusions } = await compare(store);
    expect(tasks).toEqual([expect.objectContaining({ task: 'f1', kind: 'score', items: 3 })]);
    expect(tasks[0]?.a).toBeCloseTo(0.2, 12);
    expect(tasks[0]?.difference).toBeCloseTo(0.3, 12);
    expect(exclusions.map(({ reason }) => reason)).toEqual([
      'expected the same kind at both, found `count` and `score`: counts and mean scores are not compared with each other',
    ]);
  });

  it('joins across renderings by item and says so; the same rendering in other words is no pair', async () => {
    const asked = (letter: string, render: string): LadderRow => ({
      render,
      prompt_sha256: letter.repeat(64),
    });
    const other = { task: 'u', ...asked('a', 'prompt') };
    const store = await storeOf([
      ...rows('x', [1, 2, 3], asked('a', 'prompt')),
      ...rows('y', [2, 2, 5], asked('b', 'messages')),
      ...rows('x', [1, 2, 3], other),
      ...rows('y', [2, 2, 5], { ...other, ...asked('c', 'prompt') }),
    ]);
    const { tasks, exclusions } = await compare(store);
    expect(tasks.map(({ task, items }) => [task, items])).toEqual([['t', 3]]);
    expect(exclusions).toEqual([
      {
        ...{ suite: 's', task: 'u', items: 3 },
        reason: 'asked in other words (prompt_sha256 differs)',
        first: { item: 'i0', across: 'prompt', values: ['a'.repeat(64), 'c'.repeat(64)] },
      },
    ]);
    expect((await attempt(store)).stderr).toContain(
      `(first: item \`i0\`, \`${'a'.repeat(12)}…\` and \`${'c'.repeat(12)}…\`; --across prompt joins them)`,
    );
    const across = await compare(store, '--across', 'prompt');
    expect(across.across).toEqual(['prompt']);
    expect(across.tasks.map(({ task, items }) => [task, items])).toEqual([
      ['t', 3],
      ['u', 3],
    ]);
    expect((await attempt(store)).stderr).toContain(
      'note: 3 questions asked in another rendering joined by item id\n',
    );
  });

  it('asks for a filter where there are several, and takes the one named', async () => {
    const filters = ['strict', 'loose'].flatMap((filter) => [
      ...rows('x', [1, 2, 3], { filter }),
      ...rows('y', filter === 'strict' ? [1, 2, 4] : [9, 9, 9], { filter }),
    ]);
    const store = await storeOf(filters);
    const refused = await attempt(store);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain(
      '`x` and `y`: expected outcomes of the same questions at both, found none (task `t` of `s`: expected outcomes of one filter, found `loose` and `strict`: choose one with --filter)',
    );
    const { tasks } = await compare(store, '--filter', 'strict');
    expect(tasks).toEqual([expect.objectContaining({ filter: 'strict', items: 3 })]);
    expect(tasks[0]?.difference).toBeCloseTo(0.1 / 3, 12);
    const wrong = await attempt(store, '--filter', 'nosuch');
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining(
        '--filter: expected one that outcomes of `x` have (loose, strict), got `nosuch`',
      ),
    ]);
  });

  it('takes groups from the suite where it has questions', async () => {
    const suite = join(folder(), 'suite');
    mkdirSync(suite);
    writeFileSync(
      join(suite, 'suite.yaml'),
      'name: s\nversion: 1\ntasks:\n  t: { chance: 0, maxTokens: 6, stop: ["\\n"], grader: exact }\n',
    );
    const items = [0, 1, 2, 3].map((item) =>
      JSON.stringify({
        ...{ task: 't', id: `i${item}`, prompt: `${item}`, target: 'a' },
        group: item < 2 ? 'g' : undefined,
      }),
    );
    writeFileSync(join(suite, 'items.jsonl'), `${items.join('\n')}\n`);
    const store = await storeOf([...x, ...y]);
    expect((await compare(store)).tasks[0]).toMatchObject({ items: 4, units: 4 });
    expect((await compare(store, '--suite', suite)).tasks[0]).toMatchObject({ items: 4, units: 3 });
  });

  it.each([
    ['no question is shared', [], 'no outcomes at `y`'],
    ['a suite is not known', ['--suite', 'nosuch'], '--suite: expected a folder with suite.yaml'],
    [
      'a task is not known',
      ['--tasks', 'q'],
      '--tasks: expected tasks of the store (t, u), got `q`',
    ],
    [
      'one of the two has nothing of what is asked',
      ['--tasks', 'u'],
      '`x`: expected outcomes, tasks u, the store has none; import them (sonde import FILE)',
    ],
  ])('refuses where %s', async (_, options, message) => {
    const store = await storeOf([...x, ...rows('y', [1, 2], { task: 'u' })]);
    const { code, stdout, stderr } = await attempt(store, ...options);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(message);
    expect(stderr).not.toContain('    at ');
  });

  it('refuses a checkpoint beside itself, and one that nobody knows', async () => {
    const store = await storeOf([...x, ...y]);
    const same = await runSonde([...store, 'compare', 'x', 'x']);
    expect([same.code, same.stderr]).toEqual([
      2,
      expect.stringContaining('compare: `x` is named twice'),
    ]);
    const unknown = await runSonde([...store, 'compare', 'x', 'z']);
    expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('`z`')]);
  });
});
