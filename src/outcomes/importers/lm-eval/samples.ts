/** The outcomes of a samples file, streamed: memory holds a piece of the file, and a number a document. */
import { basename, dirname, resolve } from 'node:path';
import { UserError } from '../../../error/index.ts';
import type { ImportOptions, LogModel } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { identifyModel } from '../../log/identify-model.ts';
import { isNone, type RowScores, UsableMetrics } from '../../log/usable-metrics.ts';
import type { OutcomeRecord } from '../../record.ts';
import { createFilterNames } from './filter-names.ts';
import { findResults } from './find-results.ts';
import { meanResults, metricsOutside } from './mean-results.ts';
import type { NoQuestion } from './question.ts';
import { rowRecords, type SampleContext } from './row-records.ts';
import { filtersOf, type LmEvalRun, type LmEvalTask, readRun } from './run.ts';
import { readSampleRows } from './sample-rows.ts';
import { taskOf } from './task-name.ts';
import { filterName } from './task-records.ts';

/** By so much of a file it is judged what a metric's values are like. */
const [judgedRows, judgedPieces] = [2000, 8];

export async function* sampleRecords(
  path: string,
  options: ImportOptions,
): AsyncGenerator<OutcomeRecord> {
  const about = await aboutSamples(path);
  if (about.task === null) throw untold(path);
  const model = about.run?.model ?? modelByFolder(path, options);
  const checkpoint = await (options.identify ?? identifyModel)(model);
  const metrics = judgeMetrics(await firstScores(path), about.told);
  const without = new Map<NoQuestion, Set<number>>();
  const { task, told, run } = about;
  const context: SampleContext = {
    ...{ task, told, run, metrics, options, without },
    base: makeRecord({
      ...checkpoint,
      suite: options.suite ?? 'lm-eval',
      task,
      params: run?.params ?? null,
      fewShot: told?.fewShot ?? null,
      chatTemplate: run?.chatTemplate ?? null,
    }),
    declared: told === null ? null : onlyFilter(told, metrics),
  };
  const filterOf = createFilterNames(told === null ? null : filtersOf(told));
  const seen = new Map<string, number>();
  for await (const batch of readSampleRows(path)) {
    for (const row of batch) {
      for (const record of rowRecords(row, filterOf(row), context)) {
        const filter = record.filter ?? '';
        seen.set(filter, (seen.get(filter) ?? 0) + 1);
        yield record;
      }
    }
  }
  for (const filter of metrics.withdrawn(seen.keys())) {
    seen.delete(filter);
    options.onWithdraw?.({ task, filter });
  }
  tellClaims(context, seen);
  tellNotices(context, seen);
}

type AboutSamples = {
  readonly task: string | null;
  readonly told: LmEvalTask | null;
  readonly run: LmEvalRun | null;
};

async function aboutSamples(path: string): Promise<AboutSamples> {
  const results = await findResults(path);
  const run = results === null ? null : await readRun(results);
  const task = taskOf(path, run?.tasks.keys() ?? []);
  const told = task === null ? null : (run?.tasks.get(task) ?? null);
  // Results that do not know the task are of another run.
  return { task, told, run: told === null ? null : run };
}

function judgeMetrics(scores: readonly RowScores[], told: LmEvalTask | null): UsableMetrics {
  return new UsableMetrics(scores, told === null ? [] : metricsOutside(told));
}

/** Why a samples file has no outcomes of its own; null where it has some. */
export async function withoutOutcomes(path: string): Promise<string | null> {
  const { told } = await aboutSamples(path);
  const scores = await firstScores(path);
  const metrics = judgeMetrics(scores, told);
  const tells = ([metric, value]: [string, unknown]): boolean =>
    metrics.has(metric) && (isTold(value) || metrics.score(metric, value) !== null);
  if (scores.length === 0 || scores.some((row) => [...row].some(tells))) return null;
  const names = new Set(scores.flatMap((row) => [...row.keys()]));
  if (names.size === 0) return 'its samples are not scored';
  return scores.every((row) => [...row.values()].every(isNone))
    ? `${listed(names)}: every value is NaN`
    : `${listed(names)}: of whole tasks, the results file has them`;
}

/** Scores of single answers in a list. */
function isTold(value: unknown): boolean {
  return (
    Array.isArray(value) && value.length > 1 && value.every((score) => score === 0 || score === 1)
  );
}

/** What the first rows say: of as many as are enough to judge by, or as fit into a few pieces of the file. */
async function firstScores(path: string): Promise<RowScores[]> {
  const scores: RowScores[] = [];
  let pieces = 0;
  for await (const batch of readSampleRows(path)) {
    for (const row of batch) scores.push(row.scores);
    pieces += 1;
    if (scores.length >= judgedRows || pieces === judgedPieces) break;
  }
  return scores;
}

/** A file without its results: its folder has the model's name, the slashes replaced. */
function modelByFolder(path: string, options: ImportOptions): LogModel {
  const folder = basename(dirname(resolve(path)));
  const name = folder.replaceAll('__', '/');
  options.onNotice?.(
    `the results file of its run is not here: the model is taken from the folder’s name (\`${name}\`), few-shot count and chat template are unknown, and the harness’s own accuracies cannot be checked`,
  );
  return { name, revision: null };
}

function untold(path: string): UserError {
  return new UserError(
    `\`${basename(path)}\`: expected the name \`samples_<task>_<date>.jsonl\`, or the run’s \`results.json\` beside it, which names the task (in ${dirname(path)})`,
  );
}

/** The task's only filter; null where a suite would have to choose. */
function onlyFilter(told: LmEvalTask, metrics: UsableMetrics): string | null {
  const usable = meanResults(told).filter(({ metric }) => metrics.has(metric));
  const [only] = usable;
  return usable.length === 1 && only !== undefined ? filterName(only) : null;
}

function tellClaims(context: SampleContext, seen: ReadonlyMap<string, number>): void {
  const { task, told, base, options } = context;
  for (const result of told === null ? [] : meanResults(told)) {
    const filter = filterName(result);
    if (!seen.has(filter)) continue;
    const accuracy = result.value;
    options.onClaim?.({ task, checkpoint: base.checkpoint, filter, accuracy });
  }
}

const reasons: Readonly<Record<NoQuestion, string>> = {
  'several contexts': 'read another context for each choice',
  'no prompt': 'have no prompt in front of what was scored',
};

function tellNotices(
  { told, metrics, without, options }: SampleContext,
  seen: ReadonlyMap<string, number>,
): void {
  for (const result of told?.results ?? []) {
    const scored = seen.get(filterName(result)) ?? 0;
    const questions = scored + metrics.missing(result.metric);
    if (scored === 0 || result.n === null || questions >= result.n) continue;
    options.onNotice?.(`the file holds ${questions} of the task’s ${result.n} questions`);
    break;
  }
  for (const notice of metrics.notices()) options.onNotice?.(notice);
  for (const [reason, documents] of without) {
    options.onNotice?.(`${documents.size} questions ${reasons[reason]}: they go to no suite`);
  }
}

function listed(names: Iterable<string>): string {
  return [...names].map((name) => `\`${name}\``).join(', ');
}
