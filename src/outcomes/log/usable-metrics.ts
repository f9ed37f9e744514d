import { measureUnit } from './task-measure.ts';

/** What a log's row says of a question, by metric, as it stands there. */
export type RowScores = ReadonlyMap<string, unknown>;

/** What a file's values of one metric are like. */
type Values = {
  readonly isMeasure: boolean;
  /** Numbers, and those of them outside 0…1. */
  numbers: number;
  outside: number;
  /** Values that Python wrote for a number that does not exist. */
  none: number;
};

/**
 * Which metrics of a task say how well a question went: a share of right answers or a score, 0…1. One value outside makes
 * a metric none, wherever in the file it stands: what was made of the values before it is to be withdrawn.
 */
export class UsableMetrics {
  readonly #left: Set<string>;
  readonly #values = new Map<string, Values>();

  /**
   * @param rows the first rows of a log: most metrics on other scales are found out by them.
   * @param left metrics that are known to be none, by what the harness made of all rows.
   */
  constructor(rows: Iterable<RowScores>, left: Iterable<string>) {
    this.#left = new Set(left);
    for (const scores of rows) {
      for (const [metric, value] of scores) {
        const score = scoreOf(value);
        if (score !== null && isOutside(score)) this.#left.add(metric);
      }
    }
  }

  /** Takes note of a value; the score of a question, null for what is no outcome of it. */
  score(metric: string, value: unknown): number | null {
    const values = this.#valuesOf(metric);
    if (values.isMeasure) return null;
    if (isNone(value)) values.none += 1;
    const score = scoreOf(value);
    if (score === null) return null;
    values.numbers += 1;
    if (isOutside(score)) {
      values.outside += 1;
      this.#left.add(metric);
    }
    return this.#left.has(metric) ? null : score;
  }

  has(metric: string): boolean {
    return !this.#left.has(metric) && measureUnit(metric) === null;
  }

  /** Values of a metric so far that are no numbers. */
  missing(metric: string): number {
    return this.#values.get(metric)?.none ?? 0;
  }

  /** Of the names that records stand under (`<metric>`, or `<metric>,…`), those of metrics that are none after all. */
  withdrawn(names: Iterable<string>): string[] {
    return [...names].filter((name) =>
      [...this.#left].some((metric) => name === metric || name.startsWith(`${metric},`)),
    );
  }

  /** What the user should know of the values so far, one sentence a metric. */
  notices(): string[] {
    return [...this.#values].flatMap(([metric, { numbers, outside, none }]) => [
      ...(outside === 0
        ? []
        : [
            `\`${metric}\` is no score of single questions, ${outside} of its ${numbers} values lie outside 0…1: it is left out; the results file has the task’s`,
          ]),
      ...(outside > 0 || none === 0 || numbers === 0
        ? []
        : [
            `\`${metric}\` is no number (NaN) for ${none} of ${none + numbers} questions: they are left out`,
          ]),
    ]);
  }

  #valuesOf(metric: string): Values {
    const known = this.#values.get(metric);
    if (known !== undefined) return known;
    const isMeasure = measureUnit(metric) !== null;
    const values = { isMeasure, numbers: 0, outside: 0, none: 0 };
    this.#values.set(metric, values);
    return values;
  }
}

function isOutside(score: number): boolean {
  return score < 0 || score > 1;
}

/** NaN, which is read as null; or what Python's texts of numpy's values say. */
export function isNone(value: unknown): boolean {
  return value === null || (typeof value === 'string' && /^(?:nan|-?inf|None)$/i.test(value));
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
