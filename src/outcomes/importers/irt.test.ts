import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRecord } from '../log/blank-record.ts';
import { describeImporter, type ReadLog, readLog } from '../testing/importer-contract.ts';
import { createIrtImporter } from './irt.ts';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/logs/', import.meta.url));
const importer = createIrtImporter();

for (const file of ['sums.jsonl', 'models.csv']) {
  describeImporter({
    name: `irt ${file}`,
    importer,
    path: join(fixtures, 'irt', file),
    foreign: join(fixtures, 'every-eval-ever/several/00000000-0000-4000-8000-000000000003.json'),
  });
}

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sonde-irt-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

function write(content: string, name = 'matrix.csv'): string {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
}

async function read(content: string, name?: string): Promise<ReadLog> {
  return readLog(importer, write(content, name));
}

describe('irt', () => {
  it('reads one subject a line; its name says which checkpoint it is', async () => {
    const { records, notices } = await readLog(importer, join(fixtures, 'irt/sums.jsonl'));
    expect(records).toHaveLength(7);
    expect(records[0]).toEqual(
      makeRecord({
        suite: 'irt',
        task: 'sums',
        item: 'sums/q1',
        checkpoint: 'olmo/step1000',
        run: 'olmo',
        step: 1000,
        k: 1,
        n: 1,
      }),
    );
    expect(records[6]).toEqual(
      makeRecord({
        suite: 'irt',
        task: 'sums',
        item: 'sums/q4',
        checkpoint: 'org/pythia@step2000',
        run: 'org/pythia',
        step: 2000,
        k: 0,
        n: 1,
      }),
    );
    expect(notices).toEqual([
      'the matrix names no task: its file’s name stands for it (`sums`)',
      '1 empty responses are left out',
    ]);
  });

  it('reads one row a model, and one row an item where the header says so', async () => {
    const cells = ({ records }: ReadLog): unknown[] =>
      records.map(({ checkpoint, item, k, kind }) => [checkpoint, item, k, kind]);
    expect(cells(await readLog(importer, join(fixtures, 'irt/models.csv')))).toEqual([
      ['olmo/step1000', 'models/q1', 1, 'count'],
      ['olmo/step1000', 'models/q,2', 0, 'count'],
      ['olmo/step2000', 'models/q1', 1, 'count'],
      ['olmo/step2000', 'models/q,2', 1, 'count'],
      ['olmo/step2000', 'models/q3', 1, 'count'],
    ]);
    const items = await readLog(importer, join(fixtures, 'irt/items.csv'));
    expect(cells(items)).toEqual([
      ['olmo/step1000', 'items/q1', 1, 'score'],
      ['olmo/step2000', 'items/q1', 0.5, 'score'],
      ['olmo/step1000', 'items/q "2"', 0, 'score'],
    ]);
    expect(items.notices).toContain(
      'some responses lie between 0 and 1: all are kept as scores, not as counts',
    );
  });

  it('takes columns that tell steps for models where the first column has no name', async () => {
    const { records } = await read(',a/step1,a/step2\nq1,1,0\n');
    expect(records.map(({ checkpoint, item }) => [checkpoint, item])).toEqual([
      ['a/step1', 'matrix/q1'],
      ['a/step2', 'matrix/q1'],
    ]);
    expect((await read(',q1,q2\nm,1,0\n')).notices).toContain(
      'the first column has no name: its rows are read as models; name it `item` where they are questions',
    );
  });

  it.each([
    ['records', 'checkpoint,suite,task,item,k,n\na/step1,s,t,i,1,1\n'],
    ['records without items', 'suite,task,checkpoint,loss\ns,t,a/step1,0.5\n'],
    ['fitted parameters', ',a,b\nq1,0.5,0.25\n'],
    ['another table', 'name,age\nx,1\n'],
    ['values out of bounds', 'model,q1\nx,7\n'],
    ['JSONL of another kind', '{"subject_id": "a", "answers": {"q1": 1}}\n'],
    ['JSONL of records', '{"suite":"s","task":"t","item":"i","checkpoint":"c","k":1,"n":1}\n'],
    ['no rows', 'model,q1\n'],
  ])('does not take %s for responses', async (_, content) => {
    expect(await importer.detect(write(content))).toBe(0);
  });

  it('is less sure of what may be results of whole tasks', async () => {
    expect(await importer.detect(write('model,arc,mmlu\nllama,0.5,0.25\n'))).toBe(0.3);
    expect(await importer.detect(write('model,q1,q2\nllama,1,0\n'))).toBe(1);
  });

  it.each([
    [
      'model,q1\nm,1\nn,2\n',
      'matrix.csv',
      '`matrix.csv`, line 3, column `q1`: expected a response from 0 (wrong) to 1 (right), or none, got "2"',
    ],
    ['model,q1\nm,1,1\nn,2\n', 'matrix.csv', '`matrix.csv`, line 2: expected 2 columns, found 3'],
    ['model,q1\nm,1\nn\n', 'matrix.csv', '`matrix.csv`, line 3: expected 2 columns, found 1'],
    ['model,q1,q1\nm,1,1\n', 'matrix.csv', '`matrix.csv`, line 1: the column `q1` stands twice'],
    ['model,q1\nm,1\nm,0\n', 'matrix.csv', '`matrix.csv`, line 3: `m` stands twice: keep one'],
    [
      '{"subject_id": "a", "responses": {"q1": 1}}\n{"responses": {}}\n',
      'lines.jsonl',
      '`lines.jsonl`, line 2: expected `subject_id`, found none',
    ],
    [
      '{"subject_id": "a", "responses": {"q1": 1, "q2": "x"}}\n',
      'lines.jsonl',
      '`lines.jsonl`, line 1, item `q2`: expected a response from 0 (wrong) to 1 (right), or none, got "x"',
    ],
    [
      '{"subject_id": "a", "responses": {"q1": 1}}\n{"subject_id": "a", "responses": {}}\n',
      'lines.jsonl',
      '`lines.jsonl`, line 2: subject `a` stands twice: keep one',
    ],
  ])('refuses %j', async (content, name, message) => {
    await expect(read(content, name)).rejects.toThrow(message);
  });

  it('reads tens of thousands of columns', async () => {
    const columns = Array.from({ length: 30_000 }, (_, index) => `item-${index}`);
    const row = columns.map((_, index) => index % 2).join(',');
    const path = write(`model,${columns.join(',')}\nrun/step1,${row}\n`, 'wide.csv');
    expect(await importer.detect(path)).toBe(1);
    const { records } = await readLog(importer, path);
    expect(records).toHaveLength(30_000);
    expect(records[29_999]).toMatchObject({ item: 'wide/item-29999', k: 1 });
  });
});
