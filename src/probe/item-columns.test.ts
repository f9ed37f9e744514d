import { expect, test } from 'vitest';
import { impliedAnswers } from './implied-answer.ts';
import { assembleColumns, type ColumnSpec, passColumns } from './item-columns.ts';
import { createHistory } from './history.ts';
import { createTimeline } from './timeline.ts';

const none: ColumnSpec = {
  output: false,
  likelihood: false,
  length: false,
  text: false,
  history: 'none',
  answer: false,
};

/** Two questions: eight next tokens of 0.1 each, the first one's ids 0 … 7, the second's 8 … 15. */
const nextTokens = Float32Array.from({ length: 32 }, (_, i) =>
  i % 16 < 8 ? (i % 16) + (i < 16 ? 0 : 8) : 0.1,
);
const activations = {
  states: () => new Float32Array(),
  output: Float32Array.of(0, 1, 0, 0, 1, 0.5, 0.25, 0.25),
  nextTokens,
  likelihood: Float32Array.of(-1, -2, 3, 4, -5, -6, 7, 8),
};
const outcomes = { k: Float64Array.of(1, 2), n: Float64Array.of(10, 10) };
const columns = {
  ...passColumns(activations, Int32Array.of(0, 1)),
  length: Float32Array.of(1, 2, 3, 4),
  text: Float32Array.of(10, 11, 12, 20, 21, 22),
  answers: impliedAnswers([nextTokens], outcomes),
};
const facts = { tokens: 1000, step: 1, stage: null };
const timeline = createTimeline([facts]);
const history = createHistory(timeline, outcomes, { task: Int32Array.of(0, 0), count: 1 });
const rows = {
  columns,
  history,
  cut: 0,
  position: 1,
  items: Int32Array.of(1, 0),
  task: Int32Array.of(0, 0),
};

test('columns stand side by side behind the room that is left, rows in the order asked for', () => {
  const out = assembleColumns({ ...none, length: true, text: true }, rows, 2);
  expect([...out]).toEqual([0, 0, 3, 4, 20, 21, 22, 0, 0, 1, 2, 10, 11, 12]);
});

test('the likelihood columns begin with the log odds of the mass of the likeliest tokens', () => {
  const out = assembleColumns({ ...none, likelihood: true }, rows, 0);
  const mass = expect.closeTo(Math.log(4), 5) as number;
  expect([...out]).toEqual([mass, -5, -6, 7, 8, mass, -1, -2, 3, 4]);
});

test('what the answers tell comes before the history', () => {
  const out = assembleColumns({ ...none, history: 'item', answer: true }, rows, 0);
  const alone = assembleColumns({ ...none, history: 'item' }, rows, 0);
  const width = out.length / 2;
  expect([...out.subarray(4, width)]).toEqual([...alone.subarray(0, width - 4)]);
  expect(out[1]).toBeCloseTo(0, 6);
});

test('a pass without the newer pools has no likelihood columns', () => {
  const old = { states: activations.states, output: null };
  expect(passColumns(old, Int32Array.of(0))).toEqual({
    output: null,
    likelihood: null,
    nextTokens: null,
  });
});
