/** Logs that others made with lm-evaluation-harness and published: everything that the harness wrote comes out again. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createImporters, type Importer } from '../../src/outcomes/index.ts';
import { readLog } from '../../src/outcomes/testing/importer-contract.ts';

const logs = fileURLToPath(new URL('../../../shared/data/eval-logs/lm-eval', import.meta.url));
const importer = lmEval();
const newer = 'v0.4.9.2/results_2026-01-21T03-44-18.458309.json';

function lmEval(): Importer {
  const found = createImporters(() => Promise.resolve(null)).find(
    ({ format }) => format === 'lm-eval',
  );
  if (found === undefined) throw new Error('no importer of lm-eval');
  return found;
}

type Results = { results: Record<string, Record<string, unknown>> };

/** `task metric` → value, straight from the file. */
function written(file: string): Map<string, number> {
  const { results } = JSON.parse(readFileSync(join(logs, file), 'utf8')) as Results;
  const values = new Map<string, number>();
  for (const [task, metrics] of Object.entries(results)) {
    for (const [metric, value] of Object.entries(metrics)) {
      const isError = /_stderr(?:,|$)/.test(metric);
      if (typeof value === 'number' && !isError) values.set(`${task} ${metric}`, value);
    }
  }
  return values;
}

describe.skipIf(!existsSync(logs))('published logs of lm-evaluation-harness', () => {
  it.each([
    ['v0.3/opt-125m.results.json', 'facebook/opt-125m', 128, 1],
    [
      'v0.3/pythia-1b-deduped_step143000.zero-shot.results.json',
      'EleutherAI/pythia-v1.1-1b-deduped@step143000',
      172,
      23,
    ],
    [newer, 'RylanSchaeffer/mem_Qwen3-93M_minerva_math_rep_0_sbst_1.0000_epch_1_ot_1', 2, 0],
  ])('%s: every metric of every task', async (file, checkpoint, measures, losses) => {
    const { records } = await readLog(importer, join(logs, file));
    const expected = written(file);
    expect(new Set(records.map((one) => one.checkpoint))).toEqual(new Set([checkpoint]));
    expect(records.filter(({ loss }) => loss !== null)).toHaveLength(losses);
    expect([records.length, expected.size]).toEqual([measures, measures]);
    for (const { task, filter, kind, k, n, loss } of records) {
      const value = loss ?? (kind === 'count' ? (k ?? NaN) / (n ?? NaN) : k);
      const other = expected.get(`${task} ${String(filter)}`) ?? NaN;
      expect(Math.abs((value ?? NaN) - other)).toBeLessThanOrEqual(1e-9);
    }
  });

  it('samples: the accuracy of the rows is the harness’s own', async () => {
    const file = 'v0.4.9.2/samples_math_perturbed_full_2026-01-21T03-44-18.458309.jsonl';
    const { records, claims, questions, answers, notices } = await readLog(
      importer,
      join(logs, file),
    );
    expect(await importer.companions?.(join(logs, file))).toEqual([join(logs, newer)]);
    const mean =
      records.reduce((sum, { k, n }) => sum + (k ?? NaN) / (n ?? NaN), 0) / records.length;
    expect(claims.map(({ task, filter, accuracy }) => [task, filter, accuracy - mean])).toEqual([
      ['math_perturbed_full', 'exact_match,none', 0],
    ]);
    expect([records.length, questions.length, answers.length]).toEqual([10, 10, 10]);
    expect(notices).toEqual(['the file holds 10 of the task’s 5000 questions']);
  });
});
