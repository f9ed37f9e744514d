import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEveryEvalEverImporter } from '../importers/every-eval-ever.ts';
import { makeRecord } from '../log/blank-record.ts';
import type { OutcomeRecord } from '../record.ts';
import { readLog } from '../testing/importer-contract.ts';
import { toAggregateDocument, toInstanceRow } from './export.ts';
import type { EvaluationGiven, SampleTexts } from './export.ts';
import { sampleHash } from './sample-hash.ts';

const importer = createEveryEvalEverImporter();
const given: EvaluationGiven = {
  suite: 'tiny',
  model: {
    checkpoint: 'a/b/run/step1000',
    run: 'run',
    step: 1000,
    tokens: 4_096_000,
    flops: 1.5e18,
  },
  retrieved: 1_767_323_045.7,
  version: '0.1.0',
  organization: 'tiny-org',
};
const none = { tasks: [], wholeTasks: [], samples: null };
const noTexts: SampleTexts = { question: null, answers: [] };

let dir = '';
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'sonde-export-'));
});
afterAll(() => rmSync(dir, { recursive: true }));

type Answered = OutcomeRecord & { item: string; k: number; n: number };

function answered(more: Partial<OutcomeRecord>): Answered {
  return makeRecord({
    suite: 'tiny',
    task: 'add',
    item: 'add/1',
    checkpoint: given.model.checkpoint,
    run: 'run',
    step: 1000,
    tokens: 4_096_000,
    flops: 1.5e18,
    k: 13,
    n: 64,
    ...more,
  }) as Answered;
}

async function readBack(records: readonly Answered[], texts = noTexts): Promise<OutcomeRecord[]> {
  const path = join(dir, 'x_samples.jsonl');
  const rows = records.map((record) => JSON.stringify(toInstanceRow(given, record, texts)));
  writeFileSync(path, `${rows.join('\n')}\n`);
  return (await readLog(importer, path)).records;
}

describe('toInstanceRow', () => {
  it('writes what the schema asks for', () => {
    const texts: SampleTexts = {
      question: { prompt: '1 + 1 =', messages: null, target: ['2'], choices: null },
      answers: [{ text: ' 2', extracted: '2' }],
    };
    const row = toInstanceRow(given, answered({ k: 1, n: 1, filter: 'exact_match' }), texts);
    expect(row).toEqual({
      schema_version: 'instance_level_eval_0.2.1',
      evaluation_id: 'tiny/a/b/run/step1000/1767323045',
      model_id: 'a/b/run/step1000',
      evaluation_name: 'add',
      evaluation_result_id: 'add:exact_match',
      sample_id: 'add/1',
      sample_hash: sampleHash('1 + 1 =', ['2']),
      interaction_type: 'single_turn',
      input: { raw: '1 + 1 =', reference: ['2'] },
      output: { raw: [' 2'] },
      answer_attribution: [
        {
          turn_idx: 0,
          source: 'output.raw',
          extracted_value: '2',
          extraction_method: 'exact_match',
          is_terminal: true,
        },
      ],
      evaluation: { score: 1, is_correct: true },
      metadata: {
        writer: 'sonde',
        suite: 'tiny',
        item: 'add/1',
        checkpoint: 'a/b/run/step1000',
        k: '1',
        n: '1',
        kind: 'count',
        run: 'run',
        step: '1000',
        tokens: '4096000',
        flops: '1500000000000000000',
        filter: 'exact_match',
      },
    });
  });

  it('is read back as the same records, whatever they hold', async () => {
    const maybe = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values);
    const whole = fc.integer({ min: 0, max: 1e12 });
    const text = fc.stringMatching(/^[a-zA-Zé,@:|_-][a-zA-Z0-9é,@:|_ -]{0,11}$/);
    const share = fc.double({ min: 0, max: 1, noNaN: true });
    const records = fc
      .record({
        kind: fc.constantFrom('count' as const, 'score' as const),
        task: text,
        n: fc.integer({ min: 1, max: 1e6 }),
        share,
        filter: maybe(text),
        temperature: maybe(share),
        seed: maybe(fc.integer()),
        render: maybe(fc.constantFrom('prompt', 'messages')),
        promptSha256: maybe(fc.stringMatching(/^[0-9a-f]{64}$/)),
        fewShot: maybe(fc.integer({ min: 0, max: 99 })),
        chatTemplate: maybe(text),
        documentHash: maybe(text),
        source: maybe(text),
        params: maybe(whole),
      })
      .map(({ share: value, kind, n, ...rest }) =>
        answered({ ...rest, kind, n, k: kind === 'count' ? value * n : value }),
      );
    await fc.assert(
      fc.asyncProperty(records, async (record) => {
        expect(await readBack([record])).toEqual([record]);
      }),
      { numRuns: 60 },
    );
  });

  it('keeps answers under different settings apart', async () => {
    const records = [
      answered({ seed: 1 }),
      answered({ seed: 2, k: 7 }),
      answered({ temperature: 1 }),
    ];
    expect(await readBack(records)).toEqual(records);
  });
});

describe('toAggregateDocument', () => {
  const results = [
    {
      task: 'add',
      filter: 'exact',
      kind: 'count',
      items: 8,
      samples: 512,
      accuracy: 0.25,
      standardError: 0.1,
    },
    {
      task: 'write',
      filter: null,
      kind: 'score',
      items: 4,
      samples: null,
      accuracy: 0.5,
      standardError: null,
      temperature: 1,
    },
  ] as const;

  it('is read back as records of tasks, with step and tokens', async () => {
    const path = join(dir, 'x.json');
    writeFileSync(path, JSON.stringify(toAggregateDocument(given, { ...none, tasks: results })));
    expect((await readLog(importer, path)).records).toEqual([
      makeRecord({ ...given.model, suite: 'tiny', task: 'add', filter: 'exact', k: 2, n: 8 }),
      makeRecord({
        ...given.model,
        suite: 'tiny',
        task: 'write',
        kind: 'score',
        k: 0.5,
        n: 4,
        temperature: 1,
      }),
    ]);
  });

  it('holds records of whole tasks, which are read back as they were', async () => {
    const whole = { item: null, source: 'results.json', fewShot: 5 };
    const wholeTasks = [
      answered({ ...whole, filter: 'acc,none', k: 25, n: 100, chance: 0.25 }),
      answered({ ...whole, filter: 'f1,none', kind: 'score', k: 0.5, n: 1 }),
      answered({ ...whole, task: 'pile', k: null, n: null, loss: 0.75, lossUnit: 'bits per byte' }),
      answered({ ...whole, task: 'wmt', k: null, n: null, loss: 27.5, lossUnit: 'bleu' }),
      answered({ ...whole, task: 'both', k: 3, n: 4, loss: 1.5, lossUnit: null }),
    ];
    const document = toAggregateDocument(given, { ...none, wholeTasks });
    expect(document.evaluation_results.slice(1, 4)).toMatchObject([
      {
        evaluation_result_id: 'add:f1,none:few_shot=5:whole-task',
        metric_config: { metric_name: 'f1,none', score_type: 'continuous' },
      },
      {
        evaluation_name: 'pile',
        metric_config: { metric_unit: 'bits per byte', lower_is_better: true },
        score_details: { score: 0.75 },
      },
      { metric_config: { metric_unit: 'bleu', lower_is_better: false } },
    ]);
    const path = join(dir, 'whole.json');
    writeFileSync(path, JSON.stringify(document));
    expect((await readLog(importer, path)).records).toEqual(wholeTasks);
  });

  it('leaves means of questions to the questions, where their file is there', async () => {
    const path = join(dir, 'z.json');
    const samples = { path: 'z_samples.jsonl', sha256: 'ab', rows: 1 };
    const write = (wholeTasks: readonly OutcomeRecord[]): void => {
      const document = toAggregateDocument(given, { tasks: results, wholeTasks, samples });
      writeFileSync(path, JSON.stringify(document));
    };
    write([]);
    expect(await importer.passOver?.(path)).toBeNull();
    expect((await readLog(importer, path)).records).toHaveLength(2);
    const rows = JSON.stringify(toInstanceRow(given, answered({}), noTexts));
    writeFileSync(join(dir, samples.path), rows);
    expect(await importer.passOver?.(path)).toBe(
      'its results are the means of its samples, which are read from `z_samples.jsonl`',
    );
    const whole = answered({ item: null, k: 1, n: 4 });
    write([whole]);
    expect(await importer.passOver?.(path)).toBeNull();
    expect((await readLog(importer, path)).records).toEqual([whole]);
  });

  it('stands behind the claims of its samples', async () => {
    const records = [
      answered({ filter: 'exact', k: 1, n: 4 }),
      answered({ item: 'add/2', filter: 'exact', k: 0, n: 4 }),
    ];
    const claimed = [{ ...results[0], items: 2, samples: 8, accuracy: 0.125 }];
    writeFileSync(
      join(dir, 'y.json'),
      JSON.stringify(toAggregateDocument(given, { ...none, tasks: claimed })),
    );
    const rows = records.map((record) => JSON.stringify(toInstanceRow(given, record, noTexts)));
    writeFileSync(join(dir, 'y_samples.jsonl'), rows.join('\n'));
    const log = await readLog(importer, join(dir, 'y_samples.jsonl'));
    expect(log.records).toEqual(records);
    expect(log.claims).toEqual([
      { task: 'add', checkpoint: given.model.checkpoint, filter: 'exact', accuracy: 0.125 },
    ]);
  });

  it('points to the file of its samples', () => {
    const samples = { path: 'x_samples.jsonl', sha256: 'ab', rows: 3 };
    expect(toAggregateDocument(given, { ...none, samples }).detailed_evaluation_results).toEqual({
      format: 'jsonl',
      file_path: 'x_samples.jsonl',
      hash_algorithm: 'sha256',
      checksum: 'ab',
      total_rows: 3,
    });
  });
});

describe('sampleHash', () => {
  // python: sha256(json.dumps({"raw": …, "reference": […]}, sort_keys=True, separators=(",", ":")))
  it.each([
    ['What is 2 + 2?', ['4'], '9c94305328f8e70341f9d1880f4eaa6ea7f93b8922e6a03a8cdcf1924d28db0b'],
    ['é\u007f"\n\u2028😀', [], '0cc0ef5faa07ccd9c546a75195f9d0772e6cc15fab323dae0411a52cb5448f11'],
  ])('agrees with Python (%j)', (raw, reference, hash) => {
    expect(sampleHash(raw, reference)).toBe(hash);
  });
});
