import { describe, expect, it } from 'vitest';
import {
  byteSize,
  commaList,
  numbersOrRange,
  oneOf,
  realNumber,
  wholeNumber,
} from './option-parsers.ts';

describe('option parsers', () => {
  it('read numbers in any form', () => {
    expect(wholeNumber('--samples', { min: 1 })('1e2')).toBe(100);
    expect(realNumber('--top-p', { min: 0, max: 1 })('.7')).toBe(0.7);
  });

  it.each(['', ' ', 'ten', '1.5', 'NaN', 'Infinity', '0x', '-1', '9007199254740993'])(
    'refuse %j as a whole number',
    (text) => {
      expect(() => wholeNumber('--samples', { min: 0 })(text)).toThrow(
        `--samples: expected a whole number from 0 up, got \`${text}\``,
      );
    },
  );

  it('refuse numbers out of range, naming it', () => {
    expect(() => realNumber('--holdout', { min: 0, max: 0.9 })('1')).toThrow(
      '--holdout: expected a number from 0 to 0.9, got `1`',
    );
    expect(() => realNumber('--x', { max: 1 })('2')).toThrow(
      '--x: expected a number up to 1, got `2`',
    );
  });

  it('read lists, and refuse empty and repeated parts', () => {
    expect(commaList('--tasks')('a, b')).toEqual(['a', 'b']);
    expect(() => commaList('--tasks')('a,')).toThrow(
      '--tasks: expected names separated by commas, got `a,`',
    );
    expect(() => commaList('--tasks')('a,b,a')).toThrow('--tasks: `a` is named twice');
  });

  it('read one of a few words', () => {
    const parse = oneOf('--dtype', ['f32', 'bf16']);
    expect(parse('bf16')).toBe('bf16');
    expect(() => parse('f8')).toThrow('--dtype: expected one of f32, bf16, got `f8`');
  });

  it('read numbers, or a range in equal factors that ends exactly', () => {
    const parse = numbersOrRange('--target-flops');
    expect(parse('1e20')).toEqual([1e20]);
    expect(parse('1e20, 3e20')).toEqual([1e20, 3e20]);
    const range = parse('1e20:1e22:3');
    expect(range[1]! / 1e21).toBeCloseTo(1, 12);
    expect([range[0], range[2]]).toEqual([1e20, 1e22]);
  });

  it.each([
    '',
    '0',
    '-1',
    '1e20,',
    'many',
    '1:2',
    '2:1:3',
    '1:2:1',
    '1:2:2.5',
    '1:2:3:4',
    '1:2:1e6',
  ])('refuse %j as numbers or a range', (text) => {
    expect(() => numbersOrRange('--target-flops')(text)).toThrow(
      '--target-flops: expected numbers above 0',
    );
  });
});

it.each([
  ['2GB', 2e9],
  ['512MiB', 2 ** 29],
  [' 1.5 gib ', 1.5 * 2 ** 30],
  ['800 kb', 8e5],
])('a size: %s', (text, bytes) => {
  expect(byteSize('--memory')(text)).toBe(bytes);
});

it.each(['2', '2 apples', '0GB', '-1GB', '', 'GB', '1.2.3GB', '1e3GB'])('no size: %j', (text) => {
  expect(() => byteSize('--memory')(text)).toThrow(
    `--memory: expected a size such as 2GB or 512MiB, got \`${text}\``,
  );
});
