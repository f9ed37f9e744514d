/**
 * A table of records as SQL that fails at the first row of which it is not sure that `createRowParser` makes the same valid
 * record. Whatever it fails at is then read row by row, where the fault gets its words: so it may be too strict, not too lax.
 */
import {
  type ColumnType,
  type FactField,
  factFields,
  maxTextLength,
  type OutcomeColumn,
  outcomeColumns,
  type RecordTable,
  renders,
  stages,
} from '../outcomes/index.ts';
import { identifier, literal } from './connection.ts';

const unsure = "error('unsure')";
const largestWhole = Number.MAX_SAFE_INTEGER;
/** `decimal` of the row parser, in the syntax of RE2. */
const decimal = String.raw`'[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?'`;

export function sureRowsSql({ relation, columns, defaults }: RecordTable): string {
  const known = outcomeColumns.filter(({ column }) => columns.includes(column));
  const parsed = outcomeColumns.map(({ column, type }) => {
    const name = identifier(column);
    const value = columns.includes(column) ? parse[type](name) : none[type];
    return `${withDefault(column, value, defaults)} AS ${name}`;
  });
  const holds = [
    ...(relation.encoding === 'text'
      ? []
      : known.filter(({ type }) => type === 'text').map(isText)),
    ...known.flatMap(rulesOf),
    ...recordRules,
  ].map((rule) => `(${rule})`);
  const raw = relation.sql(columns);
  const original = known.map(({ column }) => `${identifier(column)} AS ${rawName(column)}`);
  const typed = outcomeColumns.map(({ column, type }) =>
    type === 'whole'
      ? `CAST(${identifier(column)} AS BIGINT) AS ${identifier(column)}`
      : identifier(column),
  );
  return `SELECT ${typed.join(', ')} FROM (SELECT ${[...parsed, ...original].join(', ')} FROM ${raw})
    WHERE CASE WHEN coalesce(${holds.join(' AND ')}, false) THEN true ELSE ${unsure} END`;
}

/** Counts the checkpoints of a source whose facts disagree; `createFactsCheck` is the same row by row. */
export function disagreementsSql(records: string): string {
  const columns = outcomeColumns.filter(({ field }) => factFields.includes(field as FactField));
  const differ = columns.map(({ column }) => `min(${column}) <> max(${column})`);
  return `SELECT count(*) AS disagreements FROM (
    SELECT 1 FROM ${records} GROUP BY checkpoint, source HAVING ${differ.join(' OR ')})`;
}

const none: Readonly<Record<ColumnType, string>> = {
  text: 'CAST(NULL AS VARCHAR)',
  number: 'CAST(NULL AS DOUBLE)',
  whole: 'CAST(NULL AS DOUBLE)',
};

const numberOf = (raw: string): string =>
  `CASE WHEN regexp_full_match(${raw}, ${decimal}) THEN CAST(${raw} AS DOUBLE)
    WHEN ${raw} IS NULL OR ${raw} = '' THEN NULL ELSE ${unsure} END`;

const parse: Readonly<Record<ColumnType, (raw: string) => string>> = {
  text: (raw) => `nullif(${raw}, '')`,
  number: numberOf,
  whole: numberOf,
};

/**
 * Values of JSON come as texts, whatever they were: true, a number or a list is no text, or is written by JavaScript in its
 * own way. Short whole numbers are the same in both.
 */
function isText({ column }: OutcomeColumn): string {
  const name = rawName(column);
  return `${name} IS NULL OR NOT regexp_matches(${name}, '^(true$|false$|NaN|-?Inf|[\\[{]|-?[0-9])')
    OR regexp_full_match(${name}, '0|-?[1-9][0-9]{0,14}')`;
}

function rawName(column: string): string {
  return identifier(`raw ${column}`);
}

function withDefault(column: string, value: string, defaults: RecordTable['defaults']): string {
  const { suite, checkpoint } = defaults;
  if (column === 'suite' && suite !== undefined) return `coalesce(${value}, ${literal(suite)})`;
  if (column === 'checkpoint' && checkpoint !== undefined) {
    return `coalesce(${value}, ${literal(checkpoint)})`;
  }
  if (column === 'kind') return `coalesce(${value}, 'count')`;
  return column === 'prompt_sha256' ? `lower(${value})` : value;
}

const oneOf = (values: readonly string[]): string => `IN (${values.map(literal).join(', ')})`;

/** What holds of a value that is given; every number is at least 0 and finite where nothing else is said. */
const own: Readonly<Record<string, string>> = {
  kind: oneOf(['count', 'score']),
  stage: oneOf(stages),
  render: oneOf(renders),
  prompt_sha256: "SIMILAR TO '[0-9a-f]{64}'",
  chance: 'BETWEEN 0 AND 1',
  top_p: 'BETWEEN 1e-300 AND 1',
  n: `BETWEEN 1 AND ${largestWhole}`,
  top_k: `BETWEEN 1 AND ${largestWhole}`,
  seed: `BETWEEN ${-largestWhole} AND ${largestWhole}`,
  loss: "NOT IN (CAST('inf' AS DOUBLE), CAST('-inf' AS DOUBLE), CAST('nan' AS DOUBLE))",
};

function rulesOf({ column, type }: OutcomeColumn): string[] {
  const name = identifier(column);
  const given = (rule: string): string => `${name} IS NULL OR ${rule}`;
  const rule = own[column] ?? (type === 'text' ? null : `BETWEEN 0 AND 1.7e308`);
  return [
    ...(rule === null ? [] : [given(`${name} ${rule}`)]),
    ...(type === 'whole'
      ? [given(`${name} = trunc(${name}) AND abs(${name}) <= ${largestWhole}`)]
      : []),
    // Bytes: never fewer than UTF-16 units.
    ...(type === 'text' ? [given(`strlen(${name}) <= ${maxTextLength}`)] : []),
  ];
}

const recordRules = [
  ...['suite', 'task', 'checkpoint'].map((column) => `${identifier(column)} <> ''`),
  'n IS NULL OR n = trunc(n)',
  `CASE WHEN k IS NULL AND n IS NULL THEN loss IS NOT NULL
    WHEN k IS NULL OR n IS NULL THEN false WHEN kind = 'count' THEN k <= n ELSE k <= 1 END`,
];
