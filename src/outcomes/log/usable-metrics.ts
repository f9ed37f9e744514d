import { measureUnit } from './task-measure.ts';

/** What a log's row says of a question, by metric, as it stands there. */
export type RowScores = ReadonlyMap<string, unknown>;

/** Which metrics of a task say how well a question went: a share of right answers or a score, 0…1. */
export class UsableMetrics {
  readonly #left: Set<string>;
  /** Left out although they have numbers of their own for each question. */
  readonly outside: Set<string> = new Set();

  /**
   * @param rows the first rows of a log, by which the metrics are judged.
   * @param left metrics that are known to be none, by what the harness made of all rows.
   */
  constructor(rows: Iterable<RowScores>, left: Iterable<string>) {
    this.#left = new Set(left);
    for (const scores of rows) {
      for (const [metric, value] of scores) this.#judge(metric, value);
    }
  }

  /** The score of a question; null for what is no outcome of it. */
  score(metric: string, value: unknown): number | null {
    const score = scoreOf(value);
    if (score === null || !this.has(metric)) return null;
    if (score >= 0 && score <= 1) return score;
    // Found only now: what came before is kept, and the harness's mean is not held against it.
    this.outside.add(metric);
    return null;
  }

  has(metric: string): boolean {
    return !this.#left.has(metric) && measureUnit(metric) === null;
  }

  #judge(metric: string, value: unknown): void {
    const score = scoreOf(value);
    if (score === null || (score >= 0 && score <= 1)) return;
    this.#left.add(metric);
    if (measureUnit(metric) === null) this.outside.add(metric);
  }

  /** What the user should know of them; null where nothing was left out. */
  notice(): string | null {
    if (this.outside.size === 0) return null;
    const names = [...this.outside].map((name) => `\`${name}\``).join(', ');
    return `values of ${names} outside 0…1 are no outcomes of questions and left out; the results file has the task’s`;
  }
}

/** A score of one answer or question; null for what is none, such as the parts of a corpus metric. */
export function scoreOf(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value === 'boolean') return Number(value);
  // Python's harnesses wrote numpy's values as texts for a time.
  if (value === 'True') return 1;
  if (value === 'False') return 0;
  if (typeof value !== 'string' || !/^-?[\d.]+(?:e-?\d+)?$/i.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
