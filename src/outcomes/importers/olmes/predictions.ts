/** The outcomes of a predictions file, streamed along with its requests. */
import { basename, dirname } from 'node:path';
import { UserError } from '../../../error/index.ts';
import type { ImportOptions, LogModel } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { numberIn } from '../../log/fields.ts';
import { identifyModel } from '../../log/identify-model.ts';
import { type LogLine, parseLogLine, readLogLines } from '../../log/log-lines.ts';
import { metricKind } from '../../log/metric-kind.ts';
import { type RowScores, UsableMetrics } from '../../log/usable-metrics.ts';
import type { OutcomeRecord } from '../../record.ts';
import { besideRun, besideTask, prefixOf } from './find-files.ts';
import { createItemIds } from './item-ids.ts';
import { parsePrediction, type Prediction } from './prediction.ts';
import { questionOf, samplingOf } from './question.ts';
import { answersOf, answerScores, comparesLabels, extractedOf } from './repeats.ts';
import { RequestReader } from './requests.ts';
import { type OlmesTask, readTask, readTasks } from './task-run.ts';
import { type QuestionTelling, tellQuestion, tellWithout } from './tell-question.ts';

type Context = {
  readonly told: OlmesTask | null;
  readonly base: OutcomeRecord;
  readonly metrics: UsableMetrics;
  /** Whether all answers can be compared as the harness compares the first. */
  readonly compares: boolean;
  readonly telling: QuestionTelling;
  readonly requests: RequestReader | null;
  readonly idOf: (native: unknown, document: number) => string;
};

export async function* predictionRecords(
  path: string,
  options: ImportOptions,
): AsyncGenerator<OutcomeRecord> {
  const told = await findTask(path);
  const model = told?.model ?? givenModel(path, options);
  const checkpoint = await (options.identify ?? identifyModel)(model);
  const requestsPath = told?.requestsCut === true ? null : await besideTask(path, 'requests.jsonl');
  await using requests = requestsPath === null ? null : new RequestReader(requestsPath);
  const judged = [...parseAll(path, await firstLines(path), told)];
  const task = told?.name ?? taskByName(path);
  const suite = options.suite ?? 'olmes';
  const { fewShot = null, chatTemplate = null } = told ?? {};
  const metrics = new UsableMetrics(scoresOf(judged), []);
  const context: Context = {
    ...{ told, requests, metrics },
    base: makeRecord({ ...checkpoint, suite, task, fewShot, chatTemplate }),
    compares: comparesLabels(judged),
    telling: { task, options, declared: declaredBy(told, metrics), without: new Map() },
    idOf: createItemIds(task),
  };
  const seen = new Set<string>();
  for await (const lines of readLogLines(path)) {
    for (const prediction of parseAll(path, lines, told)) {
      for (const record of await recordsOf(prediction, context)) {
        seen.add(record.filter ?? '');
        yield record;
      }
    }
  }
  for (const filter of metrics.withdrawn(seen)) {
    seen.delete(filter);
    options.onWithdraw?.({ task, filter });
  }
  tellRest(context, seen, requestsPath !== null);
}

/** The metrics of the task: its own file, else its line in those of the run. */
async function findTask(path: string): Promise<OlmesTask | null> {
  const own = await besideTask(path, 'metrics.json');
  if (own !== null) return readTask(own);
  const all = await besideRun(path, 'metrics-all.jsonl');
  if (all === null) return null;
  const [line] = await firstLines(path);
  if (line === undefined) return null;
  const { taskHash } = parsePrediction(...located(path, line), null);
  for await (const task of readTasks(all)) {
    if (taskHash !== null && task.hash === taskHash) return task;
  }
  return null;
}

function located(path: string, line: LogLine): [unknown, string] {
  const name = basename(path);
  return [parseLogLine(name, line), `\`${name}\`, line ${line.line}`];
}

function* parseAll(
  path: string,
  lines: readonly LogLine[],
  told: OlmesTask | null,
): Generator<Prediction> {
  for (const line of lines) yield parsePrediction(...located(path, line), told?.metrics ?? null);
}

function* scoresOf(predictions: Iterable<Prediction>): Generator<RowScores> {
  for (const { scores } of predictions) yield scores;
}

/** The lines of the file's first piece, by which it is judged what its metrics are like. */
async function firstLines(path: string): Promise<readonly LogLine[]> {
  for await (const lines of readLogLines(path)) return lines;
  return [];
}

/** Folders are named in many ways: a guess would put two checkpoints under one name. */
function givenModel(path: string, { checkpoint }: ImportOptions): LogModel {
  if (checkpoint !== undefined) return { name: checkpoint, revision: null };
  throw new UserError(
    `\`${basename(path)}\`: expected \`${prefixOf(path)}-metrics.json\` or \`metrics-all.jsonl\` beside it, which names the model: pass --checkpoint (in ${dirname(path)})`,
  );
}

function taskByName(path: string): string {
  const name = prefixOf(path).replace(/^task-\d+-/, '');
  return name === '' ? 'task' : name;
}

function declaredBy(told: OlmesTask | null, metrics: UsableMetrics): string | null {
  const primary = told?.primaryMetric ?? null;
  return primary !== null && told?.metrics.has(primary) === true && metrics.has(primary)
    ? primary
    : null;
}

async function recordsOf(prediction: Prediction, context: Context): Promise<OutcomeRecord[]> {
  const { told, metrics, requests, telling, compares } = context;
  const rows = (await requests?.of(prediction.document)) ?? null;
  const question = rows === null ? null : questionOf(rows);
  const asked = typeof question === 'string' ? null : question;
  const answers = answersOf(prediction);
  const sampling = samplingOf(answers === null ? null : told?.generation);
  const base: OutcomeRecord = {
    ...context.base,
    item: context.idOf(prediction.native, prediction.document),
    temperature: sampling.temperature,
    topP: sampling.topP,
    render: asked?.render ?? null,
    promptSha256: asked?.promptSha256 ?? null,
  };
  const records: OutcomeRecord[] = [];
  for (const [metric, written] of prediction.scores) {
    const value = metrics.score(metric, written);
    if (value === null) continue;
    const drawn = numberOfAnswers(prediction, told);
    records.push(ownRecord(base, { metric, value, drawn }));
    const each = compares ? answerScores(prediction, metric) : null;
    if (each !== null && each.length > 1) records.push(allRepeats(base, metric, each));
    if (answers !== null) tellAnswers(prediction, base, { metric, value, each, answers }, telling);
  }
  if (records.length > 0 && question !== null && base.item !== null) {
    tellQuestion(question, base.item, telling);
  }
  return records;
}

/** The log keeps a hundred answers at most, the harness scores all. */
function numberOfAnswers({ outputs }: Prediction, told: OlmesTask | null): number {
  const repeats = numberIn(told?.generation, 'repeats');
  const more = outputs.length >= 100 && repeats !== null && Number.isSafeInteger(repeats);
  return more ? Math.max(repeats, outputs.length) : Math.max(outputs.length, 1);
}

/** `pass_at_1` is the share of all answers that are right; other metrics are of the first, or of all together. */
function ownRecord(
  base: OutcomeRecord,
  { metric, value, drawn }: { metric: string; value: number; drawn: number },
): OutcomeRecord {
  const kind = metricKind(metric);
  const right = Math.round(value * drawn);
  const isShare = metric === 'pass_at_1' && Math.abs(value * drawn - right) < 1e-6;
  return isShare
    ? { ...base, kind, k: right, n: drawn, filter: metric }
    : { ...base, kind, k: value, n: 1, filter: metric };
}

function allRepeats(base: OutcomeRecord, metric: string, each: readonly number[]): OutcomeRecord {
  const k = each.reduce((sum, score) => sum + score, 0);
  return { ...base, kind: 'count', k, n: each.length, filter: `${metric},all-repeats` };
}

function tellAnswers(
  prediction: Prediction,
  { item, task, checkpoint }: OutcomeRecord,
  graded: { metric: string; value: number; each: readonly number[] | null; answers: string[] },
  { options }: QuestionTelling,
): void {
  const { metric, value, each, answers } = graded;
  if (options.onAnswer === undefined || item === null) return;
  const ofFirst = /^exact_match/.test(metric) || answers.length === 1;
  answers.forEach((answer, sample) => {
    options.onAnswer?.({
      ...{ task, item, checkpoint, filter: metric, sample, answer },
      extracted: extractedOf(prediction, sample),
      grade: each?.[sample] ?? (sample === 0 && ofFirst ? value : null),
    });
  });
}

/** Of instructions, not of questions. */
const otherMeans = /^inst_level_/;

function tellRest(
  { told, base, metrics, telling }: Context,
  seen: ReadonlySet<string>,
  hasRequests: boolean,
): void {
  const { options } = telling;
  for (const [metric, accuracy] of told?.metrics ?? []) {
    const isClaim = seen.has(metric) && !otherMeans.test(metric);
    if (!isClaim || accuracy < 0 || accuracy > 1) continue;
    options.onClaim?.({ task: base.task, checkpoint: base.checkpoint, filter: metric, accuracy });
  }
  if (told === null) {
    options.onNotice?.(
      'the task’s metrics file is not here: its name is taken from the file’s, and the harness’s own accuracies cannot be checked',
    );
  }
  if (!hasRequests) {
    options.onNotice?.(
      told?.requestsCut === true
        ? 'long prompts were cut when the requests were saved: the questions go to no suite'
        : 'the task’s requests file is not here: the prompts are unknown, and no suite is written',
    );
  }
  for (const notice of metrics.notices()) options.onNotice?.(notice);
  tellWithout(telling);
}
