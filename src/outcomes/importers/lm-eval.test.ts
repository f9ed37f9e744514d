import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LogClaim } from '../importer.ts';
import type { OutcomeRecord } from '../record.ts';
import { describeImporter, readLog } from '../testing/importer-contract.ts';
import { createLmEvalImporter } from './lm-eval.ts';

const fixtures = join(import.meta.dirname, '../../../test/fixtures/logs/lm-eval');
const model = 'tiny-olmo3__d128L4__stage1-step2604-tokens24M';
const date = '2026-01-02T03-04-05.678901';
const run = (...parts: string[]): string => join(fixtures, ...parts);
const samples = (folder: string, task: string): string =>
  run(folder, model, `samples_${task}_${date}.jsonl`);
const importer = createLmEvalImporter();
const foreign = run('0.4.13', 'VERSIONS.json');

describe.each([
  ['samples', samples('0.4.13/generated', 'max_repeats')],
  ['samples of multiple choice', samples('0.4.13/choices', 'sum_choice')],
  ['samples without filter', samples('0.4.3/mixed', 'max_two_filters')],
  [
    'samples as an array',
    run('0.4.0/mixed', `pretrained__${model},dtype__float32_max_two_filters.jsonl`),
  ],
  ['results', run('0.4.13/choices', model, `results_${date}.json`)],
  ['results of 0.3', run('0.3', 'results.json')],
])('%s', (name, path) => {
  describeImporter({ name: `lm-eval ${name}`, importer, path, foreign });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'VERSIONS.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** The mean over the questions of each task and filter, as the harness's own numbers are compared with it. */
function means(records: readonly OutcomeRecord[]): Map<string, number> {
  const cells = new Map<string, number[]>();
  for (const { item, task, filter, kind, k, n } of records) {
    if (item === null || k === null || n === null) continue;
    const key = `${task} ${String(filter)}`;
    cells.set(key, [...(cells.get(key) ?? []), kind === 'count' ? k / n : k]);
  }
  return new Map(
    [...cells].map(([key, all]) => [key, all.reduce((a, b) => a + b, 0) / all.length]),
  );
}

const keyOf = ({ task, filter }: LogClaim): string => `${task} ${String(filter)}`;

describe('lm-eval: what the harness wrote itself', () => {
  it('comes out of the rows, for every task, metric and filter of every version', async () => {
    const compared: string[] = [];
    for (const path of filesBelow(fixtures)) {
      const { records, claims } = await readLog(importer, path);
      const own = means(records);
      for (const claim of claims) {
        expect(own.get(keyOf(claim))).toBeCloseTo(claim.accuracy, 12);
        compared.push(keyOf(claim));
      }
    }
    expect(compared.sort()).toEqual(
      [
        'max_last acc,none',
        'max_mean exact_match,every',
        'max_repeats exact_match,none',
        'max_repeats exact_match,none',
        ...Array.from({ length: 4 }, () => 'max_two_filters exact_match,flexible-extract'),
        ...Array.from({ length: 4 }, () => 'max_two_filters exact_match,strict-match'),
        'max_score overlap,none',
        'max_vote exact_match,maj@4',
        'max_vote exact_match,score-first',
        ...Array.from({ length: 3 }, () => 'sum_choice acc,none'),
        ...Array.from({ length: 3 }, () => 'sum_choice acc_norm,none'),
        'sum_choice_more acc,none',
        'two_contexts acc,none',
      ].sort(),
    );
  });

  it('is accounted for, file by file', async () => {
    const passedOver: unknown[] = [];
    for (const path of filesBelow(fixtures)) {
      expect(await importer.detect(path)).toBe(1);
      const reason = await importer.passOver?.(path);
      if (reason !== null) passedOver.push(reason);
    }
    expect(passedOver).toEqual([
      '`word_perplexity`, `byte_perplexity`, `bits_per_byte`: of whole tasks, the results file has them',
    ]);
  });

  it('reads samples with the results of the same hour, and results alone', async () => {
    const path = samples('0.4.13/chat', 'max_two_filters');
    const results = run('0.4.13/chat', model, `results_${date}.json`);
    expect(await importer.companions?.(path)).toEqual([results]);
    expect(await importer.companions?.(results)).toEqual([]);
  });
});
