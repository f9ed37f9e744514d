import { describe, expect, test } from 'vitest';
import type { Grader, Item, Task } from '../types.ts';
import {
  checkChoices,
  continuationOf,
  gradeLikelihoods,
  isTargetChoice,
  splitAtChoice,
} from './loglikelihood.ts';

const taskOf = (grader: Grader): Task => ({
  ...{ name: 't', chance: 0.5, maxTokens: 1, stop: [], grader, filter: null },
});
const task = taskOf({ type: 'loglikelihood' });

function itemOf(choices: string[] | null, ...target: string[]): Item {
  const none = { messages: null, group: null, meta: {} };
  return { task: 't', id: 'i', prompt: 'p', target, choices, ...none };
}

describe('gradeLikelihoods', () => {
  test('takes the likeliest choice, and the likeliest per character', () => {
    const item = itemOf(['no', 'certainly'], 'certainly');
    expect(gradeLikelihoods(item, [-2, -3])).toEqual({ acc: 0, acc_norm: 1 });
    expect(gradeLikelihoods(item, [-3, -2])).toEqual({ acc: 1, acc_norm: 1 });
    expect(gradeLikelihoods(itemOf(['no', 'certainly'], 'no'), [-2, -3])).toEqual({
      acc: 1,
      acc_norm: 0,
    });
  });

  test('counts characters, not UTF-16 units, and not the space in front', () => {
    const item = itemOf([' 𝒜𝒜', 'bbb'], 'bbb');
    // Per character −3 and −2.9; by UTF-16 units or with the space the first would win.
    expect(gradeLikelihoods(item, [-6, -8.7])).toEqual({ acc: 0, acc_norm: 1 });
  });

  test('takes the first of equals', () => {
    expect(gradeLikelihoods(itemOf(['a', 'b'], 'a'), [-1, -1])).toEqual({ acc: 1, acc_norm: 1 });
    expect(gradeLikelihoods(itemOf(['a', 'b'], 'b'), [-1, -1])).toEqual({ acc: 0, acc_norm: 0 });
  });

  test.each([
    [['x', 'y', 'z'], ['C'], [false, false, true]],
    [['x', 'y', 'z'], ['y'], [false, true, false]],
    [
      [' x', 'y', 'z'],
      ['x', '(B)'],
      [true, true, false],
    ],
    // A choice's text goes before its letter.
    [['B', 'A'], ['A'], [false, true]],
  ])('%j with the targets %j', (choices, targets, right) => {
    const item = itemOf(choices, ...targets);
    expect(choices.map((_, place) => isTargetChoice(item, place))).toEqual(right);
  });
});

test.each([
  ['Answer:', 'yes', undefined, ' yes'],
  ['Answer:', ' yes', undefined, ' yes'],
  ['Answer: ', 'yes', undefined, 'yes'],
  ['Answer:\n', 'yes', undefined, 'yes'],
  ['Answer: (', 'A', '', 'A'],
  ['Answer:', 'yes', '\n', '\nyes'],
])('behind %j stands %j as %j', (context, choice, delimiter, continuation) => {
  const grader: Grader =
    delimiter === undefined ? { type: 'loglikelihood' } : { type: 'loglikelihood', delimiter };
  expect(continuationOf(taskOf(grader), context, choice)).toBe(continuation);
});

test('white space at the end of a context goes to the choice', () => {
  expect(splitAtChoice('a b \n', 'c')).toEqual({ context: 'a b', continuation: ' \nc' });
  expect(splitAtChoice('a b', ' c')).toEqual({ context: 'a b', continuation: ' c' });
});

test.each([
  [
    null,
    'x',
    'expected at least two `choices` in item `i` of task `t`, which is graded by loglikelihood, got none',
  ],
  [['x'], 'x', 'got 1'],
  [['x', ' '], 'x', 'expected no empty choice in item `i` of task `t`'],
  [
    ['x', 'y'],
    'z',
    'expected `target` to be the text or the letter of one of the choices in item `i` of task `t`, which is graded by loglikelihood, got ["z"]',
  ],
])('choices %j with the target %j are refused', (choices, target, message) => {
  expect(() => checkChoices(task, itemOf(choices, target))).toThrow(message);
});
