/** Real logs of lighteval: what is read of them gives the accuracies that lighteval wrote. */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createImporters, type Importer } from '../../src/outcomes/index.ts';
import { readLog } from '../../src/outcomes/testing/importer-contract.ts';
import { openStore, type Store } from '../../src/store/index.ts';

const logs = fileURLToPath(new URL('../../../shared/data/eval-logs/lighteval/', import.meta.url));

let dir = '';
let store: Store;
let importer: Importer;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'sonde-lighteval-'));
  store = await openStore(join(dir, 'store'));
  const found = createImporters(store.openTable).find(({ format }) => format === 'lighteval');
  if (found === undefined) throw new Error('no importer of lighteval');
  importer = found;
});
afterAll(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true });
});

function files(ending: string): string[] {
  const all = readdirSync(logs, { recursive: true, encoding: 'utf8' });
  return all.filter((name) => name.endsWith(ending)).map((name) => join(logs, name));
}

test('details: every accuracy is recomputed', async () => {
  const paths = files('.parquet');
  expect(paths).toHaveLength(2);
  const cells: string[] = [];
  for (const path of paths) {
    expect(await importer.detect(path)).toBe(1);
    const log = await readLog(importer, path);
    expect(log.questions).toHaveLength(2);
    for (const { task, filter, accuracy } of log.claims) {
      const own = log.records.filter((one) => one.task === task && one.filter === filter);
      expect(own).toHaveLength(2);
      const mean = own.reduce((sum, { k, n }) => sum + (k ?? NaN) / (n ?? NaN), 0) / own.length;
      expect(Math.abs(mean - accuracy)).toBeLessThanOrEqual(1e-9);
      cells.push(`${task} ${filter ?? ''}`);
    }
  }
  expect(cells.sort()).toEqual(['anli:r1|0 acc', 'squad_v2|0 em']);
});

test('results: tasks, groups and averages', async () => {
  const path = files('03-44-18.458309.json')[0] ?? '';
  const { records } = await readLog(importer, path);
  const checkpoint = 'HuggingFaceTB/SmolLM2-1.7B-Instruct';
  expect(new Set(records.map((record) => record.checkpoint))).toEqual(new Set([checkpoint]));
  expect(
    records.map(({ task, filter, k, n, loss, lossUnit, fewShot }) => [
      task,
      filter,
      k,
      n,
      loss,
      lossUnit,
      fewShot,
    ]),
  ).toEqual([
    ['mmlu:abstract_algebra|5', 'acc', 31, 100, null, null, 5],
    ['mmlu:anatomy|5', 'acc', 60, 135, null, null, 5],
    ['glue:cola|0', 'mcc', null, null, 0.1673623873916, 'mcc', 0],
    ['glue:cola|0', 'custom_reward', null, null, 7.25, 'custom_reward', 0],
    ['mmlu:_average|5', 'acc', 0.3772222222222222, 1, null, null, 5],
    ['all', 'acc', 0.3772222222222222, 1, null, null, null],
    ['all', 'mcc', null, null, 0.1673623873916, 'mcc', null],
    ['all', 'custom_reward', null, null, 7.25, 'custom_reward', null],
  ]);
});
