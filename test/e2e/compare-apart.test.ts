import { describe, expect, it } from 'vitest';
import { type LadderRow } from '../../src/jobs/testing/ladder-records.ts';
import { recordStores } from '../helpers/record-stores.ts';
import { runJson, runSonde } from '../helpers/run-sonde.ts';

type Report = Record<string, unknown> & { tasks: Record<string, unknown>[] };

const { storeOf } = recordStores();

/** One answer an item and checkpoint: 1 right, 0 wrong. */
const rows = (checkpoint: string, answers: string, facts: LadderRow = {}): LadderRow[] =>
  Array.from(answers, (right, item) => ({
    ...{ suite: 's', task: 't', item: `i${item}`, checkpoint, k: Number(right), n: 1 },
    ...facts,
  }));
const whole = (checkpoint: string, k: number, n: number, facts: LadderRow = {}): LadderRow => ({
  ...{ suite: 's', task: 'whole', item: null, checkpoint, k, n },
  ...facts,
});
const compare = (store: readonly string[], ...options: string[]): Promise<Report> =>
  runJson<Report>([...store, 'compare', 'x', 'y', ...options]);

describe('single answers', () => {
  it('are compared by McNemar’s test, with the questions won and lost', async () => {
    const store = await storeOf([
      ...rows('x', '110000000011'),
      ...rows('y', '101111111011'),
      ...rows('x', '0101', { task: 'u' }),
      ...rows('y', '0110', { task: 'u' }),
    ]);
    const { tasks, ...report } = await compare(store, '--flips', '2');
    // 7 won, 1 lost: 2 · 9 / 2⁸, doubled over two tasks.
    expect(tasks).toMatchObject([
      {
        ...{ task: 't', test: 'mcnemar', won: 7, lost: 1, tied: 4 },
        p: expect.closeTo(18 / 256, 12) as number,
        adjustedP: expect.closeTo(36 / 256, 12) as number,
      },
      { task: 'u', test: 'mcnemar', won: 1, lost: 1, tied: 2, p: 1, fdrP: 1 },
    ]);
    expect(report).toMatchObject({
      ...{ paired: true, across: [] },
      flips: [
        { task: 't', item: 'i1', a: 1, b: 0, difference: -1 },
        { task: 't', item: 'i2', a: 0, b: 1, difference: 1 },
      ],
    });
    const { stdout } = await runSonde([...store, 'compare', 'x', 'y', '--flips', '1']);
    expect(stdout).toContain('p by McNemar’s exact test;');
    expect(stdout).toMatch(/questions that changed most:\ntask +item +a +b +b − a\nt +i1 /);
  });
});

describe('--unpaired', () => {
  it('compares what shares no question, results of whole tasks too, and says so', async () => {
    const store = await storeOf([
      ...rows('x', '1100'),
      ...rows('y', '11101').map((row) => ({ ...row, item: `other ${row['item'] ?? ''}` })),
      ...[whole('x', 20, 100), whole('y', 35, 100)],
      ...[whole('x', 0.3, 100, { task: 'f1', kind: 'score' })],
      ...[whole('y', 0.4, 100, { task: 'f1', kind: 'score' })],
    ]);
    const refused = await runSonde([...store, 'compare', 'x', 'y']);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('--unpaired compares whichever questions each was asked');
    const { tasks, exclusions, paired } = await compare(store, '--unpaired');
    expect(paired).toBe(false);
    const unpaired = { test: 'welch', won: null, lost: null, tied: null };
    expect(tasks).toMatchObject([
      { ...unpaired, task: 't', itemsA: 4, itemsB: 5, items: 4, a: 0.5, b: 0.8 },
      { ...unpaired, task: 'whole', itemsA: 0, itemsB: 0, units: 100, a: 0.2, b: 0.35 },
    ]);
    // scipy 1.17.1: ttest_ind(y, x, equal_var=False) over 0 and 1, with confidence_interval(0.95).
    const wanted = [
      [0.4279762420303932, -0.5743045002476158, 1.174304500247616],
      [0.017461286707236328, 0.026601450190256837, 0.2733985498097431],
    ];
    for (const [index, numbers] of wanted.entries()) {
      const { p, low, high } = tasks[index] ?? {};
      for (const [place, number] of [p, low, high].entries()) {
        expect(number, `task ${index}, number ${place}`).toBeCloseTo(numbers[place] ?? 0, 10);
      }
    }
    expect(exclusions).toMatchObject([
      {
        ...{ task: 'f1', items: null },
        reason: 'a mean score of a whole task does not say how its questions differ',
      },
    ]);
    const { stdout, stderr } = await runSonde([...store, 'compare', 'x', 'y', '--unpaired']);
    expect(stdout).toContain('unpaired: each on whichever questions it was asked\n');
    expect(stderr).toContain('note: --unpaired: ');
  });

  it('has no questions that changed, and no predictions', async () => {
    const store = await storeOf([...rows('x', '10'), ...rows('y', '01')]);
    const both = await runSonde([...store, 'compare', 'x', 'y', '--unpaired', '--flips', '3']);
    expect([both.code, both.stderr]).toEqual([2, expect.stringContaining('--flips: expected no')]);
    const probe = await runSonde([...store, 'compare', 'x', 'y', '--unpaired', '--probe', 'p']);
    expect([probe.code, probe.stderr]).toEqual([
      2,
      expect.stringContaining('--unpaired: expected none with --probe'),
    ]);
  });
});

describe('few-shot counts and chat templates', () => {
  it('keep outcomes apart, unless one is chosen or the difference is named', async () => {
    const store = await storeOf([
      ...rows('x', '1100', { few_shot: 0 }),
      ...rows('x', '1111', { few_shot: 5 }),
      ...rows('y', '0110', { few_shot: 5, chat_template: 'none' }),
    ]);
    const { tasks } = await compare(store);
    expect(tasks).toMatchObject([{ a: 1, b: 0.5 }]);
    const zero = await storeOf([
      ...rows('x', '1100', { few_shot: 0, prompt_sha256: 'a'.repeat(64) }),
      ...rows('y', '0111', { few_shot: 5, prompt_sha256: 'b'.repeat(64) }),
    ]);
    const refused = await runSonde([...zero, 'compare', 'x', 'y']);
    expect(refused.stderr).toContain(
      'expected the same few-shot count at both, found `0` and `5`: choose one that both have with --few-shot, or allow it with --across few-shot',
    );
    expect(await compare(zero, '--across', 'few-shot')).toMatchObject({
      across: ['few-shot'],
      tasks: [{ items: 4, a: 0.5, b: 0.75 }],
    });
    const some = await storeOf([
      ...['x', 'y'].flatMap((id) => rows(id, '0110', { few_shot: 5 })),
      ...['x', 'y'].flatMap((id) => rows(id, '0110', { few_shot: 0, task: 'u' })),
      ...rows('x', '0110', { few_shot: 5, task: 'v' }),
      ...rows('y', '0110', { few_shot: 0, task: 'v' }),
    ]);
    const chosen = await runSonde([...some, 'compare', 'x', 'y', '--few-shot', '5', '--json']);
    expect((JSON.parse(chosen.stdout) as Report)['exclusions']).toEqual([
      { suite: 's', task: 'v', items: null, reason: 'no outcomes at `y` with few-shot `5`' },
      { suite: 's', task: 'u', items: null, reason: 'no outcomes with --few-shot 5, only with 0' },
    ]);
    expect(chosen.stderr).toContain(
      'left out: task `u` of `s`: no outcomes with --few-shot 5, only with 0\n',
    );
    const wrong = await runSonde([...zero, 'compare', 'x', 'y', '--across', 'nosuch']);
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringContaining(
        '--across: expected one of few-shot, chat-template, prompt, document, target, got `nosuch`',
      ),
    ]);
  });
});
