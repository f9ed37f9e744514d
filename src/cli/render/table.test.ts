import { expect, it } from 'vitest';
import { type Column, renderTable } from './table.ts';

const columns: Column[] = [{ title: 'task', align: 'left' }, { title: 'n' }, { title: 'é 漢字' }];

/** Rows of different widths, wide characters among them; the widest stands last. */
const rowsOf = (count: number): string[][] =>
  Array.from({ length: count }, (_, index) => [
    `task ${'x'.repeat(index % 7)}${index === count - 1 ? ' with the longest name 漢字' : ''}`,
    `${index}`,
    index % 3 === 0 ? '漢'.repeat(index % 5) : '–',
  ]);

it('lines thousands of rows up as it does a few', () => {
  const many = renderTable(columns, rowsOf(1000)).split('\n');
  expect(many).toHaveLength(1001);
  const few = renderTable(columns, [...rowsOf(1000).slice(0, 20), rowsOf(1000).at(-1)!]);
  const lines = few.split('\n');
  expect(many.slice(0, 21)).toEqual(lines.slice(0, 21));
  expect(many.at(-1)).toBe(lines.at(-1));
});

it('cuts what is too wide in its middle, the last column alone goes on', () => {
  const [, line = ''] = renderTable(
    [
      { title: 'name', align: 'left' },
      { title: 'reason', align: 'left' },
    ],
    [[`a${'x'.repeat(5000)}/step10`, 'y'.repeat(300)]],
  ).split('\n');
  expect(line).toBe(`a${'x'.repeat(119)}…${'x'.repeat(32)}/step10  ${'y'.repeat(300)}`);
});
