import type { OutcomeKind } from '../../record.ts';
import { matchMetric, type ResultMetric } from './metrics.ts';
import type { Collected } from './collect-rows.ts';
import type { Row } from './rows.ts';

export type GradedRow = {
  readonly id: string;
  readonly row: Row;
  /** Of the grades; null where the harness gave none. */
  readonly grades: readonly (number | null)[];
  readonly sum: number;
  readonly n: number;
};

export type Graded = {
  readonly rows: readonly GradedRow[];
  /** By the place of the question in the file. */
  readonly byPlace: ReadonlyMap<number, GradedRow>;
  readonly filter: string;
  readonly kind: OutcomeKind;
  readonly claim: number | null;
  readonly isShare: boolean;
  /** Numbers of the file that its rows do not bear out by themselves. */
  readonly tasks: readonly ResultMetric[];
  /** Questions in the file, with or without a grade; and answers to each. */
  readonly size: number;
  readonly replicas: number;
  readonly notices: readonly string[];
};

/** @param hasResults there is a results file, whose numbers the rows can be held against. */
export function gradeRows({ rows, metrics }: Collected, hasResults: boolean): Graded {
  if (isRepeated(rows)) return withoutRows(rows, metrics, repeated);
  const isGraded = rows.some(({ grades }) => grades.some((grade) => grade !== null));
  const gradesOf = (row: Row): readonly (number | null)[] =>
    isGraded ? row.grades : [row.equal === null ? null : Number(row.equal)];
  const nameOf = namer(rows);
  const byPlace = new Map<number, GradedRow>();
  for (const [place, row] of rows.entries()) {
    const grades = gradesOf(row);
    const given = grades.filter((grade) => grade !== null);
    if (given.length === 0) continue;
    const sum = given.reduce((total, grade) => total + grade, 0);
    byPlace.set(place, { id: nameOf(row), row, grades, sum, n: given.length });
  }
  const found = [...byPlace.values()];
  const mean = found.reduce((sum, row) => sum + row.sum / row.n, 0) / Math.max(found.length, 1);
  const matched = matchMetric(metrics, mean);
  const isOwn = isGraded || !hasResults || isBornOut(metrics, mean);
  if (found.length === 0 || !isOwn) return withoutRows(rows, metrics, ungraded);
  const missing = rows.length - found.length;
  return {
    rows: found,
    byPlace,
    filter: hasResults ? matched.filter : 'accuracy',
    kind: found.every(({ grades }) => grades.every(isWhole)) ? 'count' : 'score',
    claim: matched.claim,
    isShare: matched.isShare,
    tasks: metrics.filter(({ name }) => matched.claim === null || name !== matched.filter),
    size: rows.length,
    replicas: Math.max(1, ...found.slice(0, 1).map(({ grades }) => grades.length)),
    notices: [
      ...(isGraded ? [] : ['answers are graded here by comparing them with the right ones']),
      ...(rows.some(({ labels }) => labels !== null)
        ? ['each choice was put into a text of its own: these questions go into no suite']
        : []),
      ...(missing > 0
        ? [`${missing} of ${rows.length} questions have no grade: they are left out`]
        : []),
    ],
  };
}

/** Comparing answers with targets is how they were graded only where it gives the harness's own accuracy. */
function isBornOut(metrics: readonly ResultMetric[], mean: number): boolean {
  const accuracy = metrics.find(({ name }) => name === 'accuracy');
  return accuracy !== undefined && Math.abs(accuracy.value / 100 - mean) <= 1e-9;
}

const ungraded =
  'the harness kept no grades of single questions: the task’s results alone are read';
const repeated =
  'the details are those of several runs behind each other, the results those of the last one: the task’s results alone are read';

/** Details that OpenCompass makes up itself do not tell runs apart: the same questions come again in the same order. */
function isRepeated(rows: readonly Row[]): boolean {
  const hashes = rows.map(({ promptSha256 }) => promptSha256);
  const [first] = hashes;
  if (!/^\d+$/.test(rows[0]?.name ?? '')) return false;
  const period = first === undefined || first === null ? -1 : hashes.indexOf(first, 1);
  if (period <= 0 || rows.length % period !== 0) return false;
  return hashes.every((hash, place) => hash === hashes[place % period]);
}

function withoutRows(
  rows: readonly Row[],
  metrics: readonly ResultMetric[],
  notice: string,
): Graded {
  return {
    rows: [],
    byPlace: new Map(),
    filter: '',
    kind: 'score',
    claim: null,
    isShare: false,
    tasks: metrics,
    size: rows.length,
    replicas: 1,
    notices: [notice],
  };
}

function isWhole(grade: number | null): boolean {
  return grade === null || grade === 0 || grade === 1;
}

/** Questions go by their number, as they do in files of answers; with their subdivision where there are several. */
function namer(rows: readonly Row[]): (row: Row) => string {
  const split = (name: string): [string, string] => {
    const at = name.lastIndexOf('_');
    return /^\d+$/.test(name.slice(at + 1))
      ? [name.slice(0, at + 1), name.slice(at + 1)]
      : [name, ''];
  };
  const subdivisions = new Set(rows.map(({ name }) => split(name)[0]));
  return ({ name }) => (subdivisions.size === 1 && split(name)[1] !== '' ? split(name)[1] : name);
}
