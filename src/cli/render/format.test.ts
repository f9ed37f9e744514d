import { expect, it } from 'vitest';
import { bytes, count, duration, fixed, flops, points } from './format.ts';
import { renderTable } from './table.ts';

it('writes numbers as a person reads them', () => {
  expect([points(0.8234), points(0.5, 0), points(null)]).toEqual(['82.3', '50', '–']);
  expect([fixed(0.12345), fixed(null)]).toEqual(['0.123', '–']);
  expect([count(999), count(854_144), count(999_600), count(7.2e9), count(null)]).toEqual([
    '999',
    '854k',
    '1.0M',
    '7.2B',
    '–',
  ]);
  expect([flops(1.22988864208896e14), flops(null)]).toEqual(['1.23e14', '–']);
  expect([0.44, 12.3, 200, 7500].map(duration)).toEqual([
    '0.4 s',
    '12 s',
    '3 min 20 s',
    '2 h 5 min',
  ]);
  expect([bytes(12), bytes(10_752_000), bytes(1.25e9)]).toEqual(['12 B', '11 MB', '1.3 GB']);
});

it('lines tables up and keeps control characters of names away from the terminal', () => {
  const table = renderTable(
    [{ title: 'task', align: 'left' }, { title: 'n' }],
    [
      ['a\u001b[31m', '1'],
      ['long name', '200'],
    ],
  );
  expect(table).toBe('task         n\na\u{FFFD}[31m       1\nlong name  200');
});
