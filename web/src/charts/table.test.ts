import { expect, it } from 'vitest';
import { toCsv } from './table.ts';

it('writes rows as a spreadsheet reads them, and no formula', () => {
  const table = {
    columns: ['task', 'accuracy'],
    rows: [
      ['add, "small"', 0.5],
      ['=1+1', null],
    ],
  };
  expect(toCsv(table)).toBe('task,accuracy\r\n"add, ""small""",0.5\r\n\'=1+1,\r\n');
});
