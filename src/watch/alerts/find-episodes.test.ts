import { describe, expect, test } from 'vitest';
import type { CheckedCheckpoint, CheckedTask } from '../checked-checkpoint.ts';
import type { MeasuredTasks } from '../measured-tasks.ts';
import { type AlertRules, findEpisodes } from './find-episodes.ts';

const task = (predicted: number, more: Partial<CheckedTask> = {}): CheckedTask => ({
  ...{
    task: 'add',
    items: 100,
    predicted,
    low: predicted - 0.1,
    high: predicted + 0.1,
    level: 0.9,
  },
  ...{ status: 'ok', reason: null, labelled: 0, remeasure: { advised: false, labels: 10 } },
  change: { difference: 0, minimalDetectableEffect: 0.1 },
  expected: null,
  ...more,
});

/** Checkpoints `1`, `2`, … of one run. */
const run = (...all: readonly (readonly CheckedTask[])[]): CheckedCheckpoint[] =>
  all.map((tasks, index) => ({
    ...{ checkpoint: `${index + 1}`, run: 'r', stage: null, step: index + 1, tokens: null },
    ...{ flops: null, suite: 's', probe: 'p', modifiedAt: null, tasks },
  }));

const rules = { leastDrop: 0, ignore: [] };
const unmeasured: MeasuredTasks = new Map();
const find = (...all: readonly (readonly CheckedTask[])[]): ReturnType<typeof findEpisodes> =>
  findEpisodes(run(...all), rules, unmeasured);
/** Of a task at two checkpoints. */
const drop = (
  from: number,
  to: number,
  own: Partial<AlertRules>,
): ReturnType<typeof findEpisodes> =>
  findEpisodes(run([task(from)], [task(to)]), { ...rules, ...own }, unmeasured);
const series = (...values: number[]): ReturnType<typeof findEpisodes> =>
  find(...values.map((value) => [task(value)]));

describe('drop', () => {
  test('opens beyond the minimal detectable effect, once, and closes where half of it is made good', () => {
    expect(series(0.5, 0.38, 0.37, 0.43, 0.46, 0.5)).toEqual([
      {
        ...{ kind: 'drop', task: 'add', tasks: ['add'], opened: '2', lastSeen: '5', closed: '5' },
        ...{ value: 0.46, reference: 0.5, threshold: 0.1 },
        message:
          'add fell from 50.0 at 1 to 38.0 at 2, by more than the 10.0 points that can be noise',
      },
    ]);
    expect(series(0.5, 0.38, 0.37).map(({ opened, closed }) => [opened, closed])).toEqual([
      ['2', null],
    ]);
  });

  test('half of a drop is half of how far it fell, however little can be noise', () => {
    const change = { difference: 0, minimalDetectableEffect: 0.05 };
    const of = (...values: number[]): ReturnType<typeof findEpisodes> =>
      find(...values.map((value) => [task(value, { change })]));
    expect(of(0.9, 0.2, 0.54, 0.6, 0.85)).toEqual([
      {
        ...{ kind: 'drop', task: 'add', tasks: ['add'], opened: '2', lastSeen: '4', closed: '4' },
        ...{ value: 0.6, reference: 0.9, threshold: 0.05 },
        message:
          'add fell from 90.0 at 1 to 20.0 at 2, by more than the 5.0 points that can be noise',
      },
    ]);
    expect(of(0.9, 0.2, 0.1, 0.54).map(({ closed }) => closed)).toEqual([null]);
  });

  test('the limit is said to be the least drop that counts where that is above what can be noise', () => {
    const found = drop(0.5, 0.3, { leastDrop: 0.15 });
    expect(found.map(({ message, threshold }) => [message, threshold])).toEqual([
      [
        'add fell from 50.0 at 1 to 30.0 at 2, by more than the 15.0 points of `least_drop` (10.0 can be noise)',
        0.15,
      ],
    ]);
  });

  test('what can be noise is none, nor what is smaller than the least drop that counts', () => {
    expect(series(0.5, 0.41, 0.5, 0.41, 0.33)).toEqual([]);
    expect(drop(0.5, 0.38, { leastDrop: 0.15 })).toEqual([]);
    expect(drop(0.5, 0.38, { ignore: ['drop'] })).toEqual([]);
  });

  test('a number that labels corrected is held against the intervals of both', () => {
    // 2.80 · √2 · 0.1 / 1.645 = 24.1 points.
    expect(find([task(0.5)], [task(0.3, { labelled: 20, change: null })])).toEqual([]);
    const [found] = find([task(0.6)], [task(0.3, { labelled: 20, change: null })]);
    expect(found?.threshold).toBeCloseTo(0.2409, 4);
  });

  test('a checkpoint of another stage is not compared, the next one of a known stage is', () => {
    const broken = task(0.1, { status: 'remeasure', reason: 'no fitted checkpoint has stage sft' });
    const found = find([task(0.5)], [broken], [task(0.3)]).filter(({ kind }) => kind === 'drop');
    expect(found.map(({ opened }) => opened)).toEqual(['3']);
  });
});

describe('below-forecast', () => {
  const expected = { forecast: 'f', accuracy: 0.6, low: 0.5, high: 0.7 };
  const at = (value: number): CheckedTask => task(value, { expected, change: null });

  test('opens below the interval, stays while it is near its end, and without a forecast', () => {
    expect(find([at(0.5)], [at(0.45)], [at(0.51)], [task(0.5)], [at(0.53)])).toEqual([
      {
        ...{ kind: 'below-forecast', task: 'add', tasks: ['add'], opened: '2', lastSeen: '5' },
        ...{ closed: '5', value: 0.53, reference: 0.6, threshold: 0.5 },
        message: 'add at 2: 45.0 (35.0 to 55.0) is below what was forecast, 60.0 (50.0 to 70.0)',
      },
    ]);
    expect(find([at(0.45)], [at(0.51)]).map(({ closed }) => closed)).toEqual([null]);
  });
});

describe('what the probe says of itself', () => {
  const about = { task: null, value: null, reference: null, threshold: null };
  const drifted = task(0.5, { status: 'drift', reason: 'states moved far' });
  const other = task(0.5, { task: 'max' });

  test('drift is one alert of all tasks, over after two checkpoints without', () => {
    expect(find([drifted, other], [task(0.5)], [drifted, other], [task(0.5)], [task(0.5)])).toEqual(
      [
        {
          ...{ kind: 'drift', tasks: ['add'], opened: '1', lastSeen: '3', closed: '5', ...about },
          message: 'drift at 3 on 1 of 2 tasks (add): states moved far',
        },
      ],
    );
  });

  test('a break of all tasks is a stage break, of some a task to measure again', () => {
    const broken = { status: 'remeasure', reason: 'no fitted checkpoint has stage sft' } as const;
    const two = [task(0.5, broken), task(0.5, { ...broken, task: 'max' })];
    expect(find(two)).toEqual([
      {
        ...{
          kind: 'stage-break',
          tasks: ['add', 'max'],
          opened: '1',
          lastSeen: '1',
          closed: null,
          ...about,
        },
        message:
          '1 is another kind of checkpoint than the probe knows (no fitted checkpoint has stage sft): measure it again, and fit the probe with it',
      },
    ]);
    expect(find([two[0]!, other])).toEqual([
      {
        ...{
          kind: 'remeasure',
          tasks: ['add'],
          opened: '1',
          lastSeen: '1',
          closed: null,
          ...about,
        },
        message: '1: add should be measured again; 10 labels bring the intervals to 10 points',
      },
    ]);
  });

  test('a task to measure again is not one where all its questions were measured', () => {
    const wide = { remeasure: { advised: true, labels: 10 } };
    const checked = run([task(0.5, wide), task(0.5, { ...wide, task: 'max' })], [task(0.5, wide)]);
    const tasksOf = (measured: MeasuredTasks): unknown[] =>
      findEpisodes(checked, rules, measured).map(({ tasks, lastSeen }) => [tasks, lastSeen]);
    expect(tasksOf(unmeasured)).toEqual([[['add', 'max'], '2']]);
    expect(tasksOf(new Map([['1', new Set(['add'])]]))).toEqual([[['add', 'max'], '2']]);
    expect(tasksOf(new Map([['2', new Set(['add'])]]))).toEqual([[['add', 'max'], '1']]);
    const all = ['1', '2'].map((checkpoint) => [checkpoint, new Set(['add', 'max'])] as const);
    expect(tasksOf(new Map(all))).toEqual([]);
  });
});
