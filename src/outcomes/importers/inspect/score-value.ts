/** Scores as Inspect turns them into numbers (`value_to_float`). */
import { isObject } from '../../log/fields.ts';
import type { JsonConstants } from '../../log/parse-json.ts';

/** Stands for NaN, by which Inspect marks what was not scored; no scorer writes it. */
const unscored = '\ue000NaN';

export const scoreConstants: JsonConstants = {
  NaN: JSON.stringify(unscored),
  Infinity: '1e999',
  '-Infinity': '-1e999',
};

/** How a value was written: `graded` as one of the words and letters that Inspect knows, or as true and false. */
export type ScoreForm = 'graded' | 'number' | 'text';
export type ScoreValue = { readonly value: number; readonly form: ScoreForm };

const grades: Readonly<Record<string, number>> = { C: 1, P: 0.5, I: 0, N: 0 };
const words: Readonly<Record<string, number>> = { yes: 1, true: 1, no: 0, false: 0 };

/** Null for what was not scored. What Inspect cannot turn into a number counts 0, as it does there: `text`. */
function scoreValue(value: unknown): ScoreValue | null {
  if (value === unscored) return null;
  if (typeof value === 'number') return { value, form: 'number' };
  if (typeof value === 'boolean') return { value: value ? 1 : 0, form: 'graded' };
  if (typeof value !== 'string') return { value: 0, form: 'text' };
  const grade = own(grades, value) ?? own(words, value.toLowerCase());
  if (grade !== null) return { value: grade, form: 'graded' };
  const number = value.trim() === '' ? Number.NaN : Number(value);
  return Number.isFinite(number) ? { value: number, form: 'number' } : { value: 0, form: 'text' };
}

function own(table: Readonly<Record<string, number>>, key: string): number | null {
  return Object.hasOwn(table, key) ? (table[key] ?? null) : null;
}

export type ScorePart = {
  /** `<scorer>`, or `<scorer>/<key>` for a score of several values. */
  readonly filter: string;
  readonly score: ScoreValue;
};

/** A score value by value: of a list by their places, from 0. */
export function scoreParts(scorer: string, value: unknown): ScorePart[] {
  if (!isObject(value) && !Array.isArray(value)) {
    const score = value === null ? null : scoreValue(value);
    return score === null ? [] : [{ filter: scorer, score }];
  }
  return Object.entries(value).flatMap(([key, part]) => {
    const score = scoreValue(part);
    return score === null ? [] : [{ filter: `${scorer}/${key}`, score }];
  });
}
