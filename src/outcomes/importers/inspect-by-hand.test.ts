import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ReadLog, readLog } from '../testing/importer-contract.ts';
import { createInspectImporter } from './inspect.ts';

const whole = fileURLToPath(
  new URL('../../../test/fixtures/logs/inspect/v0.3.285/sums.eval', import.meta.url),
);
const importer = createInspectImporter();

describe('logs of Inspect that are made by hand', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sonde-inspect-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  type Json = Record<string, unknown>;
  const spec = { run_id: 'r', created: '', task: 't', task_id: 'i', model: 'hf/org/m', config: {} };
  const sample = (changes: Json = {}): Json => ({
    id: 1,
    epoch: 1,
    input: 'Q',
    target: 'A',
    messages: [
      { role: 'user', content: 'Q' },
      { role: 'assistant', content: 'A', source: 'generate' },
    ],
    output: { choices: [{ message: { role: 'assistant', content: 'A' } }] },
    scores: { match: { value: 'C', answer: 'A' } },
    ...changes,
  });
  async function read(log: Json, name = 'log.json'): Promise<ReadLog> {
    const path = join(folder, name);
    writeFileSync(path, JSON.stringify(log));
    return readLog(importer, path);
  }
  const rows = (log: ReadLog): unknown[] =>
    log.records.map(({ item: id, filter, kind, k, n }) => [id, filter, kind, k, n]);

  it('reads the scores of early 2024, with one scorer that the results name', async () => {
    const log = await read({
      version: 1,
      status: 'success',
      eval: spec,
      results: {
        scorer: { name: 'includes' },
        metrics: { accuracy: { name: 'accuracy', value: 1 } },
      },
      samples: [{ ...sample({ scores: undefined }), score: { value: 'C' } }],
    });
    expect(rows(log)).toEqual([['t/1', 'includes', 'count', 1, 1]]);
    expect(log.claims).toEqual([
      { task: 't', checkpoint: 'org/m', filter: 'includes', accuracy: 1 },
    ]);
  });

  it('keeps the wordings of a question apart, and does not hold results against them', async () => {
    const other = { messages: [{ role: 'user', content: 'Q, shuffled' }] };
    const log = await read({
      eval: spec,
      results: {
        scores: [{ name: 'match', scorer: 'match', metrics: { accuracy: { value: 0.5 } } }],
      },
      samples: [sample(), sample({ epoch: 2, ...other, scores: { match: { value: 'I' } } })],
    });
    expect(rows(log)).toEqual([
      ['t/1', 'match', 'count', 1, 1],
      ['t/1', 'match', 'count', 0, 1],
      [null, 'match', 'score', 0.5, 1],
    ]);
    expect(new Set(log.records.map((one) => one.promptSha256)).size).toBe(3);
    expect(log.notices[0]).toBe(
      '1 questions were asked in several wordings over their epochs: the outcomes of each wording are kept apart',
    );
  });

  it('has no prompt where it is no text, or lies elsewhere', async () => {
    const image = [{ role: 'user', content: [{ type: 'image', image: 'x' }] }];
    const apart = [{ role: 'user', content: 'attachment://00ff' }];
    const log = await read({
      eval: spec,
      samples: [
        sample({ messages: image }),
        sample({ id: 2, messages: apart }),
        sample({ id: 3, messages: apart, attachments: { '00ff': 'long' } }),
        sample({
          id: 4,
          messages: [],
          input: [{ role: 'user', content: [{ type: 'text', text: 'T' }] }],
        }),
      ],
    });
    expect(log.records.map((one) => [one.item, one.promptSha256 === null])).toEqual([
      ['t/1', true],
      ['t/2', true],
      ['t/3', false],
      ['t/4', false],
    ]);
    expect(log.questions.map((one) => one.item.messages?.[0]?.content)).toEqual(['long', 'T']);
    expect(log.notices).toContain(
      '2 samples hold no prompt that is text: their questions are not kept',
    );
  });

  it('leaves out invalidated samples, and losses', async () => {
    const log = await read({
      eval: {
        ...spec,
        scorers: [{ name: 'nll', metrics: [{ name: 'inspect_ai/perplexity_per_seq' }] }],
      },
      results: {
        scores: [{ name: 'nll', scorer: 'nll', metrics: { perplexity_per_seq: { value: 1.5 } } }],
      },
      samples: [sample({ scores: { nll: { value: 0.4 } } }), sample({ id: 2 })],
    });
    expect(
      log.records.map(({ item: id, filter, loss, lossUnit }) => [id, filter, loss, lossUnit]),
    ).toEqual([
      ['t/2', 'match', null, null],
      [null, 'nll,perplexity_per_seq', 1.5, 'perplexity'],
    ]);
    const invalid = await read({
      invalidated: true,
      eval: spec,
      results: { scores: [{ name: 'match', metrics: { accuracy: { value: 1 } } }] },
      samples: [sample({ invalidation: { author: 'x' } }), sample({ id: 2 })],
    });
    expect(rows(invalid)).toEqual([['t/2', 'match', 'count', 1, 1]]);
    expect(invalid.notices[0]).toBe(
      '1 of 2 samples were invalidated: they are left out, and the harness’s results with them',
    );
  });

  it('counts what the harness cannot read as 0, and leaves out what is no grade', async () => {
    const scores = { match: { value: 'maybe' }, kind: { value: 'harmful' } };
    const log = await read({
      eval: {
        ...spec,
        scorers: [
          { name: 'match', metrics: [{ name: 'accuracy' }] },
          { name: 'kind', metrics: [{ name: 'frequency' }] },
        ],
      },
      samples: [sample({ scores })],
    });
    expect(rows(log)).toEqual([['t/1', 'match', 'count', 0, 1]]);
    expect(log.notices.slice(1, 3)).toEqual([
      'scores of `match` like "maybe" count 0, as the harness counts them',
      'scores of `kind` are no grades ("harmful"): no question gets an outcome by them, the task’s results are kept',
    ]);
  });

  it.each<[string, Json, string]>([
    [
      'no task',
      { eval: { ...spec, task: '' } },
      '`log.json`: expected a text in `eval.task`, found none',
    ],
    [
      'samples twice',
      { eval: spec, samples: [sample(), sample({ id: '1' })] },
      '`log.json`: expected each sample once, `1` comes twice in epoch 1: they cannot be told apart',
    ],
    [
      'no epoch',
      { eval: spec, samples: [sample(), sample({ epoch: null })] },
      '`log.json`, `samples` element 2: expected `epoch` to be a whole number, got nothing',
    ],
    [
      'no id',
      { eval: spec, samples: [sample({ id: {} })] },
      '`log.json`, `samples` element 1: expected `id` to be a number or a text, got {}',
    ],
    [
      'no scores',
      { status: 'started', eval: spec, samples: [sample({ scores: null })] },
      '`log.json`: expected scores, none of its 1 samples has one that counts and it has no results, its status is `started`',
    ],
    [
      'settings behind samples',
      { samples: [sample()], eval: spec },
      '`log.json`: expected `eval` in front of `samples`, it comes behind',
    ],
  ])('refuses %s', async (_case, log, message) => {
    await expect(read(log)).rejects.toThrow(message);
  });

  it('passes over what lists logs, and refuses to read it', async () => {
    const listing = { 'a.eval': { status: 'success', eval: spec } };
    await expect(read(listing, 'logs.json')).rejects.toThrow(
      '`logs.json`: expected a log of Inspect (.eval or .json), it is a listing of logs, which are read themselves',
    );
    const path = join(folder, 'logs.json');
    expect([await importer.detect(path), await importer.passOver?.(path)]).toEqual([
      1,
      'a listing of logs, which are read themselves',
    ]);
    await read({ eval_set_id: 'x', tasks: [] }, 'eval-set.json').catch(() => undefined);
    expect(await importer.passOver?.(join(folder, 'eval-set.json'))).toBe(
      'names the tasks of a set of logs, which are read themselves',
    );
    expect(await importer.passOver?.(whole)).toBeNull();
  });

  it('says of a cut file that it is one', async () => {
    const path = join(folder, 'cut.eval');
    writeFileSync(path, readFileSync(whole).subarray(0, 20_000));
    expect(await importer.detect(path)).toBe(1);
    await expect(readLog(importer, path)).rejects.toThrow(
      '`cut.eval`: expected a whole ZIP file: ',
    );
  });
});
