import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createRowParser } from './parse-row.ts';
import { record } from './testing/record.ts';

const row = {
  suite: 's',
  task: 't',
  item: 'i',
  checkpoint: 'run/step1',
  k: '3',
  n: '10',
  run: 'run',
  step: '1',
};
const where = '`x.csv`, row 1';
const parse = (changes: Record<string, unknown> = {}): unknown =>
  createRowParser()({ ...row, ...changes }, where);

describe('createRowParser', () => {
  test('reads every column', () => {
    const hash = 'AB'.repeat(32);
    expect(
      parse({
        kind: 'score',
        k: '0.25',
        family: 'f',
        stage: 'sft',
        step: '1e3',
        tokens: '2.4E9',
        params: '1000.0',
        params_non_embedding: 900n,
        flops: '1.5e+21',
        chance: '.25',
        temperature: '1.',
        top_p: 0.7,
        seed: '-1',
        filter: 'strict',
        render: 'messages',
        prompt_sha256: hash,
        source: 'harness',
        loss: '1.5',
        loss_unit: 'nats',
        other: 'ignored',
      }),
    ).toEqual(
      record({
        kind: 'score',
        k: 0.25,
        family: 'f',
        stage: 'sft',
        step: 1000,
        tokens: 2_400_000_000,
        params: 1000,
        paramsNonEmbedding: 900,
        flops: 1.5e21,
        chance: 0.25,
        temperature: 1,
        topP: 0.7,
        seed: -1,
        filter: 'strict',
        render: 'messages',
        promptSha256: hash.toLowerCase(),
        source: 'harness',
        loss: 1.5,
        lossUnit: 'nats',
      }),
    );
  });

  test('takes empty cells and absent columns for missing', () => {
    expect(parse({ tokens: '', stage: null, flops: ' ' })).toEqual(record());
    expect(parse({ item: '' })).toEqual(record({ item: null }));
    expect(parse({ k: '', n: null, loss: 2, loss_unit: 'nats' })).toEqual(
      record({ k: null, n: null, loss: 2, lossUnit: 'nats' }),
    );
  });

  test('defaults stand in only where the row says nothing', () => {
    const withDefaults = createRowParser({ suite: 'other', checkpoint: 'other' });
    expect(withDefaults({ ...row, suite: '', checkpoint: undefined }, where)).toEqual(
      record({ suite: 'other', checkpoint: 'other' }),
    );
    expect(withDefaults(row, where)).toEqual(record());
  });

  test.each<[Record<string, unknown>, string]>([
    [{ step: '1.5' }, '`step` to be a whole number, got "1.5"'],
    [{ tokens: '1e400' }, '`tokens` to be a whole number (empty where there is none), got "1e400"'],
    [{ params: '9007199254740993' }, '`params` to be a whole number, got "9007199254740993"'],
    [{ step: -1 }, '`step` to be a whole number of at least 0, got -1'],
    [{ k: 'NaN' }, '`k` to be a number (empty where there is none), got "NaN"'],
    [{ k: true }, '`k` to be a number (empty where there is none), got "true"'],
    [{ k: '1,5' }, '`k` to be a number (empty where there is none), got "1,5"'],
    [{ k: '0x10' }, '`k` to be a number (empty where there is none), got "0x10"'],
    [{ k: 11 }, '`k` to be at most `n` (10), got 11'],
    [{ k: -1 }, '`k` to be a number of at least 0, got -1'],
    [{ n: 0, k: 0 }, '`n` to be a whole number above 0, got 0'],
    [{ n: '2.5', k: 0 }, '`n` to be a whole number above 0, got 2.5'],
    [{ k: '' }, '`k` to be given together with `n`, got nothing'],
    [{ n: '' }, '`n` to be given together with `k`, got nothing'],
    [{ k: '', n: '' }, '`k` to be given, since the record has no `loss` either, got nothing'],
    [{ kind: 'score' }, '`k` to be a mean score from 0 to 1, since `kind` is score, got 3'],
    [{ kind: 'mean' }, '`kind` to be count or score, got "mean"'],
    [{ chance: 25 }, '`chance` to be a number from 0 to 1, got 25'],
    [{ top_p: 0 }, '`top_p` to be a number above 0, at most 1, got 0'],
    [{ temperature: -1 }, '`temperature` to be a number of at least 0, got -1'],
    [{ stage: 'base' }, '`stage` to be one of pretrain, midtrain, sft, dpo, rl, got "base"'],
    [{ render: 'chat' }, '`render` to be prompt or messages, got "chat"'],
    [
      { prompt_sha256: 'abc' },
      '`prompt_sha256` to be 64 hexadecimal digits in lower case, got "abc"',
    ],
    [{ task: '' }, '`task` to be given, got nothing'],
    [{ suite: null }, '`suite` to be given, got nothing'],
    [{ item: ['a'] }, '`item` to be a text, got "[\\"a\\"]"'],
    [
      { item: 'x'.repeat(5000) },
      `\`item\` to be at most 4096 characters, got "${'x'.repeat(80)}…"`,
    ],
  ])('refuses %j', (changes, expected) => {
    expect(() => parse(changes)).toThrow(`${where}: expected ${expected}`);
  });

  test('a value that was remembered is read again after another', () => {
    const read = createRowParser();
    const steps = ['1', '2', '2', '1', '', '1'].map((step) => read({ ...row, step }, where).step);
    expect(steps).toEqual([1, 2, 2, 1, null, 1]);
  });

  test('gives a valid record or a clear refusal for anything', () => {
    const cell = fc.oneof(fc.string(), fc.double(), fc.constant(null), fc.bigInt(), fc.jsonValue());
    fc.assert(
      fc.property(
        fc.constantFrom('k', 'n', 'step', 'flops', 'item', 'loss', 'seed'),
        cell,
        (column, value) => {
          try {
            const { k, n, step } = createRowParser()({ ...row, [column]: value }, where);
            expect(k === null || n === null || (k >= 0 && k <= n)).toBe(true);
            expect(step === null || Number.isSafeInteger(step)).toBe(true);
          } catch (error) {
            expect(String(error)).toContain(`UserError: ${where}: expected \``);
          }
        },
      ),
    );
  });
});
