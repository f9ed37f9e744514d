import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import { promptSha256, type Item } from '../../../suite/index.ts';
import type { ImportOptions, LogCheckpoint } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { isObject, toNumber } from '../../log/fields.ts';
import { lossUnit } from '../../log/metric-kind.ts';
import { isOneOf } from '../../log/python-match.ts';
import { identifyModel } from '../../log/identify-model.ts';
import { logItem, logItemId, logTask } from '../../log/log-task.ts';
import type { Table } from '../../table.ts';
import type { OutcomeRecord } from '../../record.ts';
import {
  type DetailsColumns,
  type DetailsRow,
  detailsRows,
  detailsScores,
  goldsOf,
  inputOf,
  textsIn,
} from './details-row.ts';
import { modelInPath, taskInName } from './find-results.ts';
import { plainMatch, scorerOf } from './metrics.ts';
import { configOf, type LightevalRun } from './run.ts';
import { claimOf, samplingOf } from './task-records.ts';
import { fewShotOf } from './task-name.ts';

export type Details = {
  readonly path: string;
  readonly table: Table;
  readonly columns: DetailsColumns;
  /** The run that wrote it; null where its results file is not found. */
  readonly run: LightevalRun | null;
};

/** The records of a details file: one for each question and metric. */
export async function* detailsRecords(
  details: Details,
  options: ImportOptions,
): AsyncGenerator<OutcomeRecord> {
  const name = basename(details.path);
  const { usable: metrics, others } = await sortMetrics(details);
  if (others.length > 0) {
    options.onNotice?.(
      `${named(others)}: no score in 0…1 of each question; what the results file says of the task is kept`,
    );
  }
  const checkpoint = await nameCheckpoint(details, options);
  const tasks = new Set<string>();
  const notices = { incomplete: false };
  const recordsOf = createRecordMaker(details, { checkpoint, metrics, options });
  for await (const row of detailsRows(details.table, { columns: details.columns, name })) {
    const question = questionOf(row, details, name);
    const records = recordsOf(row, question);
    if (records.length === 0) continue;
    tasks.add(question.item.task);
    notices.incomplete ||= !question.complete;
    options.onQuestion?.({ item: question.item, task: taskOf(row, question.item) });
    tellAnswers(row, question.item, { checkpoint, metrics, options });
    yield* records;
  }
  if (notices.incomplete) {
    options.onNotice?.(
      'the log holds the questions, not the prompts as they were given: solved examples, instruction and chat template cannot be recovered',
    );
  }
  tellClaims(details, { tasks, metrics, checkpoint, options });
}

/**
 * Metrics whose values are a score in 0…1 for every question. What corpus metrics keep of a question (texts, counts of
 * tokens), and what has other bounds, says nothing of one question.
 */
export async function sortMetrics({
  path,
  table,
  columns,
}: Pick<Details, 'path' | 'table' | 'columns'>): Promise<{ usable: string[]; others: string[] }> {
  const fits = new Map<string, boolean>();
  for await (const scores of detailsScores(table, { columns, name: basename(path) })) {
    for (const metric in scores) {
      const given = scores[metric];
      if (given === null || fits.get(metric) === false) continue;
      const value = scoreOf(given);
      const isLoss = lossUnit(metric.split(':')[0] ?? metric) !== null;
      fits.set(metric, !isLoss && value !== null && value >= 0 && value <= 1);
    }
  }
  const pick = (wanted: boolean): string[] =>
    [...fits].filter(([, fit]) => fit === wanted).map(([metric]) => metric);
  return { usable: pick(true), others: pick(false) };
}

/** A number; a text is something that a metric of all questions keeps. */
function scoreOf(given: unknown): number | null {
  if (typeof given === 'boolean') return Number(given);
  return typeof given === 'number' ? toNumber(given) : null;
}

export function named(metrics: readonly string[]): string {
  return metrics.map((metric) => `\`${metric}\``).join(', ');
}

async function nameCheckpoint(
  { path, run }: Details,
  options: ImportOptions,
): Promise<LogCheckpoint> {
  const identify = options.identify ?? identifyModel;
  if (run?.model != null) return identify(run.model);
  const folder = modelInPath(path) ?? options.checkpoint;
  if (folder === undefined) {
    throw new UserError(
      `\`${basename(path)}\`: expected the results file of its run (\`results/<model>/results_<date>.json\`), which names the model: keep them together, or pass --checkpoint`,
    );
  }
  options.onNotice?.(
    `the results file of this run is not beside it: \`${folder}\` stands for its model, and its accuracies cannot be checked`,
  );
  return identify({ name: folder, revision: null });
}

type Question = {
  readonly item: Item;
  readonly render: 'prompt' | 'messages';
  /** The prompt is what the model was given. */
  readonly complete: boolean;
};

function questionOf(
  { row, doc, response }: DetailsRow,
  { path, run }: Details,
  name: string,
): Question {
  const task =
    typeof doc.task_name === 'string' && doc.task_name !== ''
      ? doc.task_name
      : taskInName(path, Object.keys(run?.results ?? {}));
  if (task === null) {
    throw new UserError(
      `\`${name}\`, row ${row}: expected the task in \`doc.task_name\`, found none`,
    );
  }
  const input = inputOf(response.input);
  const query = typeof doc.query === 'string' ? doc.query : null;
  if (input === null && query === null) {
    throw new UserError(
      `\`${name}\`, row ${row}: expected the question in \`doc.query\`, found none`,
    );
  }
  const messages = Array.isArray(input) ? (input as Item['messages']) : null;
  const number = typeof doc.id === 'string' || typeof doc.id === 'number' ? String(doc.id) : '';
  const item = logItem({
    task,
    id: logItemId(task, number === '' ? row - 1 : number),
    prompt: typeof input === 'string' ? input : messages === null ? query : null,
    messages,
    target: goldsOf(doc.choices, doc.gold_index),
    choices: isRanked(doc.sampling_methods) ? textsIn(doc.choices) : null,
  });
  return { item, render: messages === null ? 'prompt' : 'messages', complete: input !== null };
}

/** Whether the choices are ranked by their probability. */
function isRanked(methods: unknown): boolean {
  return textsIn(methods).some((method) => /LOGPROBS/i.test(method));
}

function taskOf({ doc }: DetailsRow, item: Item): ReturnType<typeof logTask> {
  const choices = item.choices ?? [];
  const size = toNumber(doc.generation_size);
  return logTask({
    name: item.task,
    chance: choices.length > 1 ? 1 / choices.length : undefined,
    maxTokens: size !== null && Number.isSafeInteger(size) && size > 0 ? size : undefined,
    stop: textsIn(doc.stop_sequences).filter((text) => text !== ''),
    grader: choices.length > 0 ? { type: 'loglikelihood' } : undefined,
  });
}

function tellAnswers(
  { metric, response }: DetailsRow,
  item: Item,
  told: { checkpoint: LogCheckpoint; metrics: readonly string[]; options: ImportOptions },
): void {
  const { checkpoint, metrics, options } = told;
  if (options.onAnswer === undefined) return;
  const texts = textsIn(response.text);
  const extracted = textsIn(response.text_post_processed);
  const [only] = metrics;
  const value =
    texts.length === 1 && metrics.length === 1 && only !== undefined ? metric[only] : null;
  texts.forEach((answer, sample) => {
    options.onAnswer?.({
      task: item.task,
      item: item.id,
      checkpoint: checkpoint.checkpoint,
      filter: null,
      sample,
      answer,
      extracted: extracted[sample] ?? null,
      grade: scoreOf(value),
    });
  });
}

type RecordMaker = (row: DetailsRow, question: Question) => OutcomeRecord[];

function createRecordMaker(
  { run }: Details,
  {
    checkpoint,
    metrics,
    options,
  }: { checkpoint: LogCheckpoint; metrics: readonly string[]; options: ImportOptions },
): RecordMaker {
  const tasks = new Map<string, { shared: OutcomeRecord; config: unknown }>();
  const ofTask = (task: string): { shared: OutcomeRecord; config: unknown } => {
    const config = run === null ? null : configOf(run, task);
    const shared = makeRecord({
      ...checkpoint,
      ...samplingOf(run, config),
      suite: options.suite ?? 'lighteval',
      task,
      fewShot: fewShotOf(task),
      chatTemplate: run?.chatTemplate ?? null,
    });
    const made = tasks.get(task) ?? { shared, config };
    tasks.set(task, made);
    return made;
  };
  const scorers = metrics.map((metric) => ({ filter: metric, score: scorerOf(metric) }));
  return ({ metric: scores, response }, { item, render }) => {
    const { shared, config } = tasks.get(item.task) ?? ofTask(item.task);
    const sha = promptSha256(item, render);
    const answers = textsIn(response.text);
    const records: OutcomeRecord[] = [];
    for (const { filter, score } of scorers) {
      const value = scoreOf(scores[filter]);
      if (value === null) continue;
      const { kind, k, n } = score(value, answers.length);
      const record = { ...shared, item: item.id, k, n, kind, filter, render, promptSha256: sha };
      records.push(record);
      const repeats = filter === 'em' ? repeatsOf(response, item, config) : null;
      if (repeats !== null) records.push({ ...record, ...repeats, filter: 'em,all-repeats' });
    }
    return records;
  };
}

/** `em` is right where one of several answers is: how many are, where that can be told exactly. */
function repeatsOf(
  { text, text_post_processed: processed }: DetailsRow['response'],
  item: Item,
  config: unknown,
): Pick<OutcomeRecord, 'k' | 'n'> | null {
  const match = plainMatch(config);
  const graded = textsIn(processed).length > 0 ? textsIn(processed) : textsIn(text);
  if (match === null || graded.length < 2 || item.target.length === 0) return null;
  const right = graded.filter((answer) => isOneOf(answer, item.target, match) === 1).length;
  return { k: right, n: graded.length };
}

function tellClaims(
  { run }: Details,
  told: {
    tasks: ReadonlySet<string>;
    metrics: readonly string[];
    checkpoint: LogCheckpoint;
    options: ImportOptions;
  },
): void {
  const { tasks, metrics, checkpoint, options } = told;
  if (run === null || options.onClaim === undefined) return;
  for (const task of tasks) {
    for (const metric of metrics) {
      const accuracy = claimOf(run, task, metric);
      if (accuracy === null) continue;
      options.onClaim({ task, checkpoint: checkpoint.checkpoint, filter: metric, accuracy });
    }
  }
}

/** Whether the fields of a column are those of a question. */
export function isQuestion(fields: readonly string[]): boolean {
  return ['query', 'choices', 'gold_index'].every((field) => fields.includes(field));
}

export function isResultsTable(columns: readonly string[]): boolean {
  return ['config_general', 'results', 'config_tasks'].every((column) => columns.includes(column));
}

/** Whether the first member of a JSON file is what lighteval begins its results with. */
export function beginsLikeResults(key: string | null, value: unknown): boolean {
  if (key !== 'config_general' || !isObject(value)) return false;
  return Object.hasOwn(value, 'lighteval_sha') || Object.hasOwn(value, 'num_fewshot_seeds');
}
