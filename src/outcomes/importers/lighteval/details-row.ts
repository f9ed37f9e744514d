/** One question of a details file: its text, the answers, the scores. */
import { UserError } from '../../../error/index.ts';
import { isObject, type JsonObject } from '../../log/fields.ts';
import { parseJson } from '../../log/parse-json.ts';
import type { ColumnPath, Table } from '../../table.ts';
import type { SuiteMessage } from '../../../suite/index.ts';

const docFields = [
  'query',
  'choices',
  'gold_index',
  'id',
  'task_name',
  'instruction',
  'sampling_methods',
  'generation_size',
  'stop_sequences',
] as const;
const responseFields = ['input', 'text', 'text_post_processed'] as const;
type DocField = (typeof docFields)[number];
type ResponseField = (typeof responseFields)[number];

/** Where a details file keeps what is read of it. */
export type DetailsColumns = {
  /** The struct of the question, to know the layout by; null where its fields are columns. */
  readonly doc: string | null;
  readonly paths: Readonly<Record<string, ColumnPath>> & { readonly metric: ColumnPath };
};

/** Columns that files of versions before 0.11 hold together. */
const flatColumns = ['full_prompt', 'gold_index', 'metrics', 'num_asked_few_shots', 'predictions'];

/** Null where the columns are no details'. Nested ones stand underlined in lighteval's documentation. */
export function detailsColumns(columns: readonly string[]): DetailsColumns | null {
  const pick = (name: string): string | undefined =>
    [name, `__${name}__`].find((one) => columns.includes(one));
  const [doc, metric, response] = [pick('doc'), pick('metric'), pick('model_response')];
  if (doc !== undefined && metric !== undefined && response !== undefined) {
    const paths: Record<string, ColumnPath> = {};
    for (const field of docFields) paths[`doc.${field}`] = [doc, field];
    for (const field of responseFields) paths[`response.${field}`] = [response, field];
    return { doc, paths: { ...paths, metric: [metric] } };
  }
  if (!flatColumns.every((name) => columns.includes(name))) return null;
  const flat: Record<string, ColumnPath> = {
    'doc.query': ['example'],
    'doc.choices': ['choices'],
    'doc.gold_index': ['gold_index'],
    'response.input': ['full_prompt'],
    'response.text': ['predictions'],
  };
  return { doc: null, paths: { ...flat, metric: ['metrics'] } };
}

/** Parsed values of a row, null where it has none. */
export type DetailsRow = {
  readonly row: number;
  readonly metric: JsonObject;
  readonly doc: Readonly<Record<DocField, unknown>>;
  readonly response: Readonly<Record<ResponseField, unknown>>;
};

/** @throws UserError naming row and column for what is no JSON, or a row without scores. */
export async function* detailsRows(
  table: Table,
  { columns, name }: { columns: DetailsColumns; name: string },
): AsyncGenerator<DetailsRow> {
  for await (const rows of table.nested?.rows(columns.paths) ?? []) {
    for (const { row, values } of rows) {
      const parsed = (column: string): unknown => parsedAt(values[column], { name, row, column });
      const response = pick(responseFields, (field) => parsed(`response.${field}`));
      const doc = pick(docFields, (field) => parsed(`doc.${field}`));
      yield {
        row,
        metric: metricOf(parsed('metric'), `\`${name}\`, row ${row}`),
        // Flat files do not say that choices were ranked: then no text was generated.
        doc:
          columns.doc === null && textsIn(response.text).length === 0
            ? { ...doc, sampling_methods: ['LOGPROBS'] }
            : doc,
        response,
      };
    }
  }
}

/** The scores alone, row by row. */
export async function* detailsScores(
  table: Table,
  { columns, name }: { columns: DetailsColumns; name: string },
): AsyncGenerator<JsonObject> {
  const { metric } = columns.paths;
  for await (const rows of table.nested?.rows({ metric }) ?? []) {
    for (const { row, values } of rows) {
      const value = parsedAt(values['metric'], { name, row, column: metric.join('.') });
      yield metricOf(value, `\`${name}\`, row ${row}`);
    }
  }
}

/** As Python writes a dictionary of numbers: what versions before 0.4 fell back to. */
const pythonNumbers = /^\{(?:'[^'\\]*': -?[\d.]+(?:e[+-]?\d+)?(?:, |(?=\})))*\}$/;

function metricOf(value: unknown, where: string): JsonObject {
  const parsed =
    typeof value === 'string' && pythonNumbers.test(value)
      ? parseJson(value.replaceAll("'", '"'), where)
      : value;
  if (isObject(parsed)) return parsed;
  throw new UserError(`${where}: expected the scores of the question in \`metric\`, found none`);
}

function parsedAt(
  text: unknown,
  { name, row, column }: { name: string; row: number; column: string },
): unknown {
  if (typeof text !== 'string') return null;
  return parseJson(text, `\`${name}\`, row ${row}, \`${column}\``);
}

function pick<Field extends string>(
  fields: readonly Field[],
  value: (field: Field) => unknown,
): Record<Field, unknown> {
  return Object.fromEntries(fields.map((field) => [field, value(field)])) as Record<Field, unknown>;
}

/** The prompt as the model was given it: a text or messages; null where the log holds neither. */
export function inputOf(input: unknown): string | readonly SuiteMessage[] | null {
  if (typeof input === 'string' && input !== '') return input;
  if (!Array.isArray(input) || input.length === 0) return null;
  const messages: SuiteMessage[] = [];
  for (const one of input as readonly unknown[]) {
    if (!isObject(one) || typeof one['role'] !== 'string' || typeof one['content'] !== 'string')
      return null;
    messages.push({ role: one['role'], content: one['content'] });
  }
  return messages;
}

/** Texts of a list, flattened by one level; what is no text is left out. */
export function textsIn(value: unknown): string[] {
  const list = Array.isArray(value) ? (value as readonly unknown[]).flat() : [value];
  return list.filter((one): one is string => typeof one === 'string');
}

/** The right answers, as lighteval picks them out of the choices. */
export function goldsOf(choices: unknown, gold: unknown): string[] {
  const list = Array.isArray(choices) ? (choices as readonly unknown[]) : [];
  const indices = (Array.isArray(gold) ? gold : [gold]) as readonly unknown[];
  return indices.flatMap((index) =>
    typeof index === 'number' && index in list ? textsIn(list[index]) : [],
  );
}
