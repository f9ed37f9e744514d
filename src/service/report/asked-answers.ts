/** Which answers a static report holds: those that the dashboard asks for, whatever page is opened. */
import { z } from 'zod';
import {
  answerPath,
  forecastSchema,
  itemMatrixSchema,
  type Page,
  pageSchema,
  probeSchema,
  type Run,
  runSchema,
  runTimelineSchema,
  transferSchema,
} from '../../wire/index.ts';
import type { Answers } from '../answers.ts';
import { HttpError } from '../http-error.ts';

export type ReportAnswer = {
  /** As the dashboard asks. */
  readonly key: string;
  /** As the API answers. */
  readonly json: string;
};

export type QuestionCount = {
  written: number;
  /** Of all runs. */
  of: number;
};

type Query = Readonly<Record<string, string>>;

const wholePage = '1000';
/** Questions that are read together, and held in memory with all their answers. */
const atOnce = 100;

/**
 * One after the other, so that memory holds one of them, or a hundred questions.
 *
 * @param most questions with their answers; a task's come all or not at all, those of the run that changed last first.
 * @param questions counts them meanwhile.
 */
export async function* askedAnswers(
  answers: Answers,
  most: number,
  questions: QuestionCount,
): AsyncGenerator<ReportAnswer> {
  const runs = await readRows(answers, '/runs', runSchema);
  yield await answerTo(answers, '/overview');
  yield await answerTo(answers, '/imports');
  for (const path of ['/runs', '/tasks', '/checkpoints', '/forecasts', '/probes', '/transfers']) {
    yield await wholeList(answers, path, {});
  }
  yield await wholeList(answers, '/alerts', { state: 'all' });
  for (const { id } of await readRows(answers, '/forecasts', forecastSchema)) {
    yield await answerTo(answers, '/forecasts/{id}', { params: { id } });
  }
  for (const { name } of await readRows(answers, '/probes', probeSchema)) {
    yield await answerTo(answers, '/probes/{name}', { params: { name } });
  }
  for (const { id } of await readRows(answers, '/transfers', transferSchema)) {
    yield await answerTo(answers, '/transfers/{id}', { params: { id } });
  }
  for (const run of runs) yield* answersOfRun(answers, run, { most, questions });
}

async function* answersOfRun(
  answers: Answers,
  { run, previous, latest }: Run,
  { most, questions }: { readonly most: number; readonly questions: QuestionCount },
): AsyncGenerator<ReportAnswer> {
  const timeline = await answerTo(answers, '/runs/{run}', { params: { run } });
  yield timeline;
  if (previous !== null) {
    const pair = { a: previous.checkpoint, b: latest.checkpoint };
    const comparison = await possible(answerTo(answers, '/compare', { query: pair }));
    if (comparison !== null) yield comparison;
  }
  for (const { suite, task } of runTimelineSchema.parse(JSON.parse(timeline.json)).tasks) {
    const matrix = await possible(answerTo(answers, '/items', { query: { suite, task, run } }));
    if (matrix === null) continue;
    yield matrix;
    const { items } = itemMatrixSchema.parse(JSON.parse(matrix.json));
    questions.of += items.length;
    if (questions.written + items.length > most) continue;
    questions.written += items.length;
    const ids = items.map(({ item }) => item);
    for (let start = 0; start < ids.length; start += atOnce) {
      const shown = await answers.questions(ids.slice(start, start + atOnce), { suite, run });
      for (const { item, json } of shown) {
        yield { key: answerPath(pathOf('/items/{item}', { item }), { suite, run }), json };
      }
    }
  }
}

type Place = { readonly params?: Query; readonly query?: Query };

async function answerTo(
  answers: Answers,
  path: string,
  { params = {}, query = {} }: Place = {},
): Promise<ReportAnswer> {
  const tagged = await answers.get(path, { params, query });
  if (tagged === null) throw new Error(`answerTo: expected a route, got ${path}`);
  const { json } = await tagged.read();
  return { key: answerPath(pathOf(path, params), query), json: new TextDecoder().decode(json) };
}

function pathOf(path: string, params: Query): string {
  return path.replaceAll(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

/** Null where the store has no such answer, such as a comparison of what was not measured. */
async function possible(answer: Promise<ReportAnswer>): Promise<ReportAnswer | null> {
  return answer.catch((error: unknown) => {
    if (error instanceof HttpError && error.status < 500) return null;
    throw error;
  });
}

/** A list in one piece. */
async function wholeList(answers: Answers, path: string, query: Query): Promise<ReportAnswer> {
  const rows: unknown[] = [];
  let page = await readPage(answers, path, { ...query, limit: wholePage });
  rows.push(...page.rows);
  while (page.next !== null) {
    page = await readPage(answers, path, { ...query, limit: wholePage, cursor: page.next });
    rows.push(...page.rows);
  }
  return { key: answerPath(path, query), json: JSON.stringify({ ...page, rows, next: null }) };
}

async function readPage(answers: Answers, path: string, query: Query): Promise<Page<unknown>> {
  const { json } = await answerTo(answers, path, { query });
  return pageSchema(z.unknown()).parse(JSON.parse(json));
}

async function readRows<Row>(
  answers: Answers,
  path: string,
  row: z.ZodType<Row>,
): Promise<readonly Row[]> {
  const { json } = await wholeList(answers, path, {});
  return pageSchema(row).parse(JSON.parse(json)).rows;
}
