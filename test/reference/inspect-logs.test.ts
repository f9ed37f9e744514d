/** Real logs of Inspect: what is read of them gives the accuracies that Inspect wrote. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { createImporters, type Importer } from '../../src/outcomes/index.ts';
import { readLog } from '../../src/outcomes/testing/importer-contract.ts';

const logs = fileURLToPath(new URL('../../../shared/data/eval-logs/inspect/', import.meta.url));

function inspect(): Importer {
  const found = createImporters(() => Promise.resolve(null)).find(
    ({ format }) => format === 'inspect',
  );
  if (found === undefined) throw new Error('no importer of Inspect');
  return found;
}

test('every accuracy is recomputed, every question kept', async () => {
  let cells = 0;
  let questions = 0;
  for (const name of readdirSync(logs)) {
    const log = await readLog(inspect(), join(logs, name));
    questions += log.questions.length;
    for (const { task, filter, accuracy } of log.claims) {
      const own = log.records.filter((one) => one.task === task && one.filter === filter);
      const mean = own.reduce((sum, { k, n }) => sum + (k ?? NaN) / (n ?? NaN), 0) / own.length;
      expect(Math.abs(mean - accuracy), `${name} ${filter ?? ''}`).toBeLessThanOrEqual(1e-9);
      cells += 1;
    }
  }
  expect([cells, questions]).toEqual([3, 11]);
});

/** Cut down by whoever published them: the results are about more samples than the log holds, or about all of none. */
test.each([
  {
    name: 'data_intercode_ctf_local_path.json',
    items: ['inspect_evals/gdm_intercode_ctf/0', null],
    values: [0, 0.35443037974683544],
    notices: [
      'the log holds 1 of the 79 samples that its results are about: these are kept as the task’s, the rows beside them',
      'questions are kept as messages: the log does not hold the chat template around them',
    ],
  },
  { name: 'data_with_llm_scoring.json', items: [null], values: [0.431], notices: [] },
])('$name', async ({ name, items, values, notices }) => {
  const log = await readLog(inspect(), join(logs, name));
  expect(log.records.map(({ item }) => item)).toEqual(items);
  expect(log.records.map(({ k, n }) => (k ?? NaN) / (n ?? NaN))).toEqual(values);
  expect(log.claims).toEqual([]);
  expect(log.notices).toEqual(notices);
});
