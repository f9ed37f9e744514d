/** Records of a log: of its questions, of their reduced scores, of the task. */
import type { LogCheckpoint, LogClaim } from '../../importer.ts';
import { makeRecord } from '../../log/blank-record.ts';
import { logItemId } from '../../log/log-task.ts';
import { metricKind } from '../../log/metric-kind.ts';
import type { OutcomeKind, OutcomeRecord } from '../../record.ts';
import type { LogReduction } from './log-parts.ts';
import type { LogMetric, LogResult, LogResults } from './results.ts';
import { scoreParts } from './score-value.ts';
import { inspectLossUnit, isMean, metricsUnder, type Scoring, scoringOf } from './scoring.ts';
import type { LogSettings } from './settings.ts';
import type { AskedQuestion, FilterTally, Tally } from './tally.ts';

/** The log as it was read. */
export type ReadLog = {
  readonly settings: LogSettings;
  readonly tally: Tally;
  readonly results: LogResults | null;
  readonly reductions: readonly LogReduction[];
};

export type RecordContext = { readonly suite: string; readonly checkpoint: LogCheckpoint };

/** Filters, in the order of the log, with what their scores are. */
export type Scored = { readonly tally: FilterTally; readonly scoring: Scoring };

export type Outcome = {
  readonly records: () => Generator<OutcomeRecord>;
  readonly count: number;
  readonly claims: readonly LogClaim[];
  readonly scored: ReadonlyMap<string, Scored>;
  /** The rows cannot be held against the harness's results. */
  readonly isPartial: boolean;
};

export function outcomeOf(log: ReadLog, context: RecordContext): Outcome {
  const { tally, results } = log;
  const scored = new Map<string, Scored>();
  for (const [filter, one] of tally.filters) {
    scored.set(filter, { tally: one, scoring: scoringOf(one, metricsUnder(one, log)) });
  }
  const make = recordMaker(log, context);
  const reduced = log.reductions.flatMap((reduction) =>
    reducedRecords(reduction, { log, scored, make }),
  );
  const summary = summarise(log, { scored, reduced, make, context });
  const counted = [...scored.values()].filter(({ scoring }) => scoring.kind !== null);
  const items = counted.reduce((sum, { tally: { questions } }) => sum + questions, 0);
  return {
    *records() {
      for (const one of counted) yield* itemRecords(one, { log, make });
      yield* reduced;
      yield* summary.records;
    },
    count: items + reduced.length + summary.records.length,
    claims: summary.claims,
    scored,
    isPartial: results !== null && summary.isPartial,
  };
}

type RecordMaker = (
  fields: Pick<OutcomeRecord, 'filter'> & Partial<OutcomeRecord>,
  question?: AskedQuestion,
) => OutcomeRecord;

function recordMaker({ settings }: ReadLog, { suite, checkpoint }: RecordContext): RecordMaker {
  const { task, temperature, topP, seed, fewShot, chatTemplate } = settings;
  return (fields, question) =>
    makeRecord({
      suite,
      task,
      ...checkpoint,
      ...(question === undefined ? {} : questionFields(task, question)),
      temperature,
      topP,
      seed,
      fewShot,
      chatTemplate,
      ...fields,
    });
}

function questionFields(task: string, question: AskedQuestion): Partial<OutcomeRecord> {
  const { id, promptSha256, targetHash } = question;
  return {
    item: logItemId(task, id),
    render: promptSha256 === null ? null : 'messages',
    promptSha256,
    targetHash,
  };
}

function* itemRecords(
  { tally: { filter, sums, counts }, scoring }: Scored,
  { log, make }: { log: ReadLog; make: RecordMaker },
): Generator<OutcomeRecord> {
  const { kind } = scoring;
  if (kind === null) return;
  for (const [place, question] of log.tally.questions.entries()) {
    const [sum, n] = [sums[place], counts[place]];
    if (sum === undefined || n === undefined) continue;
    yield make({ filter, kind, k: kind === 'count' ? sum : sum / n, n }, question);
  }
}

/** The harness's reduced scores; of the mean there are the counts themselves. */
function reducedRecords(
  reduction: LogReduction,
  { log, scored, make }: { log: ReadLog; scored: ReadonlyMap<string, Scored>; make: RecordMaker },
): OutcomeRecord[] {
  const reducer = reducerOf(reduction.reducer, log.settings);
  if (reducer === 'mean') return [];
  const found: { filter: string; base: string; value: number; id: string }[] = [];
  for (const { id, value } of reduction.samples) {
    for (const { filter: base, score } of scoreParts(reduction.scorer, value)) {
      const isKept = (scored.get(base)?.scoring.kind ?? null) !== null && log.tally.has(id);
      if (isKept) found.push({ filter: `${base},${reducer}`, base, value: score.value, id });
    }
  }
  if (found.some(({ value }) => value < 0 || value > 1)) return [];
  const isWhole = found.every(({ value }) => value === 0 || value === 1);
  return found.map(({ filter, base, value, id }) => {
    const isCount = isWhole && scored.get(base)?.scoring.kind === 'count' && isVote(reducer);
    const kind: OutcomeKind = isCount ? 'count' : 'score';
    const question = log.tally.singleWording(id) ?? { id, promptSha256: null, targetHash: null };
    return make({ filter, kind, k: value, n: 1 }, question);
  });
}

/** Reducers that leave a right or a wrong one; the others estimate a probability. */
function isVote(reducer: string): boolean {
  return /^(?:mode|majority|max|at_least)/.test(reducer);
}

/** A log that names no reducer took the run's only one, or else the mean. */
function reducerOf(named: string | null, { reducers }: LogSettings): string {
  return named ?? (reducers?.length === 1 ? (reducers[0] ?? 'mean') : 'mean');
}

type Summary = { records: OutcomeRecord[]; claims: LogClaim[]; isPartial: boolean };

/** The harness's means as claims where their rows are here, everything else as records of the task. */
function summarise(
  log: ReadLog,
  given: {
    scored: ReadonlyMap<string, Scored>;
    reduced: readonly OutcomeRecord[];
    make: RecordMaker;
    context: RecordContext;
  },
): Summary {
  const { settings, tally, results } = log;
  const { scored, reduced, make, context } = given;
  const summary: Summary = { records: [], claims: [], isPartial: false };
  const rows = rowCounts(scored, reduced);
  // What was taken out of the rows is still in the harness's results.
  if (tally.invalidated > 0) return summary;
  for (const result of results?.scores ?? []) {
    const reducer = reducerOf(result.reducer, settings);
    const filter = reducer === 'mean' ? result.filter : `${result.filter},${reducer}`;
    const complete = isComplete(result, log, rows.get(filter) ?? 0);
    for (const metric of result.metrics) {
      const isOfRows = isMean(metric.name) && !metric.grouped;
      if (isOfRows && isShapeless(result, metric, { reducer, tally })) continue;
      if (isOfRows && rows.has(filter) && complete && metric.value >= 0 && metric.value <= 1) {
        const { checkpoint } = context.checkpoint;
        summary.claims.push({ task: settings.task, checkpoint, filter, accuracy: metric.value });
        continue;
      }
      summary.isPartial ||= isOfRows && rows.has(filter);
      const name = isOfRows ? filter : `${filter},${metric.name}`;
      summary.records.push(make(taskFields(name, { metric, result, scored })));
    }
  }
  return { ...summary, claims: distinct(summary.claims) };
}

/** Questions with a row, by filter. */
function rowCounts(
  scored: ReadonlyMap<string, Scored>,
  reduced: readonly OutcomeRecord[],
): ReadonlyMap<string, number> {
  const rows = new Map<string, number>();
  for (const [filter, { tally, scoring }] of scored) {
    if (scoring.kind !== null) rows.set(filter, tally.questions);
  }
  for (const { filter } of reduced) rows.set(filter ?? '', (rows.get(filter ?? '') ?? 0) + 1);
  return rows;
}

/** Inspect counts scores of several values as 0 where a metric wants one. */
function isShapeless(
  { filter }: LogResult,
  { value }: LogMetric,
  { reducer, tally }: { reducer: string; tally: Tally },
): boolean {
  if (value !== 0) return false;
  if (reducer === 'collect') return true;
  if (tally.filters.has(filter)) return false;
  return [...tally.filters.values()].some(({ scorer }) => scorer === filter);
}

/** A log may hold a part of the samples that its results are about, and several wordings of one question. */
function isComplete(
  result: LogResult,
  { tally, results, settings }: ReadLog,
  questions: number,
): boolean {
  if (tally.varied > 0) return false;
  const rows = tally.filters.get(result.filter);
  if (settings.reducers?.length === 0 && rows !== undefined && !isEven(rows)) return false;
  if (result.scored !== null) {
    return result.scored === questions || result.scored === rows?.answers;
  }
  const total = results?.total ?? null;
  return total === null || total === tally.samples;
}

/** Every question was answered equally often: a mean over answers is one over questions. */
function isEven({ counts, questions, answers }: FilterTally): boolean {
  const each = answers / questions;
  return Object.values(counts).every((count) => count === each);
}

function taskFields(
  filter: string,
  given: { metric: LogMetric; result: LogResult; scored: ReadonlyMap<string, Scored> },
): Pick<OutcomeRecord, 'filter'> & Partial<OutcomeRecord> {
  const { metric, result, scored } = given;
  const { value, name } = metric;
  const known = scored.get(result.filter)?.scoring;
  const unit = inspectLossUnit(name);
  if (unit !== null || value < 0 || value > 1 || known?.kind === null) {
    return { filter, loss: value, lossUnit: unit ?? (isMean(name) ? result.filter : name) };
  }
  const isCount = isMean(name) && (known?.kind ?? metricKind(name)) === 'count';
  const n = result.scored;
  const k =
    isCount && n !== null && Number.isSafeInteger(n) && n > 0 ? Math.round(value * n) : null;
  // A mean over epochs, or with half marks, is no share of right questions.
  return k !== null && n !== null && Math.abs(k / n - value) < 1e-9
    ? { filter, kind: 'count', k, n }
    : { filter, kind: 'score', k: value, n: 1 };
}

function distinct(claims: readonly LogClaim[]): LogClaim[] {
  return [...new Map(claims.map((claim) => [JSON.stringify(claim), claim])).values()];
}
