import { UserError } from '../error/index.ts';
import { columnOf, type OutcomeColumn, type OutcomeRecord, outcomeColumns } from './record.ts';
import { quote, validateRecord } from './validate-record.ts';

/** Values for rows that do not say it themselves. */
export type RecordDefaults = { suite?: string; checkpoint?: string };

type Row = Readonly<Record<string, unknown>>;

const decimal = /^[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?$/;

/**
 * A function from a row of a record file (column → text, number or null) to a valid record. An empty text is a missing
 * value. Remembers the last value of each column, since neighbouring rows mostly repeat it.
 *
 * @throws UserError naming row, column and value.
 */
export function createRowParser(
  defaults: RecordDefaults = {},
): (row: Row, where: string) => OutcomeRecord {
  const text = cellParsers(parseText);
  const number = cellParsers(parseNumber);
  return (row, where) => {
    const record: OutcomeRecord = {
      suite: needed(text('suite', row, where) ?? defaults.suite, 'suite', where),
      task: needed(text('task', row, where), 'task', where),
      item: text('item', row, where),
      checkpoint: needed(
        text('checkpoint', row, where) ?? defaults.checkpoint,
        'checkpoint',
        where,
      ),
      k: number('k', row, where),
      n: number('n', row, where),
      kind: (text('kind', row, where) ?? 'count') as OutcomeRecord['kind'],
      run: text('run', row, where),
      family: text('family', row, where),
      stage: text('stage', row, where),
      step: number('step', row, where),
      tokens: number('tokens', row, where),
      params: number('params', row, where),
      paramsNonEmbedding: number('paramsNonEmbedding', row, where),
      flops: number('flops', row, where),
      chance: number('chance', row, where),
      temperature: number('temperature', row, where),
      topP: number('topP', row, where),
      topK: number('topK', row, where),
      servedModel: text('servedModel', row, where),
      seed: number('seed', row, where),
      filter: text('filter', row, where),
      render: text('render', row, where),
      promptSha256: text('promptSha256', row, where)?.toLowerCase() ?? null,
      fewShot: number('fewShot', row, where),
      chatTemplate: text('chatTemplate', row, where),
      documentHash: text('documentHash', row, where),
      targetHash: text('targetHash', row, where),
      source: text('source', row, where),
      loss: number('loss', row, where),
      lossUnit: text('lossUnit', row, where),
    };
    validateRecord(record, where);
    return record;
  };
}

type Field = keyof OutcomeRecord;
type Memory<T> = { column: OutcomeColumn; raw: unknown; cell: T | null };

function cellParsers<T>(
  parse: (raw: unknown, column: OutcomeColumn, where: string) => T | null,
): (field: Field, row: Row, where: string) => T | null {
  const memories = Object.fromEntries(
    outcomeColumns.map((column) => [column.field, { column, raw: null, cell: null }]),
  ) as Record<Field, Memory<T>>;
  return (field, row, where) => {
    const memory = memories[field];
    const raw = row[memory.column.column] ?? null;
    if (raw !== memory.raw) {
      memory.cell = raw === null || raw === '' ? null : parse(raw, memory.column, where);
      memory.raw = raw;
    }
    return memory.cell;
  };
}

function parseText(raw: unknown, { column }: OutcomeColumn, where: string): string {
  if (typeof raw === 'string') return raw;
  if (typeof raw === 'number' || typeof raw === 'bigint') return String(raw);
  throw wrongCell(column, 'a text', raw, where);
}

function parseNumber(raw: unknown, { column, type }: OutcomeColumn, where: string): number | null {
  const value = toNumber(raw);
  const expected = type === 'whole' ? 'a whole number' : 'a number';
  if (value === null) return null;
  if (!Number.isFinite(value))
    throw wrongCell(column, `${expected} (empty where there is none)`, raw, where);
  if (type === 'whole' && !Number.isSafeInteger(value))
    throw wrongCell(column, expected, raw, where);
  return value;
}

/** NaN for what is not a number, null for a text of blanks. */
function toNumber(raw: unknown): number | null {
  if (typeof raw === 'number') return raw;
  if (typeof raw === 'bigint') return Number(raw);
  if (typeof raw !== 'string') return Number.NaN;
  const text = raw.trim();
  if (text === '') return null;
  return decimal.test(text) ? Number(text) : Number.NaN;
}

function needed(value: string | null | undefined, field: Field, where: string): string {
  if (value !== null && value !== undefined) return value;
  throw new UserError(`${where}: expected \`${columnOf(field)}\` to be given, got nothing`);
}

function wrongCell(column: string, expected: string, raw: unknown, where: string): UserError {
  return new UserError(
    `${where}: expected \`${column}\` to be ${expected}, got ${quote(show(raw))}`,
  );
}

function show(raw: unknown): string {
  if (typeof raw === 'string') return raw;
  const plain = typeof raw === 'number' || typeof raw === 'bigint' || typeof raw === 'boolean';
  return plain ? String(raw) : JSON.stringify(raw);
}
