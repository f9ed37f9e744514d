import { describe, expect, test } from 'vitest';
import type { OutcomeRecord } from './record.ts';
import { createNativeImporters } from './native-importer.ts';
import type { Table, TableFormat } from './table.ts';
import { record } from './testing/record.ts';

const row = {
  suite: 's',
  task: 't',
  item: 'i',
  checkpoint: 'run/step1',
  k: 3,
  n: 10,
  run: 'run',
  step: 1,
};

function importer(
  format: TableFormat,
  rows: readonly Record<string, unknown>[],
  actual: TableFormat = format,
): ReturnType<typeof createNativeImporters>[number] {
  const table: Table = {
    format: actual,
    columns: Object.keys(rows[0] ?? {}),
    relation: null,
    async *rows() {
      await Promise.resolve();
      yield rows.map((values, index) => ({ row: index + 1, values }));
    },
  };
  const found = createNativeImporters(() => Promise.resolve(table)).find(
    (one) => one.format === format,
  );
  if (found === undefined) throw new Error('no importer');
  return found;
}

async function read(one: ReturnType<typeof importer>, options = {}): Promise<OutcomeRecord[]> {
  const records: OutcomeRecord[] = [];
  for await (const found of one.read('/data/x.csv', options)) records.push(found);
  return records;
}

describe('native importers', () => {
  test('find their own format by its columns', async () => {
    const scores = async (rows: Record<string, unknown>[]): Promise<number[]> =>
      Promise.all(
        (['csv', 'jsonl'] as const).map((format) => importer(format, rows, 'csv').detect('x')),
      );
    expect(await scores([row])).toEqual([1, 0]);
    expect(await scores([{ suite: 's', task: 't', checkpoint: 'c', loss: 1 }])).toEqual([1, 0]);
    expect(await scores([{ task: 't', checkpoint: 'c', k: 1, n: 1 }])).toEqual([0.3, 0]);
    expect(await scores([{ step: 1, tokens: 2, loss: 3 }])).toEqual([0, 0]);
    expect(await scores([{ task: 't', id: 'i', prompt: 'p' }])).toEqual([0, 0]);
  });

  test('read records, and tell of columns that they ignore', async () => {
    const notices: string[] = [];
    const onNotice = (notice: string): void => void notices.push(notice);
    expect(await read(importer('csv', [{ ...row, note: 'x', other: 'y' }]), { onNotice })).toEqual([
      record(),
    ]);
    expect(
      await read(importer('jsonl', [row, { ...row, item: 'j', late: 1 }]), { onNotice }),
    ).toHaveLength(2);
    expect(notices).toEqual(['columns ignored: note, other', 'columns ignored: late']);
  });

  test('name what is missing', async () => {
    await expect(read(importer('csv', [{ task: 't', item: 'i', k: 1 }]))).rejects.toThrow(
      '`x.csv`: expected the columns `suite` (or --suite), `checkpoint` (or --checkpoint), `n`, found `task`, `item`, `k` (in /data/x.csv)',
    );
    await expect(read(importer('csv', [{ ...row, n: 2 }]))).rejects.toThrow(
      '`x.csv`, row 1: expected `k` to be at most `n` (2), got 3',
    );
    await expect(read(importer('jsonl', [row, { ...row, k: 'x' }]))).rejects.toThrow(
      '`x.csv`, line 2: expected `k`',
    );
    await expect(read(importer('csv', [row], 'parquet'))).rejects.toThrow(
      '`x.csv`: expected csv, the content is parquet (in /data/x.csv)',
    );
  });

  test('options fill what rows do not say', async () => {
    const rest = { task: 't', item: 'i', k: 3, n: 10, run: 'run', step: 1 };
    expect(await read(importer('csv', [rest]), { suite: 's', checkpoint: 'run/step1' })).toEqual([
      record(),
    ]);
  });
});
