/** Status row by row from counts a question: errors with groups as clusters, and pass@k. */
import {
  clusteredMean,
  type CountedQuestions,
  meanPassAtK,
  type ShrunkPassAtK,
  shrunkPassAtK,
} from '../estimate/index.ts';
import type { CountedOutcomes, ItemGroups, OutcomeQuery, Store } from '../store/index.ts';
import type { StatusCell, StatusRow } from '../store/index.ts';
import { compareText } from './compare-text.ts';

/** Chance that one of `k` answers is right, mean over the questions with so many answers. */
export type PassAt = {
  readonly k: number;
  /** Questions behind it, and those with fewer than k answers (or with parts of answers). */
  readonly items: number;
  readonly leftOut: number;
  readonly estimate: number | null;
  /** With groups as clusters. */
  readonly standardError: number | null;
  /**
   * Over all questions, by a prior that they share (empirical Bayes); null where it was not asked for, or their answers
   * do not tell one.
   */
  readonly shrunk: {
    readonly estimate: number;
    readonly standardError: number | null;
    readonly alpha: number;
    readonly beta: number;
  } | null;
};

export type PassAtRequest = { readonly ks: readonly number[]; readonly shrink: boolean };

export type CountedCells = ReadonlyMap<string, readonly CountedQuestions[]>;

/** The counts of every cell; groups are numbered in the order of these counts. */
export async function readCounts(
  store: Store,
  query: OutcomeQuery,
  groups: ItemGroups,
): Promise<CountedCells> {
  const cells = new Map<string, CountedOutcomes[]>();
  for await (const rows of store.outcomes.counts(query, groups)) {
    for (const row of rows) {
      const key = keyOf(row);
      const cell = cells.get(key);
      if (cell === undefined) cells.set(key, [row]);
      else cell.push(row);
    }
  }
  return new Map([...cells].map(([key, rows]) => [key, numbered(rows)]));
}

/** The store gives them in no particular order, and sums depend on it. */
function numbered(rows: CountedOutcomes[]): CountedQuestions[] {
  const groups = new Map<string, number>();
  return rows.sort(byCounts).map((row) => countedOf(row, groups));
}

function byCounts(a: CountedOutcomes, b: CountedOutcomes): number {
  return a.n - b.n || a.k - b.k || compareText(a.group ?? '', b.group ?? '');
}

function countedOf(row: CountedOutcomes, groups: Map<string, number>): CountedQuestions {
  const { group: name, k, n: answers, questions, kind } = row;
  const group = name === null ? -1 : (groups.get(name) ?? groups.size);
  if (name !== null) groups.set(name, group);
  return { right: kind === 'score' ? k * answers : k, answers, questions, group };
}

export function countsOf(cells: CountedCells, row: StatusCell): readonly CountedQuestions[] {
  return cells.get(keyOf(row)) ?? [];
}

function keyOf(cell: StatusCell): string {
  const { suite, task, filter, checkpoint, kind, temperature, topP, render } = cell;
  const { fewShot, chatTemplate } = cell;
  return JSON.stringify([
    ...[suite, task, filter, checkpoint, kind, temperature, topP, render],
    ...[fewShot, chatTemplate],
  ]);
}

/** Of a row's accuracy, with groups as clusters; null where there are fewer than two. */
export function clusteredError(counted: readonly CountedQuestions[]): number | null {
  const rates: number[] = [];
  const groups: number[] = [];
  for (const { right, answers, questions, group } of counted) {
    for (let question = 0; question < questions; question += 1) {
      rates.push(right / answers);
      groups.push(group);
    }
  }
  if (rates.length === 0) return null;
  const { variance } = clusteredMean(Float64Array.from(rates), Int32Array.from(groups));
  return variance === null ? null : Math.sqrt(variance);
}

/** Of counts alone: a mean score says nothing of single answers. */
export function passAtOf(
  row: StatusRow,
  counted: readonly CountedQuestions[],
  { ks, shrink }: PassAtRequest,
): PassAt[] {
  const own = row.kind === 'count' && row.items > 0 ? counted : [];
  return ks.map((k) => {
    const { questions, leftOut, mean, standardError } = meanPassAtK(own, k);
    const shrunk = shrink ? shrunkPassAtK(own, k) : null;
    return {
      ...{ k, items: questions, leftOut, estimate: mean, standardError },
      shrunk: shrunk === null ? null : describeShrunk(shrunk),
    };
  });
}

function describeShrunk({ mean, standardError, prior }: ShrunkPassAtK): PassAt['shrunk'] {
  return { estimate: mean, standardError, ...prior };
}
