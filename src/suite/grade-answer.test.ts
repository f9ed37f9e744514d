import { describe, expect, test } from 'vitest';
import { cutAtStop, gradeAnswer } from './grade-answer.ts';
import type { Grader, Item } from './types.ts';

type Case = readonly [answer: string, target: string | string[], right: boolean];

function grade(grader: Grader, answer: string, fields: Partial<Item> = {}): number {
  const item: Item = {
    task: 't',
    id: 'i',
    prompt: 'p',
    messages: null,
    target: ['x'],
    choices: null,
    group: null,
    meta: {},
    ...fields,
  };
  return gradeAnswer(
    { name: 't', chance: 0, maxTokens: 1, stop: [], grader, filter: null },
    item,
    answer,
  );
}

function check(grader: Grader, cases: readonly Case[], fields: Partial<Item> = {}): void {
  const targets = (target: string | string[]): string[] =>
    typeof target === 'string' ? [target] : target;
  const graded = cases.map(([answer, target]) => [
    answer,
    target,
    grade(grader, answer, { ...fields, target: targets(target) }) === 1,
  ]);
  expect(graded).toEqual(cases);
}

describe('gradeAnswer', () => {
  test('exact: trimmed', () => {
    check({ type: 'exact' }, [
      [' 42\n', '42', true],
      ['42', ['41', ' 42 '], true],
      ['42.', '42', false],
      ['A b', 'a b', false],
      ['', 'a', false],
    ]);
  });

  test('normalized: case, punctuation, articles', () => {
    check({ type: 'normalized' }, [
      ['The  Eiffel-Tower!', 'eiffeltower', true],
      ['an apple', 'Apple.', true],
      ['theatre', 'atre', false],
      ['«Üben»', 'üben', true],
      ['5 €', '5', true],
      ['two words', 'twowords', false],
    ]);
  });

  test('number: the last one, exactly', () => {
    check({ type: 'number' }, [
      ['3 + 4 = 7', '7', true],
      ['about 1,234.50 in all', '1234.5', true],
      ['12,345,678', '12345678', true],
      ['1e3', '1000', true],
      ['-5', '−5', true],
      ['8-5', '5', true],
      ['x = -0.0', '0', true],
      ['.5', '0.50', true],
      ['9007199254740993', '9007199254740992', false],
      ['none', '0', false],
      ['0.1', '0.10000000000000001', false],
      ['100, 2000', '2000', true],
    ]);
  });

  test('math: the final expression', () => {
    check({ type: 'math' }, [
      ['so \\boxed{\\frac{1}{2}}.', '0.5', true],
      ['\\boxed{\\dfrac12}', '\\frac{1}{2}', true],
      ['\\boxed{1} no, \\boxed{2}', '2', true],
      ['The answer is $1{,}000$', '1{,}000', true],
      ['\\boxed{1,000}', '1000', true],
      ['\\boxed{12\\text{ cm}}', '12', true],
      ['\\boxed{90^\\circ}', '90', true],
      ['\\boxed{50\\%}', '50', true],
      ['\\boxed{x = 3}', '3', true],
      ['\\boxed{\\left( 1, \\frac{2}{4} \\right)}', '(1,0.5)', true],
      ['\\boxed{(1,2)}', '[1,2]', false],
      ['\\boxed{\\sqrt2}', '\\sqrt{2}', true],
      ['\\boxed{-\\frac{3}{4}}', '-0.75', true],
      ['answer: 3/4', '\\frac{3}{4}', true],
      ['1/0', '2/0', false],
      ['\\boxed{x+1}', '1+x', false],
      ['\\boxed{', '1', false],
      ['', '1', false],
      ['7', '\\boxed{7}', true],
    ]);
  });

  test('regex: first group of the first match', () => {
    check({ type: 'regex', pattern: '([A-D])', flags: '' }, [
      [' B then C', 'B', true],
      ['c', 'C', false],
      ['none', 'B', false],
    ]);
    check({ type: 'regex', pattern: 'is (\\d+)|(no)', flags: 'i' }, [
      ['It IS 5', '5', true],
      ['NO', 'NO', false],
    ]);
    check({ type: 'regex', pattern: '\\d+', flags: '' }, [['a12b', '12', true]]);
  });

  test('regex: one that would not end is refused, another goes on', () => {
    const slow: Grader = { type: 'regex', pattern: '^(([^!])+)+!$', flags: '' };
    expect(() => grade(slow, 'a'.repeat(40))).toThrow(
      '`suite.yaml`: expected `tasks.t.grader.pattern` to be matched within 1 s, /^(([^!])+)+!$/ took longer on item `i`, answer "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" (40 characters); write it without a repetition inside a repetition, such as (a+)+',
    );
    check(slow, [
      ['abc!', 'abc', true],
      ['abc!', 'abc', true],
      ['abc', 'abc', false],
    ]);
    const polynomial: Grader = { type: 'regex', pattern: '\\d+\\d+\\d+\\d+!', flags: '' };
    expect(() => grade(polynomial, '1'.repeat(20_000))).toThrow('took longer on item `i`');
  });

  test.each([
    ['#### (-?\\d+)', 20_000],
    ['(?:answer|result)s?(?: is)*:? *(\\d+)', 2000],
  ])('regex %s grades answers fast', (pattern, perSecond) => {
    const start = performance.now();
    for (let i = 0; i < perSecond; i++) {
      const answer = `${'So we add them. '.repeat(20)}#### ${i} is the answer: ${i}`;
      expect(grade({ type: 'regex', pattern, flags: '' }, answer, { target: [`${i}`] })).toBe(1);
    }
    expect(performance.now() - start).toBeLessThan(3000);
  });

  test('choice: letters', () => {
    check({ type: 'choice' }, [
      ['B', 'B', true],
      [' (b). ', 'B', true],
      ['The answer is C, not D', 'C', true],
      ['**Answer: D**', 'D', true],
      ['A) because', 'A', true],
      ['B\nC', 'B', true],
      ['A dog is an answer', 'B', false],
      ['it must be D', 'D', true],
      ['B or C', 'B', false],
      ['the answer is a dog', 'A', false],
      ['', 'A', false],
    ]);
    check(
      { type: 'choice' },
      [
        ['C', 'yes', false],
        ['E', 'E', false],
        ['b', 'no', true],
      ],
      { choices: ['yes', 'no', 'A'] },
    );
  });

  test('refuses what it cannot grade', () => {
    expect(() => grade({ type: 'loglikelihood' }, 'a')).toThrow(
      '`gradeAnswer`: task `t` is graded by loglikelihood',
    );
    expect(() => grade({ type: 'exact' }, 'a', { target: [] })).toThrow(
      '`gradeAnswer`: item `i` of task `t` has no target, it can only be read',
    );
  });

  test.each<Grader['type']>(['exact', 'normalized', 'number', 'math', 'choice'])(
    '%s is fast on long hostile answers',
    (type) => {
      const start = performance.now();
      for (const piece of [
        '1,',
        '((',
        '\\boxed{',
        '$',
        'answer is ',
        '-',
        '1.',
        '\\frac',
        ' a',
        '9',
        '\\text{',
      ]) {
        grade({ type } as Grader, piece.repeat(50_000), { target: ['1'] });
      }
      expect(performance.now() - start).toBeLessThan(5000);
    },
  );
});

test('cutAtStop cuts before the first stop string', () => {
  expect(cutAtStop('ab\ncd. ef', ['.', '\n'])).toBe('ab');
  expect(cutAtStop('abc', ['\n'])).toBe('abc');
  expect(cutAtStop('abc', [])).toBe('abc');
});
