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

type CountedCell = { readonly counted: CountedQuestions[]; readonly groups: Map<string, number> };
export type CountedCells = ReadonlyMap<string, CountedCell>;

/** The counts of every cell; groups are numbered in the order of their appearance. */
export async function readCounts(
  store: Store,
  query: OutcomeQuery,
  groups: ItemGroups,
): Promise<CountedCells> {
  const cells = new Map<string, CountedCell>();
  for await (const rows of store.outcomes.counts(query, groups)) {
    for (const row of rows) {
      const key = keyOf(row);
      const cell = cells.get(key) ?? { counted: [], groups: new Map<string, number>() };
      cells.set(key, cell);
      cell.counted.push(countedOf(row, cell.groups));
    }
  }
  // The store gives them in no particular order, and sums depend on it.
  for (const { counted } of cells.values()) counted.sort(byCounts);
  return cells;
}

function byCounts(a: CountedQuestions, b: CountedQuestions): number {
  return a.answers - b.answers || a.right - b.right || a.group - b.group;
}

function countedOf(row: CountedOutcomes, groups: Map<string, number>): CountedQuestions {
  const { group: name, k, n: answers, questions, kind } = row;
  const group = name === null ? -1 : (groups.get(name) ?? groups.size);
  if (name !== null) groups.set(name, group);
  return { right: kind === 'score' ? k * answers : k, answers, questions, group };
}

export function countsOf(cells: CountedCells, row: StatusCell): readonly CountedQuestions[] {
  return cells.get(keyOf(row))?.counted ?? [];
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
