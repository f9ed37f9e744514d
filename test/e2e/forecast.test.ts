import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  fiveModels,
  type LadderRow,
  ladderRows,
  largeModel,
  toCsv,
} from '../../src/jobs/testing/ladder-records.ts';
import { recordStores } from '../helpers/record-stores.ts';
import { type Finished, runJson, runSonde, series } from '../helpers/run-sonde.ts';

type Interval = [number, number] | [null, null];
type Forecasted = {
  id: string;
  target: { flops: number; checkpoint: string | null };
  ladder: { checkpoint: string }[];
  benchmarks: {
    task: string;
    items: number;
    methods: {
      method: string;
      accuracy: number | null;
      low: number | null;
      high: number | null;
      intervals: { '0.8': Interval; '0.95': Interval };
      verdict: string;
      reason: string;
    }[];
    chosen: string;
    measured: number | null;
    curve: { flops: number; accuracy: number; verdict: string | null }[] | null;
    reach: { accuracy: number; flops: number | null; reason: string } | null;
    against: { difference: number; narrowing: unknown[] } | null;
    monitoring: { position: string | null } | null;
  }[];
  exclusions: { task: string | null; checkpoint: string | null; items: number; reason: string }[];
};

const tasks = ['easy', 'hard'];
const ladder = ['--suite', 'made-up', '--ladder', 'm1,m2,m3,m4,m5', '--replicates', '20'];
const few = ['--method', 'last-value'];

const { folder, storeOf } = recordStores();

const usual = (models = fiveModels, facts: LadderRow = {}): LadderRow[] =>
  ladderRows({ models, tasks, facts });
/** The usual ladder with some rows changed; null leaves a row out. */
const changed = (change: (row: LadderRow) => LadderRow | null): LadderRow[] =>
  usual().flatMap((row) => {
    const kept = change(row);
    return kept === null ? [] : [kept];
  });

async function run(store: readonly string[], ...options: string[]): Promise<Finished> {
  return await runSonde([...store, 'forecast', ...ladder, ...options]);
}
async function answer(store: readonly string[], ...options: string[]): Promise<Forecasted> {
  return await runJson<Forecasted>([...store, 'forecast', ...ladder, ...options]);
}

describe('forecast', () => {
  let store: string[];
  beforeAll(async () => {
    store = await storeOf([...usual(), ...usual(largeModel)]);
  });

  it('answers each benchmark with intervals, a verdict and a reason', async () => {
    const { id, target, benchmarks, exclusions } = await answer(store, '--target', 'big');
    expect(target).toEqual({ flops: 1024e18, checkpoint: 'big' });
    expect(exclusions).toEqual([]);
    expect(benchmarks.map(({ task, items }) => [task, items])).toEqual([
      ['easy', 20],
      ['hard', 20],
    ]);
    for (const { methods, chosen, measured } of benchmarks) {
      const names = methods.map(({ method }) => method);
      expect(names).toContain('chosen');
      expect(names).toContain(chosen);
      expect(names).toContain('last-value');
      expect(names.some((name) => name.startsWith('cod:'))).toBe(false);
      const own = methods.find(({ method }) => method === 'chosen')!;
      expect(own.reason).not.toBe('');
      expect(['predictable', 'not-predictable']).toContain(own.verdict);
      expect([own.low, own.high]).toEqual(own.intervals['0.95']);
      expect(0 <= own.low! && own.low! <= own.accuracy! && own.accuracy! <= own.high!).toBe(true);
      expect(own.intervals['0.8'][0]).toBeGreaterThanOrEqual(own.low!);
      expect(measured).toBeGreaterThan(0);
    }
    const file = join(store[1]!, 'forecasts', `${id}.json`);
    const frozen = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    expect(frozen).toMatchObject({ id, suite: 'made-up', target });
    expect(JSON.stringify(frozen['benchmarks'])).not.toMatch(/"(measured|monitoring)":/);
  });

  it('tells a person the same: table, reasons, plot', async () => {
    const { stdout, stderr, code } = await run(store, '--target-flops', '4e21', '--tasks', 'hard');
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('made-up: 4.00e21 FLOPs, from 5 models: m1, m2, m3, m4, m5');
    expect(stdout).toMatch(/^[01] of 1 benchmark can be forecast$/m);
    expect(stdout).toMatch(/^task +items +verdict +forecast +interval +last value/m);
    expect(stdout).toContain('┊ target');
    expect(stdout).toMatch(/frozen as [0-9a-f]{16}/);
    const methods = await run(store, '--target-flops', '4e21', '--method', 'irt,chosen');
    expect(methods.stdout).toMatch(/^irt /m);
    expect(methods.stdout).toMatch(/^chosen \(/m);
  });

  it('gives the curve, the compute that reaches an accuracy, and a picture', async () => {
    const plot = join(folder(), 'plots', 'curve.svg');
    const range = ['--target-flops', '1e21:4e21:3', '--target', 'coming'];
    const { target, benchmarks } = await answer(store, ...range, '--reach', '0.6', '--plot', plot);
    expect(target).toEqual({ flops: 4e21, checkpoint: 'coming' });
    for (const { curve, reach, methods } of benchmarks) {
      expect(curve!.map(({ verdict }) => verdict)).not.toContain(null);
      expect(curve!.map(({ flops }) => flops / 1e21)).toEqual([1, expect.closeTo(2, 9), 4]);
      const own = methods.find(({ method }) => method === 'chosen')!;
      expect(curve!.at(-1)!.accuracy).toBeCloseTo(own.accuracy!, 9);
      expect(reach!.accuracy).toBe(0.6);
      expect(reach!.flops === null).toBe(reach!.reason.startsWith('not within reach'));
    }
    expect(readFileSync(plot, 'utf8')).toContain('<svg');
    const told = await run(store, ...range, '--reach', '0.1', '--plot', plot, ...few);
    expect(told.stderr).toContain(`note: --plot: wrote ${plot}`);
    expect(told.stdout).toMatch(/^ +FLOPs +forecast +interval +verdict$/m);
    expect(told.stdout).toMatch(/^- easy: 10\.0 points reached by m1, 1\.00e18 FLOPs$/m);
  });

  it('compares two ladders at equal compute', async () => {
    const other = { n1: 1e18, n2: 4e18, n3: 16e18, n4: 64e18 };
    const both = await storeOf([...usual(), ...usual(other, { family: 'another' })]);
    const against = ['--against', 'n4,n1,n2,n3', '--target-flops', '1e21', ...few];
    const { benchmarks } = await answer(both, ...against);
    for (const { against: compared } of benchmarks) {
      expect(Math.abs(compared!.difference)).toBeLessThan(0.1);
      expect(compared!.narrowing.length).toBeGreaterThan(0);
    }
    const { stdout } = await run(both, ...against);
    expect(stdout).toContain('Two ladders at equal compute');
    expect(stdout).toMatch(
      /^- easy: \S+ FLOPs in the .+ would narrow the difference’s 95 % interval from \S+ to \S+ points$/m,
    );
  });

  it('warns of a target below what its ladder expects, and exits 3 where asked to', async () => {
    const poor = ladderRows({ models: largeModel, tasks }).map((row) => ({ ...row, k: 0 }));
    const bad = await storeOf([...usual(), ...poor]);
    const { benchmarks } = await answer(bad, '--target', 'big', ...few);
    expect(benchmarks.map(({ monitoring }) => monitoring!.position)).toEqual(['below', 'below']);
    const strict = await run(bad, '--target', 'big', '--strict', ...few);
    expect(strict.code).toBe(3);
    expect(strict.stderr).toContain('note: easy: 0.0 points at `big` are below');
    expect(strict.stdout).toContain('BELOW');
    expect((await run(store, '--target', 'big', '--strict', ...few)).code).toBe(0);
  });

  it('takes a suite’s folder and folders of checkpoints', async () => {
    const own = ['--store', join(folder(), 'bundled')];
    await runJson([...own, 'import', join(series, 'outcomes.csv')]);
    const steps = ['286-tokens3M', '417-tokens4M', '573-tokens5M', '781-tokens7M'];
    const checkpoints = steps.map((step) => `d128L4/stage1-step${step}`);
    const result = await runJson<Forecasted>([
      ...[...own, 'forecast', '--suite', 'suite', '--tasks', 'add,max', ...few],
      ...['--ladder', checkpoints.join(), '--target-flops', '1e14', '--replicates', '20'],
    ]);
    expect(result.ladder).toHaveLength(4);
    expect(result.benchmarks.map(({ task, items }) => [task, items])).toEqual([
      ['add', 140],
      ['max', 140],
    ]);
  });
});

describe('forecasts and backtest', () => {
  it('list, score and notice a changed file', async () => {
    const store = await storeOf(usual());
    type Listed = {
      forecasts: { id: string; changed: boolean; benchmarks: { measured: number | null }[] }[];
    };
    const list = async (): Promise<Listed> => await runJson<Listed>([...store, 'forecasts']);
    expect((await runSonde([...store, 'forecasts'])).stdout).toContain('no frozen forecast in');
    const target = ['--target', 'big', '--target-flops', '1.024e21', ...few];
    const { id } = await answer(store, ...target);
    expect((await list()).forecasts[0]).toMatchObject({ id, changed: false });
    writeFileSync(join(folder(), 'truth.csv'), toCsv(usual(largeModel)));
    await runJson([...store, 'import', join(folder(), 'truth.csv')]);
    expect((await list()).forecasts[0]!.benchmarks[0]!.measured).toBeGreaterThan(0);
    expect((await runSonde([...store, 'forecasts'])).stdout).toMatch(/covered|MISSED/);
    const scores = join(store[1]!, 'forecasts', 'scores');
    expect(readdirSync(scores)).toEqual([`${id}.json`]);
    const file = join(store[1]!, 'forecasts', `${id}.json`);
    writeFileSync(file, readFileSync(file, 'utf8').replace('"m1"', '"m0"'));
    expect((await list()).forecasts[0]).toMatchObject({ id, changed: true });
    const { stdout, stderr } = await runSonde([...store, 'forecasts']);
    expect(stdout).toContain('1 of 1 CHANGED since frozen: not scored');
    expect(stderr).toContain('was changed since it was frozen');
    const again = await run(store, ...target);
    expect(again).toMatchObject({ code: 2, stdout: '' });
    expect(again.stderr).toContain(`the frozen file ${file} was changed`);
  });

  it.skipIf(process.getuid?.() === 0)('work on a store that cannot be written', async () => {
    const store = await storeOf([...usual(), ...usual(largeModel)]);
    const args = ['--target', 'big', ...few];
    const { id } = await answer(store, ...args);
    const frozen = join(store[1]!, 'forecasts');
    for (const path of [frozen, store[1]!]) chmodSync(path, 0o555);
    try {
      expect((await answer(store, ...args)).id).toBe(id);
      const listed = await runSonde([...store, 'forecasts']);
      expect(listed.code).toBe(0);
      expect(listed.stdout).toMatch(/covered|MISSED/);
      expect(listed.stderr).toContain('note: scores are shown, not kept: the store');
    } finally {
      for (const path of [frozen, store[1]!]) chmodSync(path, 0o755);
    }
  });

  it('keep escape sequences of names away from the terminal', async () => {
    const hostile = (name: string): string => `${name}\u001b[2J\u202E`;
    const models = Object.entries({ ...fiveModels, ...largeModel });
    const renamed = Object.fromEntries(models.map(([id, flops]) => [hostile(id), flops]));
    const rows = ladderRows({ models: renamed, tasks: [hostile('easy')] });
    const store = await storeOf(rows);
    const ids = Object.keys(renamed);
    const common = ['--suite', 'made-up', '--replicates', '10', ...few];
    const [small, big] = [ids.slice(0, 5).join(), ids[5]!];
    for (const command of [
      [
        'forecast',
        '--ladder',
        small,
        '--target',
        big,
        '--target-flops',
        '1e20:1.024e21:3',
        ...common,
      ],
      ['forecasts'],
      ['backtest', '--ladder', ids.join(), ...common],
      ['status'],
    ]) {
      const { stdout, stderr, code } = await runSonde([...store, ...command]);
      expect({ code, command }).toEqual({ code: 0, command });
      expect(stdout).toContain('\uFFFD[2J\uFFFD');
      expect(stdout + stderr).not.toMatch(/[\u001b\u202E]/);
    }
  });

  it('refuse tasks that nothing is about', async () => {
    const store = await storeOf(usual());
    await answer(store, '--target-flops', '1e21', ...few);
    for (const verb of ['forecasts', 'status']) {
      const { code, stdout, stderr } = await runSonde([...store, verb, '--tasks', 'nosuch']);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('(easy, hard), got `nosuch`');
    }
  });

  it('back-test every method from the models below each target', async () => {
    const store = await storeOf([...usual(), ...usual(largeModel)]);
    const args = [...store, 'backtest', '--suite', 'made-up', '--replicates', '10'];
    const models = ['--ladder', 'm1,m2,m3,m4,m5,big'];
    const report = await runJson<{
      targets: {
        checkpoint: string;
        flops: number;
        benchmarks: { task: string; methods: { method: string; absErrorPoints: number }[] }[];
      }[];
      summary: Record<string, unknown>[];
    }>([...args, ...models, '--method', 'last-value,exponential']);
    expect(report.targets.map(({ checkpoint }) => checkpoint)).toEqual(['m5', 'big']);
    expect(report.targets[0]!.benchmarks[0]!.methods.map(({ method }) => method)).toEqual([
      'last-value',
      'exponential',
      'chosen',
    ]);
    expect(report.summary[0]).toMatchObject({ method: 'last-value', benchmarks: 4 });
    for (const key of ['meanAbsErrorPoints', 'maxAbsErrorPoints', 'coverage', 'coverage80']) {
      expect(typeof report.summary[0]![key]).toBe('number');
    }
    const { stdout } = await runSonde([...args, ...models, '--targets', 'big']);
    expect(stdout).toContain('made-up: 2 forecasts of big, each from the models with less compute');
    expect(stdout).toContain('The chosen answer’s verdict:');
  });
});

describe('bad input is refused with one message', () => {
  const at = (model: string, facts: LadderRow): LadderRow[] =>
    changed((row) => (row['checkpoint'] === model ? { ...row, ...facts } : row));
  const target = ['--target-flops', '1e21'];

  let plain: string[];
  beforeAll(async () => {
    plain = await storeOf([...usual(), ...usual(largeModel)]);
  });

  // Null: the usual records.
  it.each<[string, (() => LadderRow[]) | null, string[], string]>([
    [
      'two families',
      () => [
        ...usual({ m1: 1e18, m2: 4e18 }, { family: 'x' }),
        ...usual({ m3: 16e18, m4: 64e18, m5: 256e18 }, { family: 'y' }),
      ],
      target,
      '--ladder: expected models of one family, got `x` (m1) and `y` (m3)',
    ],
    [
      'two stages',
      () => [
        ...usual({ m1: 1e18, m2: 4e18 }, { stage: 'pretrain' }),
        ...usual({ m3: 16e18, m4: 64e18, m5: 256e18 }, { stage: 'sft' }),
      ],
      target,
      '--ladder: expected models of one stage, got `pretrain` (m1) and `sft` (m3)',
    ],
    [
      'missing compute',
      () => at('m3', { flops: null }),
      target,
      '--ladder: expected the training compute of `m3` to be known',
    ],
    [
      'no training at all',
      () => at('m1', { flops: 0 }),
      target,
      '--ladder: expected training compute above 0 for `m1`, found 0',
    ],
    ['the target in the ladder', null, ['--target', 'm5'], '--target: `m5` is in the ladder'],
    [
      'a target of another family',
      () => [...usual(fiveModels, { family: 'x' }), ...usual(largeModel, { family: 'y' })],
      ['--target', 'big'],
      '--target: expected models of one family, got `x` (m1) and `y` (big)',
    ],
    ['no target', null, [], 'forecast: expected --target-flops F or --target ID, got neither'],
    [
      'an unknown target without compute',
      null,
      ['--target', 'nobody'],
      '--target: the store does not know `nobody`',
    ],
    [
      'two computes of one target',
      null,
      ['--target', 'big', '--target-flops', '2e21'],
      '--target-flops: expected the compute of `big`, which is known to be 1.024e21 FLOPs, got 2e21 FLOPs',
    ],
    [
      'a target below the ladder',
      null,
      ['--target-flops', '1e17'],
      '--ladder: expected models with less compute than the target’s 1e17 FLOPs, the smallest, `m1`, has 1e18 FLOPs',
    ],
    [
      'an unknown task',
      null,
      [...target, '--tasks', 'easy,nosuch'],
      '--tasks: expected tasks of suite `made-up` (easy, hard), got `nosuch`',
    ],
    [
      'an unknown method',
      null,
      [...target, '--method', 'oracle'],
      '--method: expected one or more of last-value, ',
    ],
    ...['0', '1', '2', '-1'].map((accuracy): [string, null, string[], string] => [
      `an accuracy out of reach: ${accuracy}`,
      null,
      [...target, '--reach', accuracy],
      `--reach: expected an accuracy above 0 and below 1, got ${accuracy}`,
    ]),
    ...['--ladder', '--anchors', '--against'].map((option): [string, null, string[], string] => [
      `an unknown id in ${option}`,
      null,
      [...target, option, 'nobody'],
      `${option}: expected a checkpoint’s folder or an id that the store knows, got \`nobody\``,
    ]),
    [
      'a source of nothing',
      null,
      [...target, '--source', 'nosuch'],
      '--source: expected one that outcomes of suite `made-up` at these models have (records-',
    ],
    [
      'compute in another unit',
      () => at('m1', { flops: 1e-3 }),
      target,
      '--ladder: expected training compute in FLOPs, 1 or more for `m1`, found 0.001',
    ],
    [
      'changed rendering',
      () =>
        changed((row) => ({
          ...row,
          render: row['checkpoint'] === 'm2' ? 'messages' : 'prompt',
        })),
      target,
      'outcomes: task `easy`: expected the same rendering at every model of the ladder, found `prompt` at `m1` and `messages` at `m2`',
    ],
    [
      'a changed grader',
      () =>
        changed((row) => ({ ...row, filter: row['checkpoint'] === 'm4' ? 'flexible' : 'strict' })),
      target,
      'outcomes: task `easy`: expected the same filter at every model of the ladder, found `strict` at `m1` and `flexible` at `m4`',
    ],
    [
      'changed sampling',
      () => changed((row) => ({ ...row, temperature: row['checkpoint'] === 'm2' ? 0 : 1 })),
      target,
      'outcomes: task `easy`: expected the same temperature at every model of the ladder, found `1` at `m1` and `0` at `m2`',
    ],
    [
      'counts beside scores',
      () =>
        changed((row) =>
          row['checkpoint'] === 'm5'
            ? { ...row, kind: 'score', k: 0.5 }
            : { ...row, kind: 'count' },
        ),
      target,
      'outcomes: task `easy`: expected the same kind at every model of the ladder, found `count` at `m1` and `score` at `m5`',
    ],
    [
      'no question in common',
      () =>
        changed((row) => ({ ...row, item: `${String(row['checkpoint'])}-${String(row['item'])}` })),
      target,
      '--ladder: expected outcomes of suite `made-up` that the models m1, m2, m3, m4, m5 share, found none: task `easy`: no item has outcomes at every model of the ladder',
    ],
  ])('%s', async (_, rows, options, message) => {
    const store = rows === null ? plain : await storeOf(rows());
    const { code, stdout, stderr } = await run(store, ...options);
    expect(stderr).toContain(`sonde: ${message}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(existsSync(join(store[1]!, 'forecasts'))).toBe(false);
  });

  it('a model named twice, a suite that nobody knows', async () => {
    const store = plain;
    const twice = await runSonde([
      ...store,
      'forecast',
      '--suite',
      'made-up',
      '--ladder',
      'm1,m2,m1',
      ...target,
    ]);
    expect(twice).toMatchObject({ code: 2, stdout: '' });
    expect(twice.stderr).toContain('--ladder: `m1` is named twice');
    const suite = await runSonde([
      ...store,
      'forecast',
      '--suite',
      'nosuch',
      '--ladder',
      'm1',
      ...target,
    ]);
    expect(suite.code).toBe(2);
    expect(suite.stderr).toContain('its outcomes are of made-up');
  });

  it.each([
    [{ k: 51 }, 'expected `k` to be at most `n` (50), got 51'],
    [{ item: 'easy-0001' }, 'stands twice, in rows 1 and 2'],
  ])('records that contradict themselves are not imported: %j', async (change, message) => {
    const [first, ...rest] = usual();
    const path = join(folder(), 'bad.csv');
    writeFileSync(path, toCsv([{ ...first, ...change }, ...rest]));
    const { code, stderr } = await runSonde(['--store', join(folder(), 'bad'), 'import', path]);
    expect(code).toBe(2);
    expect(stderr).toContain(message);
  });

  it('options choose among filters and temperatures that every model has', async () => {
    const both = usual().flatMap((row) => [
      { ...row, filter: 'strict', temperature: 1 },
      { ...row, filter: 'flexible', temperature: 1, k: 50 },
      { ...row, filter: 'strict', temperature: 0, k: 0 },
    ]);
    const store = await storeOf(both);
    expect((await run(store, ...target)).stderr).toContain(
      'choose one that every model has with --',
    );
    const chosen = ['--filter', 'strict', '--temperature', '1'];
    const { benchmarks } = await answer(store, ...target, ...few, ...chosen);
    const plain = await answer(await storeOf(usual()), ...target, ...few);
    expect(benchmarks.map(({ methods }) => methods)).toEqual(
      plain.benchmarks.map(({ methods }) => methods),
    );
  });
});

describe('what a forecast does without is stated', () => {
  const target = ['--target-flops', '1e21', ...few];

  it('missing questions, changed ones, tasks and models', async () => {
    const hash = (digit: string): string => digit.repeat(64);
    const store = await storeOf([
      ...changed((row) => {
        if (row['checkpoint'] === 'm2' && row['item'] === 'easy-0003') return null;
        if (row['checkpoint'] === 'm1' && row['task'] === 'hard') return null;
        const isOther = row['checkpoint'] === 'm4' && row['item'] === 'easy-0004';
        return { ...row, prompt_sha256: hash(isOther ? 'b' : 'a') };
      }),
      ...usual(largeModel),
    ]);
    const args = [...store, 'forecast', '--suite', 'made-up', '--ladder', 'big,m5,m4,m3,m2,m1'];
    const {
      benchmarks,
      exclusions,
      ladder: used,
    } = await runJson<Forecasted>([...args, ...target]);
    expect(used.map(({ checkpoint }) => checkpoint)).toEqual(['m1', 'm2', 'm3', 'm4', 'm5']);
    expect(benchmarks.map(({ task, items }) => [task, items])).toEqual([
      ['easy', 18],
      ['hard', 20],
    ]);
    expect(exclusions).toEqual([
      {
        task: null,
        checkpoint: 'big',
        items: 0,
        reason: 'its compute of 1.024e21 FLOPs is not below the target’s 1e21 FLOPs',
      },
      {
        task: 'easy',
        checkpoint: 'm2',
        items: 1,
        reason: 'no outcome at this model that others have',
      },
      {
        task: 'easy',
        checkpoint: null,
        items: 1,
        reason: 'asked in other words at some models (prompt_sha256 differs)',
        first: { item: 'easy-0004', across: 'prompt', values: [hash('a'), hash('b')] },
      },
      { task: 'hard', checkpoint: 'm1', items: 0, reason: 'no outcome of the task' },
    ]);
    const { stderr } = await runSonde([...args, ...target]);
    expect(stderr).toContain('note: --ladder: put in the order of training compute: m1, m2');
    expect(stderr).toContain('note: left out: 1 item, task `easy`, `m2`: no outcome at this model');
    expect(stderr).toContain('note: left out: task `hard`, `m1`: no outcome of the task');
  });

  it('nothing becomes NaN: all wrong, all right, ten questions, a short ladder', async () => {
    const models = fiveModels;
    const flat = (task: string, right: number): LadderRow[] =>
      ladderRows({ models, tasks: [task], items: 10 }).map((row) => ({ ...row, k: right }));
    const store = await storeOf([
      ...flat('none', 0),
      ...flat('all', 50),
      ...ladderRows({ models, tasks: ['ten'], items: 10, answers: 1 }),
      ...ladderRows({ models: { m1: 1e18, m2: 4e18, m3: 16e18 }, tasks: ['short'] }),
      ...ladderRows({ models: { m5: 256e18 }, tasks: ['one'], items: 0 }),
    ]);
    const { benchmarks } = await answer(store, '--target-flops', '1e21', '--reach', '0.9');
    expect(benchmarks.map(({ task }) => task)).toEqual(['all', 'none', 'one', 'short', 'ten']);
    for (const { task, methods } of benchmarks) {
      const own = methods.find(({ method }) => method === 'chosen')!;
      expect(own.accuracy, task).not.toBeNull();
      for (const { accuracy, low, high, reason } of methods) {
        expect(reason, task).not.toContain('NaN');
        if (accuracy === null) expect([low, high], task).toEqual([null, null]);
        if (accuracy === null || low === null || high === null) continue;
        expect(0 <= low && low <= accuracy && accuracy <= high && high <= 1, task).toBe(true);
      }
      const isShort = task === 'short' || task === 'one';
      expect(own.low === null, task).toBe(isShort);
      expect(own.intervals, task).toEqual(
        isShort ? { '0.8': [null, null], '0.95': [null, null] } : expect.anything(),
      );
      if (task !== 'all') expect(own.verdict, task).toBe('not-predictable');
    }
    const { stdout } = await run(store, '--target-flops', '1e21');
    expect(stdout).not.toContain('NaN');
    expect(stdout).toContain('- short: a ladder of 3 models: 4 or more are needed');
    const whole = await answer(store, '--benchmark', 'suite', '--tasks', 'all,none,ten', ...target);
    expect(whole.benchmarks.map(({ task, items }) => [task, items])).toEqual([['*', 30]]);
  });

  it('compute follows from parameters and tokens, or is stated in sonde.yaml', async () => {
    const rows = changed((row) =>
      row['checkpoint'] === 'm3'
        ? { ...row, flops: null, params_non_embedding: 1e8, tokens: (8 / 3) * 1e10 }
        : row,
    ).map((row) => ({
      ...row,
      tokens: row['tokens'] == null ? null : Math.round(Number(row['tokens'])),
    }));
    const store = await storeOf(rows);
    const { stderr, code } = await run(store, ...target);
    expect(code).toBe(0);
    expect(stderr).toContain('training FLOPs taken as 6 · params_non_embedding · tokens for m3');
    const work = mkdtempSync(join(folder(), 'yaml-'));
    writeFileSync(join(work, 'sonde.yaml'), 'checkpoints:\n  coming: { flops: 1e21 }\n');
    const args = [...store, 'forecast', ...ladder, '--target', 'coming', ...few];
    const { target: found } = await runJson<Forecasted>(args, { cwd: work });
    expect(found).toEqual({ flops: 1e21, checkpoint: 'coming' });
  });
});
