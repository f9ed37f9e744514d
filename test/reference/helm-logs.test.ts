/** Real runs of HELM: what is read of them gives the accuracies that HELM wrote. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createImporters, type Importer } from '../../src/outcomes/index.ts';
import { readLog } from '../../src/outcomes/testing/importer-contract.ts';

const logs = fileURLToPath(new URL('../../../shared/data/eval-logs/helm/', import.meta.url));

function helm(): Importer {
  const found = createImporters(() => Promise.resolve(null)).find(
    ({ format }) => format === 'helm',
  );
  if (found === undefined) throw new Error('no importer of HELM');
  return found;
}

test.each([
  { run: 'commonsense-dataset=hellaswag', cells: 8, records: 80, questions: 10 },
  { run: 'mmlu-subject=philosophy', cells: 16, records: 80, questions: 10 },
])('$run', async ({ run, cells, records, questions }) => {
  const folder = readdirSync(logs).find((name) => name.startsWith(run)) ?? '';
  const log = await readLog(helm(), join(logs, folder, 'per_instance_stats.json'));
  expect(log.records).toHaveLength(records);
  expect(log.questions).toHaveLength(questions);
  expect(log.claims).toHaveLength(cells);
  for (const { task, filter, accuracy } of log.claims) {
    const own = log.records.filter((one) => one.task === task && one.filter === filter);
    const mean = own.reduce((sum, { k, n }) => sum + (k ?? NaN) / (n ?? NaN), 0) / own.length;
    expect(Math.abs(mean - accuracy), `${task} ${filter ?? ''}`).toBeLessThanOrEqual(1e-9);
  }
});

test('every file of a run is accounted for', async () => {
  const importer = helm();
  for (const folder of readdirSync(logs)) {
    for (const name of readdirSync(join(logs, folder))) {
      const path = join(logs, folder, name);
      expect(await importer.detect(path), path).toBe(1);
      const reason =
        name === 'per_instance_stats.json' ? null : 'read with per_instance_stats.json';
      expect(await importer.passOver?.(path), path).toBe(reason);
    }
  }
});
