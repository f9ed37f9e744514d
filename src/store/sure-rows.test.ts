import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createImporters, type ImportOptions, outcomeColumns } from '../outcomes/index.ts';
import { openStore, type Store } from './store.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'sure-'));
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const origin = { identity: 'x', name: 'x', replace: false };

/** The outcome of one of the two ways: the stored records, the message, or null where the table was not taken. */
async function byTable(store: Store, path: string, options: ImportOptions): Promise<unknown> {
  const importer = importerOf(store, path);
  const table = (await importer?.table?.(path, options)) ?? null;
  if (table === null) return null;
  const report = await store.outcomes.writeTable(table, origin, () => Promise.resolve());
  return report === null ? null : store.outcomes.list();
}

async function byRow(store: Store, path: string, options: ImportOptions): Promise<unknown> {
  const importer = importerOf(store, path);
  if (importer === undefined) return 'no importer';
  await store.outcomes.write(importer.read(path, options), origin);
  return store.outcomes.list();
}

function importerOf(
  store: Store,
  path: string,
): ReturnType<typeof createImporters>[number] | undefined {
  const format = path.endsWith('.csv') ? 'csv' : 'jsonl';
  return createImporters(store.openTable).find((one) => one.format === format);
}

/** Both ways, each into a store of its own. */
async function both(
  name: string,
  content: string,
  options: ImportOptions = {},
): Promise<{ table: unknown; row: unknown }> {
  const path = join(dir, name);
  await writeFile(path, content);
  const own = await mkdtemp(join(dir, 'stores-'));
  await using first = await openStore(join(own, 'table'));
  await using second = await openStore(join(own, 'row'));
  const table = await byTable(first, path, options).catch((error: unknown) => String(error));
  const row = await byRow(second, path, options).catch((error: unknown) => String(error));
  return { table, row };
}

const texts = ['a', '', ' ', 'ü "x"', 'NULL', 'count', 'score', 'pretrain', 'sft', 'prompt', '5'];
const numbers = [
  '1',
  '0',
  '-1',
  '2.5',
  '1e2',
  '.5',
  '5.',
  '+3',
  '1_0',
  'inf',
  'nan',
  ' 4 ',
  '1e400',
];
const hashes = ['A'.repeat(64), '0'.repeat(64), '0'.repeat(63)];
const cell = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('1', '2', 'a', '') },
  fc.constantFrom(...texts, ...numbers, ...hashes, '9007199254740993', 'x'.repeat(4097)),
);
const columns = fc
  .uniqueArray(fc.constantFrom(...outcomeColumns.map(({ column }) => column), 'other'), {
    maxLength: 5,
  })
  .map((more) => [...new Set(['suite', 'task', 'item', 'checkpoint', 'k', 'n', ...more])]);

/** Values that make a record valid more often than not. */
const likely: Readonly<Record<string, fc.Arbitrary<string>>> = {
  suite: fc.constant('s'),
  task: fc.constantFrom('t', 'u'),
  checkpoint: fc.constantFrom('run/step1', 'run/step2'),
  k: fc.constantFrom('0', '1', '0.5'),
  n: fc.constantFrom('1', '2'),
  kind: fc.constantFrom('count', 'score', ''),
  stage: fc.constantFrom('pretrain', ''),
  render: fc.constantFrom('prompt', ''),
  prompt_sha256: fc.constantFrom('A'.repeat(64), ''),
};
const likelyOf = (name: string): fc.Arbitrary<string> =>
  likely[name] ??
  (outcomeColumns.find(({ column }) => column === name)?.type === 'text'
    ? fc.constantFrom('a', 'b ü', '')
    : fc.constantFrom('1', '0', ''));

const tables = columns.chain((names) =>
  fc.record({
    names: fc.constant(names),
    rows: fc.array(
      fc.tuple(
        ...names.map((name) =>
          fc.oneof({ weight: 30, arbitrary: likelyOf(name) }, { weight: 1, arbitrary: cell }),
        ),
      ),
      { minLength: 1, maxLength: 4 },
    ),
  }),
);

const quoted = (value: string): string => `"${value.replaceAll('"', '""')}"`;

describe('a table that is taken as a whole', () => {
  test('gives the records that its rows give, as CSV', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(tables, async ({ names, rows }) => {
        const lines = [names.join(','), ...rows.map((row) => row.map(quoted).join(','))];
        const { table, row } = await both('x.csv', `${lines.join('\n')}\n`);
        if (table === null) return;
        taken += 1;
        expect(table).toEqual(row);
      }),
      { numRuns: 40 },
    );
    expect(taken).toBeGreaterThan(5);
  });

  test('gives the records that its rows give, as JSONL', async () => {
    const asJson = (value: string): unknown =>
      /^-?\d+(\.\d+)?(e\d+)?$/.test(value) && value.length < 12 ? Number(value) : value;
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(tables, fc.boolean(), async ({ names, rows }, sparse) => {
        const lines = rows.map((row) =>
          JSON.stringify(
            Object.fromEntries(
              names.flatMap((name, at): [string, unknown][] =>
                sparse && row[at] === '' ? [] : [[name, asJson(row[at] ?? '')]],
              ),
            ),
          ),
        );
        const { table, row } = await both('x.jsonl', `${lines.join('\n')}\n`);
        if (table === null) return;
        taken += 1;
        expect(table).toEqual(row);
      }),
      { numRuns: 40 },
    );
    expect(taken).toBeGreaterThan(5);
  });

  test.each([
    ['x.csv', 'suite,task,item,checkpoint,k,n\ns,t,i,c,3,2\n', 'at most `n` (2)'],
    ['x.csv', 'suite,task,item,checkpoint,k,n\ns,t,i,c,1_0,20\n', 'row 1'],
    ['x.csv', 'suite,task,item,checkpoint,k,n\ns,t,i,c,1,2\ns,t,i,c,1,2\n', 'stands twice'],
    ['x.csv', 'suite,task,item,checkpoint,k,n\n', 'at least one'],
    ['x.jsonl', '{"suite":"s","task":"t","item":1.0,"checkpoint":"c","k":1,"n":2}\n', null],
    ['x.jsonl', '{"suite":"s","task":"t","item":"i","checkpoint":"c","k":true,"n":2}\n', 'line 1'],
    [
      'x.jsonl',
      '{"suite":"s","task":"t","item":"i","checkpoint":"c","k":1,"n":2}\n{"K":1}',
      'line',
    ],
  ])('is left to its rows where one is not sure: %s %j', async (name, content, message) => {
    const { table, row } = await both(name, content);
    expect(table).toBeNull();
    if (message !== null && message !== 'at least one') expect(row).toContain(message);
  });

  test('takes what a record lacks from the options', async () => {
    const { table, row } = await both('x.csv', 'task,item,k,n\nt,i,1,2\n', {
      suite: "it's",
      checkpoint: 'run/step7',
    });
    expect(table).toEqual(row);
    expect(table).toMatchObject([
      { suite: "it's", checkpoint: 'run/step7', item: 'i', k: 1, n: 2 },
    ]);
  });
});
