import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { makeRecord } from '../../log/blank-record.ts';
import { readLog } from '../../testing/importer-contract.ts';
import { createLmEvalImporter } from '../lm-eval.ts';
import { modelOf } from './model.ts';

const fixtures = join(import.meta.dirname, '../../../../test/fixtures/logs/lm-eval');
const importer = createLmEvalImporter();
const scratch = mkdtempSync(join(tmpdir(), 'sonde-lm-eval-run-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

const model = 'tiny-olmo3__d128L4__stage1-step2604-tokens24M';
const results = (folder: string): string =>
  join(fixtures, folder, model, 'results_2026-01-02T03-04-05.678901.json');

describe('results files', () => {
  it('say which values are NaN', async () => {
    const path = join(scratch, 'results_2026-01-01T00-00-00.000000.json');
    writeFileSync(
      path,
      '{"results": {"t": {"acc,none": NaN, "acc_stderr,none": NaN, "f1,none": 0.5, "em,none": NaN}}, "versions": {"t": 1}, "config": {"model": "hf", "model_args": "pretrained=o/m"}}',
    );
    const { records, notices } = await readLog(importer, path);
    expect(records.map(({ filter }) => filter)).toEqual(['f1,none']);
    expect(notices).toEqual(['task `t`: the value of acc,none and em,none is NaN and left out']);
  });

  it('of 0.3 tell no numbers of questions: accuracies are scores, losses are losses', async () => {
    const pythia = {
      suite: 'lm-eval',
      checkpoint: 'EleutherAI/pythia-1b-deduped@step143000',
      run: 'EleutherAI/pythia-1b-deduped',
      step: 143000,
      fewShot: 0,
    };
    const { records } = await readLog(importer, join(fixtures, '0.3/results.json'));
    expect(records).toEqual(
      [
        { task: 'lambada_openai', filter: 'ppl', loss: 26.02103896885129, lossUnit: 'perplexity' },
        { task: 'lambada_openai', filter: 'acc', kind: 'score', k: 0.3790025228022511, n: 1 },
        {
          task: 'wikitext',
          filter: 'word_perplexity',
          loss: 31.25,
          lossUnit: 'perplexity per word',
        },
        {
          task: 'wikitext',
          filter: 'byte_perplexity',
          loss: 1.904,
          lossUnit: 'perplexity per byte',
        },
        { task: 'wikitext', filter: 'bits_per_byte', loss: 0.929, lossUnit: 'bits per byte' },
        {
          task: 'crows_pairs_english',
          filter: 'likelihood_difference',
          loss: 3.4074985092426955,
          lossUnit: 'likelihood_difference',
        },
        {
          task: 'crows_pairs_english',
          filter: 'pct_stereotype',
          kind: 'score',
          k: 0.629695885509839,
          n: 1,
        },
      ].map((given) => makeRecord({ ...pythia, ...given } as never)),
    );
  });

  it('of 0.4 tell them: right answers are counted, of groups too', async () => {
    const { records } = await readLog(importer, results('0.4.13/choices'));
    const tiny = {
      ...{ suite: 'lm-eval', checkpoint: 'd128L4/stage1-step2604-tokens24M', run: 'd128L4' },
      ...{ stage: 'pretrain', step: 2604, params: 952448, chatTemplate: 'none' },
    };
    expect(records.slice(0, 5)).toEqual([
      makeRecord({ ...tiny, task: 'sums', filter: 'acc,none', k: 6, n: 10 }),
      makeRecord({ ...tiny, task: 'sum_choice', filter: 'acc,none', fewShot: 1, k: 2, n: 4 }),
      makeRecord({ ...tiny, task: 'sum_choice', filter: 'acc_norm,none', fewShot: 1, k: 2, n: 4 }),
      makeRecord({ ...tiny, task: 'sum_choice_more', filter: 'acc,none', fewShot: 0, k: 4, n: 6 }),
      makeRecord({
        ...{ ...tiny, task: 'sum_choice_more', filter: 'f1,none', fewShot: 0 },
        ...{ kind: 'score', k: 0.8, n: 6 },
      }),
    ]);
  });

  it('name the chat template by its hash', async () => {
    const { records } = await readLog(importer, results('0.4.13/chat'));
    expect(new Set(records.map(({ chatTemplate }) => chatTemplate))).toEqual(
      new Set(['15ef767bc5a53743c2e0e34c3158311d4a04b56b4cdbce30a539b6168479fe55']),
    );
  });

  it('are no other documents that have `results`', async () => {
    const path = join(scratch, 'other.json');
    const write = (document: unknown): void => writeFileSync(path, JSON.stringify(document));
    write({ results: { t: { acc: 1 } }, versions: { t: 0 }, config: { model: 'hf' } });
    expect(await importer.detect(path)).toBe(1);
    write({ results: { t: { acc: 1 } }, versions: { t: 0 } });
    expect(await importer.detect(path)).toBe(0);
    write({ results: [], versions: {}, config: { model: 'hf' } });
    expect(await importer.detect(path)).toBe(0);
    await expect(readLog(importer, path)).rejects.toThrow(
      '`other.json`: expected results of lm-evaluation-harness (`results`, `versions`, `config.model`), it has none',
    );
  });
});

describe('modelOf', () => {
  const args = (model_args: unknown, more = {}): unknown =>
    modelOf({ model: 'hf', model_args, ...more });
  it.each([
    ['pretrained=a/b,revision=step10,dtype=float32', { name: 'a/b', revision: 'step10' }],
    [
      { pretrained: 'a/b', revision: 'step10', subfolder: 'x' },
      { name: 'a/b/x', revision: 'step10' },
    ],
    ['pretrained=a/b,peft=c/d,revision=step10', { name: 'c/d', revision: null }],
    ['model=m,base_url=http://x/v1?a=b', { name: 'm', revision: null }],
    ['', { name: 'hf', revision: null }],
    [null, { name: 'hf', revision: null }],
  ])('reads %j', (given, expected) => {
    expect(args(given)).toEqual(expected);
  });

  it('takes the revision that the harness found', () => {
    expect(args('pretrained=a/b', { model_revision: 'main' })).toEqual({
      name: 'a/b',
      revision: 'main',
    });
  });
});
