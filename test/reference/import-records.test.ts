import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { importRecords } from '../../src/jobs/index.ts';
import { joinOutcomes } from '../../src/outcomes/index.ts';
import { openStore, type Store } from '../../src/store/index.ts';
import { loadSuite } from '../../src/suite/index.ts';

const data = (path: string): string =>
  fileURLToPath(new URL(`../../../shared/data/${path}`, import.meta.url));

let dir = '';
let store: Store;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'reference-'));
  store = await openStore(dir);
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

test.each([
  ['tiny-olmo3/outcomes.csv', { checkpoints: 20, tasks: 15, items: 2100, samples: 4_200_000 }],
  [
    'public/outcomes/pythia-arithmetic.csv',
    { checkpoints: 42, tasks: 2, items: 1000, samples: 2_100_000 },
  ],
  [
    'public/outcomes/pythia-evals.csv',
    { checkpoints: 224, tasks: 130, items: 0, samples: 9_354_945 },
  ],
  ['public/outcomes/olmo-ladder.csv', { checkpoints: 27, tasks: 40, items: 0, samples: 580 }],
])('%s imports whole, and again changes nothing', async (name, counts) => {
  const path = data(name);
  const imported = { path, format: 'csv', status: 'imported', reason: null, ...counts };
  expect(await importRecords(store, path)).toEqual({ files: [imported] });
  expect(await importRecords(store, path)).toMatchObject({ files: [{ status: 'skipped' }] });
});

test('accuracies of the series are those of its README', async () => {
  const rows = await store.outcomes.status({ suite: 'tiny' });
  const series = new Map<string, number[]>();
  for (const { checkpoint, accuracy } of rows) {
    if (!checkpoint.startsWith('d128L4/')) continue;
    series.set(checkpoint, [...(series.get(checkpoint) ?? []), accuracy ?? Number.NaN]);
  }
  const means = [...series.values()].map(
    (values) => values.reduce((a, b) => a + b, 0) / values.length,
  );
  const rounded = means.map((mean) => Number(mean.toFixed(2))).sort((a, b) => a - b);
  const readme = [
    0, 0.01, 0.13, 0.15, 0.18, 0.23, 0.31, 0.45, 0.55, 0.64, 0.76, 0.82, 0.63, 0.64, 0.65,
  ];
  expect(rounded).toEqual(readme.sort((a, b) => a - b));
});

test('every outcome of the series joins its suite by name', async () => {
  const suite = await loadSuite(data('tiny-olmo3/suite'));
  const joined = joinOutcomes(suite, await store.outcomes.list({ suite: suite.name }), 'prompt');
  expect(joined).toMatchObject({
    joinedByName: 42_000,
    joinedByHash: 0,
    refused: [],
    taskLevel: 0,
  });
  expect(joined.byCheckpoint.size).toBe(20);
});
