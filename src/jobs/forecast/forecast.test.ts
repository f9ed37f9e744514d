import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openStore, type Store } from '../../store/index.ts';
import { importRecords } from '../import/index.ts';
import { anyOutcomes } from '../outcome-choice.ts';
import { type JobContext, jobContext } from '../progress.ts';
import {
  fiveModels,
  largeModel,
  type LadderRow,
  ladderRows,
  toCsv,
} from '../testing/ladder-records.ts';
import { backtest, type BacktestRequest } from './backtest.ts';
import { collectLadders } from './collect-ladders.ts';
import { forecast, type ForecastReport, type ForecastRequest } from './forecast.ts';
import { forecasts } from './forecasts.ts';

let dir = '';
let store: Store;
let notes: string[];
let context: JobContext;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'forecast-'));
  store = await openStore(join(dir, '.sonde'));
  notes = [];
  context = jobContext({ note: (text) => notes.push(text), resolve: (path) => join(dir, path) });
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

let files = 0;
async function add(rows: readonly LadderRow[]): Promise<void> {
  files += 1;
  const path = join(dir, `records-${files}.csv`);
  await writeFile(path, toCsv(rows));
  await importRecords(store, path);
}

const base = {
  ...anyOutcomes,
  suite: 'made-up',
  ladder: Object.keys(fiveModels),
  anchors: [] as string[],
  tasks: null,
  benchmark: 'task',
  methods: ['last-value', 'exponential'],
  replicates: 10,
  seed: 0,
} as const;
const ask = (changes: Partial<ForecastRequest> = {}): Promise<ForecastReport> =>
  forecast(
    store,
    {
      ...base,
      ...{ target: 'big', targetFlops: [1024e18], reach: null, against: [], draw: 'none' },
      ...changes,
    },
    context,
  );

const truth = (): LadderRow[] => ladderRows({ models: largeModel, tasks: ['easy', 'hard'] });

describe('a frozen forecast', () => {
  beforeEach(async () => add(ladderRows({ models: fiveModels, tasks: ['easy', 'hard'] })));

  test('does not change with the truth, which stands beside it', async () => {
    const before = await ask();
    expect(before.benchmarks.map(({ measured }) => measured)).toEqual([null, null]);
    await add(truth());
    const after = await ask();
    expect(after.id).toBe(before.id);
    expect(after.createdAt).toBe(before.createdAt);
    expect(after.benchmarks.map(({ measured }) => measured).every((share) => share! > 0)).toBe(
      true,
    );
    const strip = ({ benchmarks }: ForecastReport): unknown =>
      benchmarks.map((one) => ({ ...one, measured: null, monitoring: null }));
    expect(strip(after)).toEqual(strip(before));
    expect(await store.forecasts.list()).toHaveLength(1);
  });

  test('has one name whatever the order of the ladder, another one for other questions', async () => {
    const { id } = await ask();
    expect((await ask({ ladder: [...base.ladder].reverse() })).id).toBe(id);
    expect(notes).toContain('--ladder: put in the order of training compute: m1, m2, m3, m4, m5');
    expect((await ask({ draw: 'all', tasks: ['hard', 'easy'] })).id).toBe(
      (await ask({ tasks: ['easy', 'hard'] })).id,
    );
    expect((await ask({ seed: 1 })).id).not.toBe(id);
    expect((await ask({ tasks: ['easy'] })).id).not.toBe(id);
  });

  test('that was changed is noticed, and not overwritten', async () => {
    const { id } = await ask();
    const path = join(store.dir, 'forecasts', `${id}.json`);
    const text = await readFile(path, 'utf8');
    await writeFile(path, text.replace('"predictable"', '"not-predictable"'));
    await expect(ask()).rejects.toThrow(`the frozen file ${path} was changed`);
    const report = await forecasts(store, { suite: null, tasks: null }, context);
    expect(report.forecasts).toMatchObject([{ id, changed: true }]);
    expect(report.summary.changed).toBe(1);
    await writeFile(path, 'not even JSON');
    const broken = await forecasts(store, { suite: null, tasks: null }, context);
    expect(broken.forecasts).toMatchObject([{ id, changed: true, target: null, benchmarks: [] }]);
    await expect(ask()).rejects.toThrow('was changed');
    await writeFile(path, text);
    expect((await ask()).id).toBe(id);
  });

  test('is scored once the truth is there; the score is written again only for another truth', async () => {
    const { id } = await ask();
    const list = (): ReturnType<typeof forecasts> =>
      forecasts(store, { suite: 'made-up', tasks: ['easy'] }, context);
    const open = await list();
    expect(open.forecasts[0]!.benchmarks).toMatchObject([
      { task: 'easy', measured: null, covered: null },
    ]);
    expect(await store.forecastScores.read(id)).toBeNull();
    await add(truth());
    const scored = await list();
    const [easy] = scored.forecasts[0]!.benchmarks;
    expect(easy!.errorPoints).toBeCloseTo(100 * (easy!.accuracy! - easy!.measured!), 9);
    expect(scored.summary.scored.benchmarks).toBe(1);
    const first = await store.forecastScores.read(id);
    expect(first!['benchmarks']).toMatchObject([{ items: 20, expected: 20 }, {}]);
    await list();
    expect(await store.forecastScores.read(id)).toEqual(first);
    await writeFile(join(store.dir, 'forecasts', 'scores', `${id}.json`), '{"broken');
    expect((await list()).summary.scored.benchmarks).toBe(1);
    expect((await store.forecastScores.read(id))!['benchmarks']).toEqual(first!['benchmarks']);
    await expect(
      forecasts(store, { suite: null, tasks: ['easy', 'nosuch'] }, context),
    ).rejects.toThrow('--tasks: expected tasks of the frozen forecasts (easy, hard), got `nosuch`');
    await add(ladderRows({ models: fiveModels, tasks: ['a'], facts: { suite: 'other' } }));
    const other = await forecasts(store, { suite: 'other', tasks: null }, context);
    expect(other.forecasts).toEqual([]);
    await expect(forecasts(store, { suite: 'nosuch', tasks: null }, context)).rejects.toThrow(
      'its outcomes are of made-up, other',
    );
  });
});

describe('a truth that is not quite what was forecast', () => {
  beforeEach(async () => add(ladderRows({ models: fiveModels, tasks: ['easy'] })));
  const list = (): ReturnType<typeof forecasts> =>
    forecasts(store, { suite: null, tasks: null }, context);

  test('has other compute: said, not scored', async () => {
    await ask();
    await add(ladderRows({ models: { big: 2e21 }, tasks: ['easy'] }));
    const { forecasts: listed, summary } = await list();
    const note = '`big` has 2e21 FLOPs, the forecast is for 1.024e21 FLOPs: it is not scored';
    expect(listed).toMatchObject([{ changed: false, note, benchmarks: [{ measured: null }] }]);
    expect(summary.scored.benchmarks).toBe(0);
    expect(notes.at(-1)).toBe(`forecast ${listed[0]!.id}: ${note}`);
  });

  test('has the same compute, rounded otherwise: scored', async () => {
    await ask();
    await add(ladderRows({ models: { big: 1.03e21 }, tasks: ['easy'] }));
    const { forecasts: listed } = await list();
    expect(listed).toMatchObject([{ note: null, benchmarks: [{ covered: true }] }]);
  });

  test('is of half of the items: said', async () => {
    await add(ladderRows({ models: largeModel, tasks: ['easy'] }).slice(0, 10));
    await ask();
    const [half] = (await list()).forecasts[0]!.benchmarks;
    expect(half).toMatchObject({ measuredItems: 10, expectedItems: 20 });
    expect(notes).toContain('easy: measured at `big` on 10 of the ladder’s 20 items');
  });

  test('is measured otherwise item by item: the whole task’s result does not stand in', async () => {
    await add(ladderRows({ models: fiveModels, tasks: ['chat'], facts: { render: 'prompt' } }));
    const big = { models: largeModel, tasks: ['chat'] };
    await add(ladderRows({ ...big, facts: { render: 'messages' } }));
    await add(ladderRows({ ...big, items: 0 }));
    const { benchmarks } = await ask({ tasks: ['chat'] });
    expect(benchmarks[0]!.measured).toBeNull();
    expect(notes.at(-1)).toContain('measured otherwise than the ladder’s, or in several ways');
  });
});

describe('a choice that matches nothing', () => {
  test('is named by its option', async () => {
    await add(
      ladderRows({ models: fiveModels, tasks: ['t'], facts: { filter: 'a', temperature: 1 } }),
    );
    const about = 'outcomes of suite `made-up` at these models';
    await expect(ask({ source: 'x' })).rejects.toThrow(
      `--source: expected one that ${about} have (records-`,
    );
    await expect(ask({ filter: 'x' })).rejects.toThrow(
      `--filter: expected one that ${about} have (a), got \`x\``,
    );
    await expect(ask({ filter: 'a', temperature: 0.5 })).rejects.toThrow(
      `--temperature: expected one that ${about} have (1), got \`0.5\``,
    );
    await expect(ask({ topP: 0.5 })).rejects.toThrow('have (they name none), got `0.5`');
    await add(
      ladderRows({ models: fiveModels, tasks: ['t'], facts: { filter: 'b', temperature: 0 } }),
    );
    await expect(ask({ filter: 'a', temperature: 0 })).rejects.toThrow(
      `--filter a --temperature 0: ${about} have each of them, none has them all`,
    );
  });
});

describe('compute below one FLOP', () => {
  test('is another unit: refused', async () => {
    await add(ladderRows({ models: { ...fiveModels, tiny: 1e-300 }, tasks: ['t'] }));
    await expect(ask({ ladder: ['tiny', ...base.ladder] })).rejects.toThrow(
      '--ladder: expected training compute in FLOPs, 1 or more for `tiny`, found 1e-300',
    );
    await expect(ask({ target: null, targetFlops: [0.5] })).rejects.toThrow(
      '--target-flops: expected training compute in FLOPs, 1 or more, found 0.5',
    );
    await expect(ask({ target: 'tiny', targetFlops: null })).rejects.toThrow(
      '--target: expected training compute in FLOPs, 1 or more for `tiny`',
    );
  });
});

describe('benchmarks', () => {
  test('of the whole suite pool its items, or its tasks where some have none', async () => {
    await add(ladderRows({ models: fiveModels, tasks: ['a', 'b'] }));
    const pool = (): ReturnType<typeof collectLadders> =>
      collectLadders(store, { ...base, benchmark: 'suite', target: null }, context);
    const [items] = (await pool()).benchmarks;
    const tasks = (await collectLadders(store, { ...base, target: null }, context)).benchmarks;
    const means = tasks.map(({ ladder }) => ladder.accuracy[2]!);
    expect(items!.ladder).toMatchObject({ task: '*', chance: 0 });
    expect(items!.ladder.items!.ids.slice(19, 21)).toEqual(['a/a-0019', 'b/b-0000']);
    expect(items!.ladder.accuracy[2]).toBeCloseTo((means[0]! + means[1]!) / 2, 12);
    expect(items!.ladder.panel.map(({ task }) => task)).toEqual(['a', 'b']);
    await add(ladderRows({ models: fiveModels, tasks: ['whole'], items: 0 }));
    const [mixed] = (await pool()).benchmarks;
    expect(mixed!.ladder.items).toBeNull();
    expect(mixed!.parts).toHaveLength(3);
    await add(ladderRows({ models: { m1: 1e18, m2: 4e18 }, tasks: ['short'] }));
    const { benchmarks, exclusions } = await pool();
    expect(benchmarks[0]!.parts).toHaveLength(3);
    expect(exclusions.at(-1)!.reason).toContain('only 2 of 5 models have it');
  });

  test('take the facts of their own suite’s records: another may mean another model by the name', async () => {
    const own = ladderRows({ models: fiveModels, tasks: ['a'], facts: { family: 'x' } });
    await add(own);
    const other = { m1: 5e18, m2: 9e18 };
    const facts = { suite: 'other', family: 'y', tokens: 7 };
    await add(ladderRows({ models: other, tasks: ['a'], facts }));
    const { ladder } = await ask();
    expect(ladder[0]).toMatchObject({ checkpoint: 'm1', flops: 1e18, family: 'x', tokens: 7 });
  });

  test('carry the other tasks as a panel, and anchors with their rates', async () => {
    const models = { ...fiveModels, ...largeModel };
    await add(ladderRows({ models, tasks: ['a', 'b'], facts: { family: 'f' } }));
    const anchors = { ...base, anchors: ['big'], tasks: ['a'], target: null };
    const [a] = (await collectLadders(store, anchors, context)).benchmarks;
    expect(a!.ladder.anchors).toHaveLength(1);
    expect(a!.ladder.anchors[0]!.rates).toHaveLength(20);
    expect(a!.ladder.panel.map(({ task, anchors: own }) => [task, own.length])).toEqual([['b', 1]]);
    await expect(ask({ anchors: ['big'] })).rejects.toThrow('`big` is among the anchors');
  });
});

describe('a back-test', () => {
  const run = (changes: Partial<BacktestRequest> = {}): ReturnType<typeof backtest> =>
    backtest(store, { ...base, targets: null, dropLargest: 0, ...changes }, context);

  test('forecasts as `forecast` does from the models below', async () => {
    await add(ladderRows({ models: { ...fiveModels, ...largeModel }, tasks: ['easy', 'hard'] }));
    const report = await run({ ladder: [...base.ladder, 'big'] });
    expect(report.targets.map(({ checkpoint, ladder }) => [checkpoint, ladder.length])).toEqual([
      ['m5', 4],
      ['big', 5],
    ]);
    const own = report.targets[1]!.benchmarks;
    const { benchmarks } = await ask();
    for (const [index, { methods, measured, chosen }] of own.entries()) {
      expect(measured).toBe(benchmarks[index]!.measured);
      expect(chosen).toBe(benchmarks[index]!.chosen);
      expect(methods.map((method) => ({ ...method, absErrorPoints: 0 }))).toEqual(
        benchmarks[index]!.methods.map((method) => ({ ...method, absErrorPoints: 0 })),
      );
      const [lastValue] = methods;
      expect(lastValue!.absErrorPoints).toBeCloseTo(
        100 * Math.abs(lastValue!.accuracy! - measured),
        9,
      );
    }
    const summary = report.summary.find(({ method }) => method === 'last-value')!;
    expect(summary.benchmarks).toBe(4);
    expect(summary.maxAbsErrorPoints! >= summary.meanAbsErrorPoints!).toBe(true);
  });

  test('goes without the largest models, and on named targets', async () => {
    await add(ladderRows({ models: { ...fiveModels, ...largeModel }, tasks: ['easy'] }));
    const { targets } = await run({ targets: ['big'], dropLargest: 1 });
    expect(targets.map(({ ladder }) => ladder)).toEqual([['m1', 'm2', 'm3', 'm4']]);
    await expect(run({ targets: ['big'], dropLargest: 5 })).rejects.toThrow(
      '--drop-largest: expected to leave a model below `big`, 5 are below it and 5 are dropped',
    );
    await expect(run({ targets: ['m1'] })).rejects.toThrow('`m1` has 1e18 FLOPs');
    await expect(run({ ladder: ['m1', 'm2'] })).rejects.toThrow('some model has 4 smaller ones');
  });

  test('says where there is no truth', async () => {
    await add(ladderRows({ models: fiveModels, tasks: ['easy', 'hard'] }));
    await add(ladderRows({ models: largeModel, tasks: ['easy'] }));
    const { targets, exclusions } = await run({ targets: ['big'] });
    expect(targets[0]!.benchmarks.map(({ task }) => task)).toEqual(['easy']);
    expect(exclusions).toMatchObject([{ task: 'hard', checkpoint: 'big' }]);
    const [easy] = targets[0]!.benchmarks;
    expect(easy!.measuredItems).toBe(20);
    await expect(run({ targets: ['big'], tasks: ['hard'] })).rejects.toThrow('found none');
  });

  test('says where the truth is of some items alone, or of the whole task', async () => {
    await add(ladderRows({ models: fiveModels, tasks: ['easy', 'hard'] }));
    await add(ladderRows({ models: largeModel, tasks: ['easy'] }).slice(0, 10));
    await add(ladderRows({ models: largeModel, tasks: ['hard'], items: 0 }));
    const { targets, exclusions } = await run({ targets: ['big'] });
    expect(targets[0]!.benchmarks.map(({ measuredItems }) => measuredItems)).toEqual([10, 0]);
    expect(exclusions).toEqual([
      {
        ...{ task: 'easy', checkpoint: 'big', items: 10 },
        reason: 'no outcome at this target: its truth is of the other items of the ladder',
      },
      {
        ...{ task: 'hard', checkpoint: 'big', items: 0 },
        reason: 'outcomes per item at this target: its truth is a result of the whole task',
      },
    ]);
  });

  test('counts no interval where there is none', async () => {
    await add(ladderRows({ models: { ...fiveModels, ...largeModel }, tasks: ['easy'] }));
    const { summary } = await run({ ladder: ['m1', 'm2', 'm3'], targets: ['big'] });
    const chosen = summary.find(({ method }) => method === 'chosen');
    expect(chosen).toMatchObject({ coverage: null, coverage80: null, benchmarks: 1 });
  });

  test('ends where it is interrupted', async () => {
    await add(ladderRows({ models: fiveModels, tasks: ['easy'] }));
    const aborted = { ...context, signal: AbortSignal.abort(new Error('stop')) };
    await expect(
      backtest(store, { ...base, targets: null, dropLargest: 0 }, aborted),
    ).rejects.toThrow('stop');
  });
});
