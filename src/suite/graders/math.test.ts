import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { gradeMath } from './math.ts';

type Case = readonly [answer: string, target: string];

const right: readonly Case[] = [
  ['\\boxed{1\\frac{1}{2}}', '1.5'],
  ['\\boxed{\\frac1{72}}', '\\frac{1}{72}'],
  ['\\boxed{\\frac{1}2}', '0.5'],
  ['\\boxed{-\\frac{1}{2}}', '\\frac{-1}{2}'],
  ['\\boxed{\\frac{1}{-2}}', '-0.5'],
  ['\\boxed{\\$12.50}', '12.5'],
  ['\\boxed{\\$1,234}', '1234'],
  ['\\boxed{3\\text{ cm}^2}', '3'],
  ['\\boxed{5\\,\\text{m/s}}', '5'],
  ['\\boxed{5 \\text{ square units}}', '5'],
  ['\\boxed{5\\mbox{ inches}}', '5\\text{ inches}'],
  ['\\boxed{[1, 2)}', '[1,2)'],
  ['\\boxed{(-\\infty, 3]}', '(-\\infty,3]'],
  ['\\boxed{\\{1,2,3\\}}', '\\{3,2,1\\}'],
  ['\\boxed{\\boxed{5}}', '5'],
  ['\\boxed 5', '5'],
  ['\\fbox{5}', '5'],
  ['\\boxed{1\\,000}', '1000'],
  ['\\boxed{10{,}000}', '10000'],
  ['\\boxed{\\text{Yes}}', 'yes'],
  ['\\boxed{x = 5}', '5'],
  ['\\boxed{\\pi/2}', '\\frac{\\pi}{2}'],
  ['\\boxed{\\frac{\\sqrt{3}}{2}}', '\\dfrac{\\sqrt3}{2}'],
  ['\\boxed{x^{2}}', 'x^2'],
  ['\\boxed{\\text{(C)}}', 'C'],
  ['\\boxed{C}', '\\text{(C)}'],
  ['\\boxed{2\\pi}', '2 \\pi'],
  ['\\boxed{\\theta = 3}', '3'],
  ['\\boxed{f(x) = 2}', '2'],
  ['\\boxed{.5}', '0.5'],
  ['\\boxed{12 \\text{ and } 13}', '12 \\text{ and } 13'],
  ['\\boxed{50\\%}', '50'],
  ['\\boxed{\\frac{\\pi}{2}}', '\\frac{\\pi}2'],
  ['\\boxed{\\left[0,\\frac12\\right]}', '[0,0.5]'],
  ['\\boxed{x \\in [0,1]}', '[0,1]'],
  ['\\boxed{1,2}', '2,1'],
  ['$5$', '5'],
  ['The answer is \\(5\\).', '5'],
  ['so \\[ x = \\boxed{\\frac{3}{4}} \\]', '3/4'],
  ['\\boxed{\\frac{3}{4}\\text{ miles}}', '\\frac34'],
  ['\\boxed{3/4}', '0.75'],
  ['\\boxed{5^\\circ}', '5'],
  ['\\boxed{5^{\\circ}}', '5'],
  ['\\boxed{5\\degree}', '5'],
  ['\\boxed{\\sqrt{2}}', '\\sqrt 2'],
  ['\\boxed{\\begin{pmatrix} 1 \\\\ 2 \\end{pmatrix}}', '\\begin{pmatrix}1\\\\2\\end{pmatrix}'],
  ['\\boxed{4\\sqrt{2}\\text{ units}}', '4\\sqrt2'],
  ['\\boxed{6,\\!000}', '6000'],
  ['\\boxed{\\mathbf{7}}', '7'],
  ['\\boxed{10^{10}}', '10^{10}'],
  ['\\boxed{2^{10}}', '2^{10}'],
  ['\\boxed{(3,\\ 4)}', '(3,4)'],
  ['\\boxed{11,\\! 111,\\! 111,\\! 100}', '11111111100'],
  ['\\boxed{\\frac{1{,}000}{3}}', '\\frac{1000}{3}'],
  ['\\boxed{0.50}', '\\frac{1}{2}'],
  ['\\boxed{\\infty}', '\\infty'],
  ['\\boxed{1\\tfrac12}', '\\frac32'],
  ['\\boxed{(1,2),(3,4)}', '(3,4),(1,2)'],
  ['\\boxed{7\\text{ PM}}', '7\\text{ pm}'],
  ['\\boxed{-1\\frac{1}{2}}', '-1.5'],
  ['\\boxed{\\frac{\\frac{1}{2}}{3}}', '\\frac{\\frac12}3'],
];

const wrong: readonly Case[] = [
  ['\\boxed{[1,2)}', '(1,2)'],
  ['\\boxed{(1,2)}', '(2,1)'],
  ['\\boxed{x^{23}}', 'x^23'],
  ['\\boxed{21\\frac{1}{2}}', '2\\frac{1}{2}'],
  ['\\boxed{\\{1,2\\}}', '(1,2)'],
  ['\\boxed{5}', '-5'],
  ['\\boxed{1,000}', '1'],
  ['\\boxed{12}', '1,2'],
  ['\\boxed{\\{1,1,2\\}}', '\\{1,2,2\\}'],
  ['\\boxed{\\frac{1}{2}}', '\\frac{2}{1}'],
  ['\\boxed{7\\text{ AM}}', '7\\text{ PM}'],
  ['\\boxed{(1,2),(3,4)}', '(2,1),(3,4)'],
  ['\\boxed{\\text{ab} = 5}', '5'],
  ['\\boxed{10_{\\text{five}}}', '10_{\\text{six}}'],
  ['\\boxed{1\\frac{1}{0}}', '2\\frac{1}{0}'],
];

const pieces = fc.constantFrom(
  ...[
    '\\frac',
    '\\sqrt',
    '\\text{',
    '\\boxed{',
    '{',
    '}',
    '(',
    ')',
    '[',
    ']',
    '\\{',
    '\\}',
    ',',
    '1',
    '12',
    'x',
  ],
  ...['/', '=', '\\in', '$', '%', '^', '\\circ', ' ', '.', '-', '\\pi', '\\!', '\\(', '\\)'],
);
const expressions = fc.array(pieces, { maxLength: 40 }).map((parts) => parts.join(''));

describe('gradeMath', () => {
  test.each(right)('%s is %s', (answer, target) => {
    expect(gradeMath(answer, [target])).toBe(true);
  });

  test.each(wrong)('%s is not %s', (answer, target) => {
    expect(gradeMath(answer, [target])).toBe(false);
  });

  test('is the same either way round, whatever is written', () => {
    fc.assert(
      fc.property(expressions, expressions, (a, b) => {
        expect(gradeMath(a, [b])).toBe(gradeMath(b, [a]));
      }),
    );
  });

  test('is fast on long nested expressions', () => {
    const start = performance.now();
    for (const piece of [
      '\\frac',
      '\\frac{',
      '\\sqrt{\\frac',
      '(1,',
      '1,',
      '\\{',
      '\\text{a}',
      'x = ',
    ]) {
      gradeMath(piece.repeat(2000), [piece.repeat(1999)]);
    }
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
