import { expect, test } from 'vitest';
import type { StatusRow } from '../store/index.ts';
import { findGaps, type RunCheckpoint } from './status-gaps.ts';

const row = (checkpoint: string, parts: Partial<StatusRow> = {}): StatusRow => ({
  ...{ suite: 's', task: 't', filter: null, checkpoint, kind: 'count', step: null },
  ...{ temperature: null, topP: null, render: null, fewShot: null, chatTemplate: null },
  ...{ items: 10, questions: 10, samples: 10, accuracy: 0.5, standardError: 0.1, source: null },
  ...{ loss: null, lossUnit: null },
  ...parts,
});
const run = (...ids: string[]): RunCheckpoint[] =>
  ids.map((checkpoint) => ({ checkpoint, run: 'r' }));

test('a checkpoint without a task, or with fewer items of it, is a gap of its run', () => {
  const rows = [row('a'), row('b', { items: 7 }), row('a', { task: 'u' }), row('d', { task: 'u' })];
  const checkpoints = [...run('a', 'b', 'c'), { checkpoint: 'd', run: 'other' }];
  const gap = { suite: 's', filter: null };
  expect(findGaps(rows, checkpoints)).toEqual([
    { ...gap, task: 't', checkpoint: 'b', items: 7, of: 10 },
    { ...gap, task: 't', checkpoint: 'c', items: 0, of: 10 },
    { ...gap, task: 'u', checkpoint: 'b', items: 0, of: 10 },
    { ...gap, task: 'u', checkpoint: 'c', items: 0, of: 10 },
  ]);
});

test('a filter that is not told agrees with any, one that is told with itself alone', () => {
  const strict = { filter: 'strict' };
  expect(findGaps([row('a', strict), row('b')], run('a', 'b'))).toEqual([]);
  expect(
    findGaps([row('a', strict), row('b', { filter: 'loose' })], run('a', 'b')).map(
      ({ checkpoint, filter }) => [checkpoint, filter],
    ),
  ).toEqual([
    ['a', 'loose'],
    ['b', 'strict'],
  ]);
});

test('results of whole tasks are no gap beside each other, and one beside items', () => {
  const whole = { items: 0 };
  expect(findGaps([row('a', whole), row('b', whole)], run('a', 'b', 'c'))).toEqual([
    { suite: 's', task: 't', filter: null, checkpoint: 'c', items: 0, of: null },
  ]);
  expect(findGaps([row('a'), row('b', whole)], run('a', 'b'))).toMatchObject([
    { checkpoint: 'b', items: 0, of: 10 },
  ]);
});

test('a loss alone measures nothing, and one checkpoint is no run to have gaps', () => {
  expect(findGaps([row('a'), row('b', { accuracy: null })], run('a', 'b'))).toHaveLength(1);
  expect(findGaps([row('a')], run('a'))).toEqual([]);
});
