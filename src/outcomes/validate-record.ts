import { UserError } from '../error/index.ts';
import { columnOf, type OutcomeRecord } from './record.ts';

export const stages: readonly string[] = ['pretrain', 'midtrain', 'sft', 'dpo', 'rl'];
export const renders: readonly string[] = ['prompt', 'messages'];
/** Of every text of a record, in UTF-16 units. */
export const maxTextLength = 4096;

type Rule = {
  field: keyof OutcomeRecord;
  expected: string;
  holds: (value: never) => boolean;
};

const isShare = (value: number): boolean => value >= 0 && value <= 1;
const isCount = (value: number): boolean => Number.isSafeInteger(value) && value >= 0;

/** One rule a field, for values that are not null. */
const rules: readonly Rule[] = [
  {
    field: 'kind',
    expected: 'count or score',
    holds: (v: string) => v === 'count' || v === 'score',
  },
  {
    field: 'n',
    expected: 'a whole number above 0',
    holds: (v: number) => Number.isSafeInteger(v) && v > 0,
  },
  { field: 'k', expected: 'a number of at least 0', holds: (v: number) => v >= 0 },
  {
    field: 'stage',
    expected: `one of ${stages.join(', ')}`,
    holds: (v: string) => stages.includes(v),
  },
  { field: 'step', expected: 'a whole number of at least 0', holds: isCount },
  { field: 'tokens', expected: 'a whole number of at least 0', holds: isCount },
  { field: 'params', expected: 'a whole number of at least 0', holds: isCount },
  { field: 'paramsNonEmbedding', expected: 'a whole number of at least 0', holds: isCount },
  { field: 'flops', expected: 'a number of at least 0', holds: (v: number) => v >= 0 },
  { field: 'chance', expected: 'a number from 0 to 1', holds: isShare },
  { field: 'temperature', expected: 'a number of at least 0', holds: (v: number) => v >= 0 },
  { field: 'topP', expected: 'a number above 0, at most 1', holds: (v: number) => v > 0 && v <= 1 },
  {
    field: 'topK',
    expected: 'a whole number above 0',
    holds: (v: number) => Number.isSafeInteger(v) && v > 0,
  },
  { field: 'seed', expected: 'a whole number', holds: (v: number) => Number.isSafeInteger(v) },
  { field: 'render', expected: 'prompt or messages', holds: (v: string) => renders.includes(v) },
  {
    field: 'promptSha256',
    expected: '64 hexadecimal digits in lower case',
    holds: (v: string) => /^[0-9a-f]{64}$/.test(v),
  },
  { field: 'fewShot', expected: 'a whole number of at least 0', holds: isCount },
];

const required = ['suite', 'task', 'checkpoint'] as const;

/**
 * Checks a record that an importer made against the rules of its format.
 *
 * @param where begins the message: file and row.
 * @throws UserError naming row, column, what is expected and the value.
 */
export function validateRecord(record: OutcomeRecord, where: string): void {
  for (const field of required) {
    if (record[field] === '') throw wrong(record, field, where, 'a text that is not empty');
  }
  for (const { field, expected, holds } of rules) {
    const value = record[field];
    if (value !== null && !holds(value as never)) throw wrong(record, field, where, expected);
  }
  checkTexts(record, where);
  checkCounts(record, where);
}

function checkTexts(record: OutcomeRecord, where: string): void {
  for (const field of Object.keys(record) as (keyof OutcomeRecord)[]) {
    const value = record[field];
    if (typeof value === 'string' && value.length > maxTextLength) {
      throw wrong(record, field, where, `at most ${maxTextLength} characters`);
    }
    if (typeof value === 'number' && !Number.isFinite(value)) {
      throw wrong(record, field, where, 'a finite number');
    }
  }
}

function checkCounts(record: OutcomeRecord, where: string): void {
  const { k, n, kind, loss } = record;
  if (k === null || n === null) {
    if (k !== null) throw wrong(record, 'n', where, 'given together with `k`');
    if (n !== null) throw wrong(record, 'k', where, 'given together with `n`');
    if (loss === null)
      throw wrong(record, 'k', where, 'given, since the record has no `loss` either');
    return;
  }
  if (kind === 'count' && k > n) throw wrong(record, 'k', where, `at most \`n\` (${n})`);
  if (kind === 'score' && k > 1) {
    throw wrong(record, 'k', where, 'a mean score from 0 to 1, since `kind` is score');
  }
}

function wrong(
  record: OutcomeRecord,
  field: keyof OutcomeRecord,
  where: string,
  expected: string,
): UserError {
  const value = record[field];
  const shown =
    value === null ? 'nothing' : typeof value === 'string' ? quote(value) : String(value);
  return new UserError(`${where}: expected \`${columnOf(field)}\` to be ${expected}, got ${shown}`);
}

/** A value as a message shows it: quoted, and cut where it is long. */
export function quote(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
}
