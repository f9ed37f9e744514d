import type { SqlRow, SqlType, SqlValue } from './connection.ts';
import { number, someNumber, someText, text } from './outcome-rows.ts';
import type { RecordShape } from './record-shape.ts';

/** One sampled answer with its grade. */
export type AnswerRecord = {
  suite: string;
  task: string;
  item: string;
  checkpoint: string;
  /** Of the checkpoint's weights; null where they are behind a server. */
  fingerprint: string | null;
  render: string;
  promptSha256: string;
  /** Of what else decides an answer: configuration and tokenizer, or server and model; longest answer, stop strings. */
  settingSha256: string;
  /** Null with `topP` and `seed` where nothing was sampled: for a choice whose likelihood was read. */
  temperature: number | null;
  topP: number | null;
  /** Null: all tokens. */
  topK: number | null;
  seed: number | null;
  /** From 0; of a choice its place. */
  sample: number;
  /** Cut at the stop string; of a choice its text. */
  answer: string;
  /** Sampled tokens, or those of a choice; null where a server does not tell them apart. */
  tokens: number | null;
  /** Of a choice, summed over its tokens, nats; null for a sampled answer. */
  logLikelihood: number | null;
  /** 0…1; of a choice whether it is the right one. */
  grade: number;
  source: string;
};

/** What a probe says of one item at one checkpoint. */
export type PredictionRecord = {
  suite: string;
  task: string;
  item: string;
  checkpoint: string;
  fingerprint: string;
  promptSha256: string;
  probe: string;
  /** Identity of the fitted probe behind the name. */
  probeId: string;
  /** Predicted probability of a right answer, 0…1. */
  p: number;
};

export type Column<Value> = {
  readonly name: string;
  readonly type: SqlType;
  readonly read: (row: SqlRow, name: string) => Value;
};

export const someTextIn = (name: string): Column<string> => ({
  name,
  type: 'VARCHAR',
  read: someText,
});
export const textIn = (name: string): Column<string | null> => ({
  name,
  type: 'VARCHAR',
  read: text,
});
export const numberIn = (name: string): Column<number> => ({
  name,
  type: 'DOUBLE',
  read: someNumber,
});
const numberOrNullIn = (name: string): Column<number | null> => ({
  ...{ name, type: 'DOUBLE', read: number },
});
const wholeOrNullIn = (name: string): Column<number | null> => ({
  ...{ name, type: 'BIGINT', read: number },
});
export const wholeIn = (name: string): Column<number> => ({
  name,
  type: 'BIGINT',
  read: someNumber,
});

/** A shape from one table: which column each field stands in, in the order of the columns. */
export function shapeOf<Row extends Readonly<Record<string, SqlValue>>>(
  kind: string,
  fields: { readonly [Field in keyof Row & string]: Column<Row[Field]> },
  key: readonly (keyof Row & string)[],
): RecordShape<Row> {
  const entries = Object.entries<Column<SqlValue>>(fields);
  return {
    kind,
    columns: entries.map(([field, { name, type }]) => ({ name, type, field })),
    key: key.map((field) => fields[field].name),
    toRow: (record) => entries.map(([field]) => record[field] ?? null),
    // The table has every field of the row, with a column that reads its type.
    fromRow: (row) => readFields(entries, row) as Row,
    reader(chosen) {
      const wanted = new Set<string>(chosen);
      const own = entries.filter(([field]) => wanted.has(field));
      return (row) => readFields(own, row) as Pick<Row, (typeof chosen)[number]>;
    },
  };
}

function readFields(
  entries: readonly (readonly [string, Column<SqlValue>])[],
  row: SqlRow,
): Record<string, SqlValue> {
  return Object.fromEntries(entries.map(([field, { name, read }]) => [field, read(row, name)]));
}

export const answerShape: RecordShape<AnswerRecord> = shapeOf<AnswerRecord>(
  'answers',
  {
    suite: someTextIn('suite'),
    task: someTextIn('task'),
    item: someTextIn('item'),
    checkpoint: someTextIn('checkpoint'),
    fingerprint: textIn('fingerprint'),
    render: someTextIn('render'),
    promptSha256: someTextIn('prompt_sha256'),
    settingSha256: someTextIn('setting_sha256'),
    temperature: numberOrNullIn('temperature'),
    topP: numberOrNullIn('top_p'),
    topK: wholeOrNullIn('top_k'),
    seed: wholeOrNullIn('seed'),
    sample: wholeIn('sample'),
    answer: someTextIn('answer'),
    tokens: wholeOrNullIn('tokens'),
    logLikelihood: numberOrNullIn('log_likelihood'),
    grade: numberIn('grade'),
    source: someTextIn('source'),
  },
  [
    'suite',
    'task',
    'item',
    'checkpoint',
    'fingerprint',
    'render',
    'promptSha256',
    'settingSha256',
    'temperature',
    'topP',
    'topK',
    'source',
    'seed',
    'sample',
  ],
);

export const predictionShape: RecordShape<PredictionRecord> = shapeOf<PredictionRecord>(
  'predictions',
  {
    suite: someTextIn('suite'),
    task: someTextIn('task'),
    item: someTextIn('item'),
    checkpoint: someTextIn('checkpoint'),
    fingerprint: someTextIn('fingerprint'),
    promptSha256: someTextIn('prompt_sha256'),
    probe: someTextIn('probe'),
    probeId: someTextIn('probe_id'),
    p: numberIn('p'),
  },
  ['suite', 'task', 'item', 'checkpoint', 'fingerprint', 'promptSha256', 'probe', 'probeId'],
);
