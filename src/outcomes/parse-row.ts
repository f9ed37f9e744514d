import { UserError } from '../error/index.ts';
import { columnOf, type OutcomeColumn, type OutcomeRecord, outcomeColumns } from './record.ts';
import { quote, validateRecord } from './validate-record.ts';

/** Values for rows that do not say it themselves. */
export type RecordDefaults = { suite?: string; checkpoint?: string };

type Cell = string | number | null;
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
  const cells = outcomeColumns.map(createCellParser);
  return (row, where) => {
    const fields: Partial<Record<keyof OutcomeRecord, Cell>> = {};
    for (const { column, parse } of cells) fields[column.field] = parse(row[column.column], where);
    const record = toRecord(fields, defaults, where);
    validateRecord(record, where);
    return record;
  };
}

function createCellParser(column: OutcomeColumn): {
  column: OutcomeColumn;
  parse: (raw: unknown, where: string) => Cell;
} {
  let lastRaw: unknown = null;
  let lastCell: Cell = null;
  const parse = (raw: unknown, where: string): Cell => {
    if (raw === lastRaw) return lastCell;
    lastCell = parseCell(raw, column, where);
    lastRaw = raw;
    return lastCell;
  };
  return { column, parse };
}

function parseCell(raw: unknown, column: OutcomeColumn, where: string): Cell {
  if (raw === null || raw === undefined || raw === '') return null;
  return column.type === 'text' ? parseText(raw, column, where) : parseNumber(raw, column, where);
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

function toRecord(
  fields: Partial<Record<keyof OutcomeRecord, Cell>>,
  defaults: RecordDefaults,
  where: string,
): OutcomeRecord {
  const text = (field: keyof OutcomeRecord): string | null => fields[field] as string | null;
  const number = (field: keyof OutcomeRecord): number | null => fields[field] as number | null;
  return {
    suite: needed(text('suite') ?? defaults.suite ?? null, 'suite', where),
    task: needed(text('task'), 'task', where),
    item: text('item'),
    checkpoint: needed(text('checkpoint') ?? defaults.checkpoint ?? null, 'checkpoint', where),
    k: number('k'),
    n: number('n'),
    kind: (text('kind') ?? 'count') as OutcomeRecord['kind'],
    run: text('run'),
    family: text('family'),
    stage: text('stage'),
    step: number('step'),
    tokens: number('tokens'),
    params: number('params'),
    paramsNonEmbedding: number('paramsNonEmbedding'),
    flops: number('flops'),
    chance: number('chance'),
    temperature: number('temperature'),
    topP: number('topP'),
    seed: number('seed'),
    filter: text('filter'),
    render: text('render'),
    promptSha256: text('promptSha256')?.toLowerCase() ?? null,
    source: text('source'),
    loss: number('loss'),
    lossUnit: text('lossUnit'),
  };
}

function needed(value: string | null, field: keyof OutcomeRecord, where: string): string {
  if (value !== null) return value;
  throw new UserError(`${where}: expected \`${columnOf(field)}\` to be given, got nothing`);
}

function wrongCell(column: string, expected: string, raw: unknown, where: string): UserError {
  const shown = quote(typeof raw === 'string' ? raw : JSON.stringify(raw));
  return new UserError(`${where}: expected \`${column}\` to be ${expected}, got ${shown}`);
}
