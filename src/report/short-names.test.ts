import fc from 'fast-check';
import { expect, it } from 'vitest';
import { describePrefixes, shortNames } from './index.ts';

it('takes away what all begin with, up to a separator', () => {
  expect(shortNames(['run/step104', 'run/step182'])).toEqual({
    prefix: 'run/',
    names: ['step104', 'step182'],
  });
  for (const names of [
    [],
    ['run/step104'],
    ['a/b', 'a/c'],
    ['step104', 'step182'],
    ['runs/', 'runs/a'],
  ]) {
    expect(shortNames(names)).toEqual({ prefix: '', names });
  }
});

it('loses nothing, and leaves no name empty', () => {
  const name = fc.string({
    unit: fc.constantFrom('a', '/', '-', '😀', '\n'),
    minLength: 1,
    maxLength: 12,
  });
  fc.assert(
    fc.property(fc.array(name), (given) => {
      const { prefix, names } = shortNames(given);
      expect(names.map((rest) => prefix + rest)).toEqual(given);
      expect(names).not.toContain('');
    }),
  );
});

it('says what was taken away once where it is the same', () => {
  const of = (prefix: string, label = 'rows'): { label: string; prefix: string } => ({
    label,
    prefix,
  });
  expect(describePrefixes(of(''), of(''))).toBe(null);
  expect(describePrefixes(of('runs/'), of('runs/'))).toBe('all names begin with runs/');
  expect(describePrefixes(of('runs/'), of('', 'tasks'))).toBe('rows: names begin with runs/');
  expect(describePrefixes(of('runs/'), of('mmlu_', 'tasks'))).toBe(
    'rows: names begin with runs/; tasks: names begin with mmlu_',
  );
});
