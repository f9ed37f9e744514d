/** Questions of a dataset, each with the grades of its answers. */
import { fieldIn, isObject, textIn, toNumber } from '../../log/fields.ts';
import type { JsonObject } from '../../log/fields.ts';
import { isLabel } from './detect.ts';
import {
  type AskedPrompt,
  askedPrompt,
  hashLabels,
  hashPrompt,
  hashTarget,
  pythonText,
  targetsOf,
} from './prompt.ts';

/** What a details entry or an answer says of one question. */
export type Entry = {
  /** `<subdivision>_<number>` or a number. */
  readonly name: string;
  /** The harness's grades, one a replica; null where it gave none. */
  readonly grades: readonly (number | null)[] | null;
  /** Whether the answer equals the target, where both are there as texts. */
  readonly equal: boolean | null;
  readonly target: unknown;
  /** What was taken out of the answers, one a replica. */
  readonly extracted: readonly (string | null)[];
  readonly prompt: AskedPrompt | null;
  readonly answer: string | null;
  /** Stands for the texts whose perplexities were compared. */
  readonly labels: string | null;
};

const gradeNames = ['correct', 'is_correct', 'cascade_correct'];

/** An entry of `details`: fields are lists over replicas, or single values. */
export function detailEntry(value: JsonObject, key: string): Entry {
  const prediction = value['pred'] ?? value['predictions'];
  const abbr = textIn(value, 'example_abbr');
  const origin = value['origin_prediction'];
  const target = single(
    value['answer'] ?? value['references'] ?? value['refr'] ?? value['gold'],
    abbr !== null,
  );
  const given = gradeNames.map((name) => value[name]).find((one) => one !== undefined);
  const text = pythonText(prediction);
  return {
    name: abbr ?? key,
    grades: given === undefined ? null : listOf(given).map(gradeOf),
    equal: text === null ? null : equals(text, target),
    target,
    extracted: listOf(prediction).map(pythonText),
    prompt: askedPrompt(single(value['prompt'] ?? value['origin_prompt'], abbr !== null)),
    answer: typeof origin === 'string' ? origin : null,
    labels: isObject(origin) ? hashLabels(origin) : null,
  };
}

/** An answer out of a file of predictions. */
export function answerEntry(value: JsonObject, key: string): Entry {
  const prediction = fieldIn(value, 'prediction');
  const target = fieldIn(value, 'gold');
  const isCompared = Object.keys(value).some(isLabel);
  const text = pythonText(prediction);
  return {
    name: key,
    grades: null,
    equal: isCompared && text !== null && target !== null ? equals(text, target) : null,
    target,
    extracted: [null],
    prompt: isCompared ? null : askedPrompt(fieldIn(value, 'origin_prompt')),
    answer: text,
    labels: isCompared ? hashLabels(value) : null,
  };
}

function equals(text: string, target: unknown): boolean | null {
  const expected = pythonText(target);
  return expected === null ? null : text === expected;
}

/** Of lists over replicas, the first: the question is the same in all of them. */
function single(value: unknown, isListed: boolean): unknown {
  return (isListed && Array.isArray(value) ? (value as readonly unknown[])[0] : value) ?? null;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as readonly unknown[]) : [value];
}

function gradeOf(value: unknown): number | null {
  if (typeof value === 'boolean') return value ? 1 : 0;
  const number = toNumber(value);
  return number !== null && number >= 0 && number <= 1 ? number : null;
}

/** What is kept of a question while a file is read. */
export type Row = {
  readonly name: string;
  readonly grades: readonly (number | null)[];
  readonly equal: boolean | null;
  targetHash: string | null;
  readonly labels: string | null;
  /** Of the prompt; null where it is not there. */
  promptSha256: string | null;
  render: AskedPrompt['render'] | null;
  /** Kept only where somebody hears of answers, and of moderate length. */
  readonly extracted: readonly (string | null)[];
  target: readonly string[];
};

/** Longer texts that were taken out of answers are not told: they would be held for all questions. */
const maxExtractedLength = 1000;

export function rowOf(entry: Entry, isHeard: boolean): Row {
  const { name, grades, equal, target, labels, prompt, extracted } = entry;
  return {
    name,
    grades: grades ?? [],
    equal,
    targetHash: hashTarget(target),
    labels,
    promptSha256: prompt === null ? null : hashPrompt(prompt),
    render: prompt?.render ?? null,
    extracted: isHeard
      ? extracted.map((text) => ((text?.length ?? 0) > maxExtractedLength ? null : text))
      : [],
    target: isHeard ? targetsOf(target) : [],
  };
}
