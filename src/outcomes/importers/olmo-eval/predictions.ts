/** The outcomes of a predictions file, streamed along with its requests. */
import { basename, dirname, resolve } from 'node:path';
import type { ImportOptions, LogModel } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { fieldIn, numberIn, objectIn, textIn } from '../../log/fields.ts';
import { identifyModel } from '../../log/identify-model.ts';
import { type LogLine, parseLogLine, readLogLines } from '../../log/log-lines.ts';
import { metricKind } from '../../log/metric-kind.ts';
import { type RowScores, UsableMetrics } from '../../log/usable-metrics.ts';
import type { OutcomeRecord } from '../../record.ts';
import { createItemIds } from '../olmes/item-ids.ts';
import { questionOf, readsLikelihoods, samplingOf } from '../olmes/question.ts';
import { type DocumentRequests, RequestReader } from '../olmes/requests.ts';
import { type QuestionTelling, tellQuestion, tellWithout } from '../olmes/tell-question.ts';
import { findRequests, findRun, stemOf, taskOf } from './find-files.ts';
import { parsePrediction, type Prediction, sampleScores } from './prediction.ts';
import { type OlmoEvalMetric, type OlmoEvalTask, readRun } from './run.ts';

type Context = {
  readonly told: OlmoEvalTask | null;
  readonly base: OutcomeRecord;
  /** Judged by metric and scorer together: a scorer's own channel may be on another scale. */
  readonly usable: UsableMetrics;
  readonly telling: QuestionTelling;
  readonly requests: RequestReader | null;
  readonly idOf: (native: unknown, document: number) => string;
};

export async function* predictionRecords(
  path: string,
  options: ImportOptions,
): AsyncGenerator<OutcomeRecord> {
  const run = await findRun(path);
  const told = run === null ? null : taskOf(path, await readRun(run));
  const model = told?.model ?? modelByFolder(path, options);
  const checkpoint = await (options.identify ?? identifyModel)(model);
  const requestsPath = await findRequests(path);
  await using requests = requestsPath === null ? null : new RequestReader(requestsPath);
  const task = told?.name ?? stemOf(path).replace(/_[0-9a-f]{6}$/, '');
  const usable = new UsableMetrics(await firstScores(path), []);
  const suite = options.suite ?? 'olmo-eval';
  const context: Context = {
    ...{ told, requests, usable },
    base: makeRecord({ ...checkpoint, suite, task, fewShot: told?.fewShot ?? null }),
    telling: { task, options, declared: declaredBy(told, usable), without: new Map() },
    idOf: createItemIds(task),
  };
  const seen = new Set<string>();
  for await (const lines of readLogLines(path)) {
    for (const prediction of parseAll(path, lines)) {
      for (const record of await recordsOf(prediction, context)) {
        seen.add(record.filter ?? '');
        yield record;
      }
    }
  }
  for (const filter of usable.withdrawn(seen)) {
    seen.delete(filter);
    options.onWithdraw?.({ task, filter });
  }
  tellRest(context, seen);
}

function* parseAll(path: string, lines: readonly LogLine[]): Generator<Prediction> {
  const name = basename(path);
  for (const line of lines) {
    yield parsePrediction(parseLogLine(name, line), `\`${name}\`, line ${line.line}`);
  }
}

/** What the lines of the file's first piece say. */
async function firstScores(path: string): Promise<RowScores[]> {
  for await (const lines of readLogLines(path)) {
    return [...parseAll(path, lines)].map(
      ({ metrics }) => new Map(metrics.map(({ name, value }) => [name, value])),
    );
  }
  return [];
}

/** A file without the run's metrics: its folder has the model's name, with every slash and colon replaced. */
function modelByFolder(path: string, options: ImportOptions): LogModel {
  const name = basename(dirname(resolve(path)));
  options.onNotice?.(
    `no \`metrics.json\` above has this task: task and model are taken from the names of file and folder (\`${name}\`), and the harness’s own accuracies cannot be checked`,
  );
  return { name, revision: null };
}

function declaredBy(told: OlmoEvalTask | null, usable: UsableMetrics): string | null {
  const primary = told?.primaryMetric ?? null;
  const own = told?.metrics.find(({ name }) => name === primary);
  return own !== undefined && isScore(own, usable) ? own.name : null;
}

/** A metric that is a share or a score, for a scorer whose values are. */
function isScore({ metric, name }: OlmoEvalMetric, usable: UsableMetrics): boolean {
  return usable.has(metric) && usable.has(name);
}

async function recordsOf(prediction: Prediction, context: Context): Promise<OutcomeRecord[]> {
  const { told, usable, requests, telling } = context;
  const rows = (await requests?.of(prediction.document)) ?? null;
  const question = rows === null ? null : questionOf(rows);
  const base = baseRecord(prediction, { rows, question, context });
  const sampled = isSampled(prediction, rows, told);
  const records: OutcomeRecord[] = [];
  for (const metric of prediction.metrics) {
    const isTold = told === null || told.metrics.some(({ name }) => name === metric.name);
    const value =
      isTold && usable.has(metric.metric) ? usable.score(metric.name, metric.value) : null;
    if (value === null) continue;
    const each = sampled ? sampleScores(prediction, metric.name) : null;
    records.push(...metricRecords(base, { ...metric, value }, each));
    if (sampled) tellAnswers(prediction, base, { name: metric.name, value, each }, telling);
  }
  if (records.length > 0 && question !== null && base.item !== null) {
    tellQuestion(question, base.item, telling);
  }
  return records;
}

function baseRecord(
  { native, document }: Prediction,
  given: {
    rows: DocumentRequests | null;
    question: ReturnType<typeof questionOf> | null;
    context: Context;
  },
): OutcomeRecord {
  const { rows, question, context } = given;
  const asked = question === null || typeof question === 'string' ? null : question;
  const settings = objectIn(objectIn(rows?.[0], 'request'), 'generation_kwargs');
  const likelihoods = rows !== null && readsLikelihoods(rows);
  const told = settings !== null && Object.keys(settings).length > 0 ? settings : null;
  const sampling = samplingOf(likelihoods ? null : (told ?? context.told?.sampling));
  return {
    ...context.base,
    item: context.idOf(native, document),
    temperature: sampling.temperature,
    topP: sampling.topP,
    render: asked?.render ?? null,
    promptSha256: asked?.promptSha256 ?? null,
    // A text reaches the model as it is; messages go through a template that the log does not name.
    chatTemplate: asked?.render === 'prompt' ? 'none' : null,
  };
}

/** Whether the outputs are answers that were drawn, and not given texts whose likelihoods were read. */
function isSampled(
  { outputs }: Prediction,
  rows: DocumentRequests | null,
  told: OlmoEvalTask | null,
): boolean {
  if (rows !== null) return textIn(rows[0], 'request_type') === 'generate_until';
  return outputs.length === (numberIn(told?.sampling, 'num_samples') ?? -1);
}

/**
 * Several answers of one question are scored each. `pass_at_1` is the share of them that are right; other metrics keep one
 * value of all, the best or the first, and stand beside the count.
 */
function metricRecords(
  base: OutcomeRecord,
  { metric, name, value }: OlmoEvalMetric,
  each: readonly number[] | null,
): OutcomeRecord[] {
  const kind = metricKind(metric);
  const own: OutcomeRecord = { ...base, kind, k: value, n: 1, filter: name };
  if (each === null || each.length < 2) return [own];
  if (/^pass_(?:at|pow)_/.test(metric)) {
    const right = each.filter((score) => score > 0.5).length;
    const isShare = metric === 'pass_at_1' && Math.abs(right / each.length - value) < 1e-9;
    return [isShare ? { ...own, k: right, n: each.length } : own];
  }
  const sum = each.reduce((total, score) => total + score, 0);
  const k = kind === 'count' ? sum : sum / each.length;
  return [own, { ...own, k, n: each.length, filter: `${name},all-repeats` }];
}

function tellAnswers(
  { outputs }: Prediction,
  { item, task, checkpoint }: OutcomeRecord,
  { name, value, each }: { name: string; value: number; each: readonly number[] | null },
  { options }: QuestionTelling,
): void {
  if (options.onAnswer === undefined || item === null) return;
  outputs.forEach((output, sample) => {
    const answer = fieldIn(output, 'text');
    if (typeof answer !== 'string') return;
    const extracted = fieldIn(output, 'extracted_answer');
    options.onAnswer?.({
      ...{ task, item, checkpoint, filter: name, sample, answer },
      extracted:
        typeof extracted === 'string' || typeof extracted === 'number' ? String(extracted) : null,
      grade: each?.[sample] ?? (outputs.length === 1 ? value : null),
    });
  });
}

function tellRest(
  { told, base, usable, telling, requests }: Context,
  seen: ReadonlySet<string>,
): void {
  const { options } = telling;
  for (const { name, value } of told?.metrics ?? []) {
    if (!seen.has(name) || value < 0 || value > 1) continue;
    const { task, checkpoint } = base;
    options.onClaim?.({ task, checkpoint, filter: name, accuracy: value });
  }
  if (requests === null) {
    options.onNotice?.(
      'the task’s requests file is not here: the prompts are unknown, and no suite is written',
    );
  }
  for (const notice of usable.notices()) options.onNotice?.(notice);
  tellWithout(telling);
}
