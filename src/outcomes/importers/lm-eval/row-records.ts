import type { ImportOptions } from '../../importer.ts';
import type { JsonObject } from '../../log/fields.ts';
import { logItem, logItemId, logTask } from '../../log/log-task.ts';
import { metricKind } from '../../log/metric-kind.ts';
import { scoreOf, type UsableMetrics } from '../../log/usable-metrics.ts';
import type { OutcomeRecord } from '../../record.ts';
import {
  type NoQuestion,
  questionOf,
  type SampleQuestion,
  type SampleSampling,
  samplingOf,
} from './question.ts';
import { answerScores, extractedAnswers, scoredBy } from './repeats.ts';
import type { LmEvalRun, LmEvalTask } from './run.ts';
import type { SampleRow } from './sample-row.ts';
import { filterName } from './task-records.ts';

export type SampleContext = {
  readonly task: string;
  /** What the results file says of the task and its run; null without one. */
  readonly told: LmEvalTask | null;
  readonly run: LmEvalRun | null;
  readonly metrics: UsableMetrics;
  /** What all records of the file have in common. */
  readonly base: OutcomeRecord;
  readonly options: ImportOptions;
  /** The filter that a suite is to declare: the only one of the task. */
  readonly declared: string | null;
  /** Documents whose question cannot stand in a suite. */
  readonly without: Map<NoQuestion, Set<number>>;
};

/** The outcomes that a row holds; tells of its question and answers. */
export function rowRecords(
  row: SampleRow,
  filter: string | null,
  context: SampleContext,
): OutcomeRecord[] {
  const config = context.told?.config ?? null;
  const question = questionOf(row, config);
  const sampling = samplingOf(row, context.run?.seed ?? null);
  const base = baseRecord(row, { question, sampling, context });
  const records: OutcomeRecord[] = [];
  for (const [metric, written] of row.scores) {
    const name = filterName({ metric, filter });
    const value = context.metrics.score(metric, written);
    if (value !== null) {
      const scored = { metric, filter, config, value, name };
      records.push(ownRecord(base, row, scored));
      const each = answerScores(row, scored);
      if (each !== null && each.length > 1 && scoredBy(row, scored) === 'the first answer') {
        records.push(allRepeats(base, name, each));
      }
      if (context.options.onAnswer !== undefined)
        tellAnswers(row, base, { ...scored, each }, context);
    } else {
      const each = repeatScores(row, written);
      if (each !== null && context.metrics.has(metric)) records.push(allRepeats(base, name, each));
    }
  }
  if (records.length > 0) tellQuestion(row, { question, sampling, context });
  return records;
}

type Parts = {
  question: SampleQuestion | NoQuestion;
  sampling: SampleSampling;
  context: SampleContext;
};

function baseRecord(row: SampleRow, { question, sampling, context }: Parts): OutcomeRecord {
  const asked = typeof question === 'string' ? null : question;
  return {
    ...context.base,
    item: logItemId(context.task, row.document),
    temperature: sampling.temperature,
    topP: sampling.topP,
    seed: sampling.seed,
    render: asked?.render ?? null,
    promptSha256: asked?.promptSha256 ?? null,
    documentHash: row.documentHash,
    targetHash: row.targetHash,
  };
}

type Scoring = {
  metric: string;
  filter: string | null;
  config: JsonObject | null;
  value: number;
  /** Metric and filter as a record names them. */
  name: string;
};

/** A share of several answers becomes their number; another broken count stays as it is, of one answer. */
function ownRecord(base: OutcomeRecord, row: SampleRow, scoring: Scoring): OutcomeRecord {
  const { metric, value, name: filter } = scoring;
  const kind = metricKind(metric);
  const answers = row.answers?.length ?? 1;
  const right = Math.round(value * answers);
  const isMean = kind === 'count' && scoredBy(row, scoring) === 'the mean';
  return isMean && Math.abs(value * answers - right) < 1e-9
    ? { ...base, kind, k: right, n: answers, filter }
    : { ...base, kind, k: value, n: 1, filter };
}

function allRepeats(base: OutcomeRecord, name: string, each: readonly number[]): OutcomeRecord {
  const k = each.reduce((sum, score) => sum + score, 0);
  return { ...base, kind: 'count', k, n: each.length, filter: `${name},all-repeats` };
}

/** Scores of single answers, where the harness wrote a list of them instead of one. */
function repeatScores(row: SampleRow, written: unknown): number[] | null {
  if (!Array.isArray(written) || written.length !== (row.answers?.length ?? 1)) return null;
  const scores = written.map(scoreOf);
  const right = scores.filter((score) => score === 0 || score === 1);
  return written.length > 1 && right.length === written.length ? right : null;
}

function tellAnswers(
  row: SampleRow,
  { item, checkpoint }: OutcomeRecord,
  { each, ...scoring }: Scoring & { each: readonly number[] | null },
  { task, options }: SampleContext,
): void {
  const { value, name } = scoring;
  if (row.answers === null || item === null) return;
  const extracted = extractedAnswers(row, scoring);
  const scored = scoredBy(row, scoring);
  row.answers.forEach((answer, sample) => {
    const first = sample === 0 && (scored === 'the only answer' || scored === 'the first answer');
    const onlyFirst = first && typeof row.filtered === 'string' ? row.filtered : null;
    options.onAnswer?.({
      ...{ task, item, checkpoint, filter: name, sample, answer },
      extracted: extracted?.[sample] ?? onlyFirst,
      grade: each?.[sample] ?? (first ? value : null),
    });
  });
}

function tellQuestion(row: SampleRow, { question, sampling, context }: Parts): void {
  const { task, options, without, declared } = context;
  if (typeof question === 'string') {
    const documents = without.get(question) ?? new Set();
    without.set(question, documents.add(row.document));
    return;
  }
  if (options.onQuestion === undefined) return;
  const { prompt, messages, target, choices, delimiter } = question;
  options.onQuestion({
    item: logItem({
      task,
      id: logItemId(task, row.document),
      ...{ prompt, messages, target, choices },
    }),
    task: logTask({
      name: task,
      filter: declared,
      ...(choices === null ? {} : { chance: 1 / choices.length }),
      ...(choices === null ? {} : { grader: { type: 'loglikelihood', delimiter } }),
      ...(sampling.stop.length === 0 ? {} : { stop: sampling.stop }),
      ...(sampling.maxTokens === null || sampling.maxTokens < 1
        ? {}
        : { maxTokens: sampling.maxTokens }),
    }),
  });
}
