import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import { type ResultMetric, resultMetric } from './metrics.ts';
import type { Place } from './places.ts';
import { readPredictions, readResults } from './read-files.ts';
import { type Row, rowOf } from './rows.ts';

/** The files of one model's answers to one dataset. */
export type DatasetFiles = {
  readonly path: string;
  readonly place: Place;
  /** Null where there are answers alone. */
  readonly results: string | null;
  readonly predictions: readonly string[];
};

export type Collected = {
  readonly rows: readonly Row[];
  readonly metrics: readonly ResultMetric[];
  /** Where the questions' texts and answers stand, to be told of. */
  readonly texts: 'details' | 'predictions' | null;
  readonly notices: readonly string[];
};

export async function collectRows(files: DatasetFiles, isHeard: boolean): Promise<Collected> {
  const rows: Row[] = [];
  const metrics: ResultMetric[] = [];
  let hasPrompts = false;
  let hasAnswers = false;
  if (files.results !== null) {
    for await (const part of readResults(files.results)) {
      if (part.type === 'metric') metrics.push(...resultMetric(part.name, part.value));
      else {
        hasPrompts ||= part.entry.prompt !== null;
        hasAnswers ||= part.entry.answer !== null;
        rows.push(rowOf(part.entry, isHeard));
      }
    }
    refuseTwice(rows, files.results);
  }
  const isWhole = rows.length > 0 && hasPrompts && hasAnswers;
  const ownTexts = rows.length > 0 ? 'details' : null;
  if (isWhole || files.predictions.length === 0) {
    return { rows, metrics, texts: ownTexts, notices: [] };
  }
  if (rows.length > 0) {
    const joined = await joinPredictions(rows, { predictions: files.predictions, isHeard });
    const texts = joined === null ? 'predictions' : ownTexts;
    return { rows, metrics, texts, notices: joined === null ? [] : [joined] };
  }
  for await (const { place, entry } of readPredictions(files.predictions)) {
    rows[place] = rowOf(entry, isHeard);
  }
  return { rows, metrics, texts: 'predictions', notices: [] };
}

function refuseTwice(rows: readonly Row[], path: string): void {
  const seen = new Set<string>();
  for (const { name } of rows) {
    if (seen.has(name)) {
      throw new UserError(
        `\`${basename(path)}\`: expected each question once in \`details\`, \`${name}\` comes twice: they cannot be told apart`,
      );
    }
    seen.add(name);
  }
}

/** What an answer says of its question. */
type Told = Pick<Row, 'promptSha256' | 'render' | 'targetHash' | 'target'>;

/**
 * Adds prompts and targets that are in the answers alone, where these stand replica behind replica. Null where they are
 * the answers to these questions; a notice where they are not.
 */
async function joinPredictions(
  rows: readonly Row[],
  { predictions, isHeard }: { predictions: readonly string[]; isHeard: boolean },
): Promise<string | null> {
  const told: Told[] = [];
  for await (const { place, entry } of readPredictions(predictions)) {
    const { promptSha256, render, targetHash, target } = rowOf(entry, isHeard);
    told[place] = { promptSha256, render, targetHash, target };
  }
  const replicas = Math.max(rows[0]?.grades.length ?? 1, 1);
  const isSame = told.every(({ promptSha256 }, place) => {
    const [row, first] = [rows[place % rows.length], told[place % rows.length]];
    return (
      (row?.promptSha256 ?? promptSha256) === promptSha256 && first?.promptSha256 === promptSha256
    );
  });
  if (told.length !== rows.length * replicas || !isSame) {
    return `the ${told.length} answers beside the results are not those to its ${rows.length} questions: they are not joined to them`;
  }
  for (const [place, row] of rows.entries()) {
    const {
      promptSha256 = null,
      render = null,
      targetHash = null,
      target = [],
    } = told[place] ?? {};
    row.promptSha256 = promptSha256;
    row.render = render;
    if (row.targetHash === null) Object.assign(row, { targetHash, target });
  }
  return null;
}
