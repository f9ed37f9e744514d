import { UserError } from '../../../error/index.ts';
import { ByteReader } from '../../log/byte-reader.ts';
import { readStart } from '../../log/file-start.ts';
import { isArrayNext, isObjectNext, walkArray, walkObject } from '../../log/json-walk.ts';
import { parseJson } from '../../log/parse-json.ts';
import { hasPredictions, placeOf } from './places.ts';

export type OpenCompassFile = {
  readonly kind: 'results' | 'predictions' | 'progress' | 'summary';
  /** Of results: what the harness failed with; null where it did not. */
  readonly error: string | null;
  /** Of predictions: each label's perplexity is there with the right label, so that they can be graded. */
  readonly isGraded: boolean;
  /** How sure it is, 0…1. */
  readonly confidence: number;
};

const startBytes = 256 * 1024;

/** Null for a file of another kind. */
export async function openCompassFileOf(path: string): Promise<OpenCompassFile | null> {
  const start = await readStart(path, startBytes);
  if (start === null) return null;
  const first = start.toString('utf8', 0, 400).replace(/^\uFEFF/, '');
  if (isSummary(first)) return file('summary');
  if (!first.startsWith('{')) return null;
  if (/^\{"idx": ?"?\d+"?, /.test(first)) return isAnswer(first) ? file('progress') : null;
  const seen = await look(start);
  if (seen.answer !== null) {
    const isGraded = seen.answer.has('gold') && [...seen.answer].some(isLabel);
    return file('predictions', { isGraded });
  }
  if (seen.hasDetails) return file('results', { error: seen.error });
  const isPlain = seen.hasNumbers || seen.error !== null;
  if (!isPlain || seen.hasOther) return null;
  // Numbers alone could be anybody's: the run's folder around them tells.
  const place = placeOf(path);
  if (place.section !== 'results' || !(await hasPredictions(place))) return null;
  return file('results', { error: seen.error, confidence: 0.6 });
}

function file(
  kind: OpenCompassFile['kind'],
  given: Partial<OpenCompassFile> = {},
): OpenCompassFile {
  return { kind, error: null, isGraded: false, confidence: 1, ...given };
}

function isSummary(first: string): boolean {
  return (
    first.startsWith('dataset,version,metric,mode,') ||
    first.startsWith('| dataset | version | metric | mode |') ||
    /^\d{8}_\d{6}\ntabulate format\n\^{64}/.test(first)
  );
}

function isAnswer(text: string): boolean {
  return text.includes('"prediction"') || text.includes('"origin_prompt"');
}

export function isLabel(key: string): boolean {
  return key.startsWith('label: ');
}

type Seen = {
  /** Names in the first answer, for a file of answers. */
  answer: ReadonlySet<string> | null;
  hasDetails: boolean;
  hasNumbers: boolean;
  /** Members of another kind than results have. */
  hasOther: boolean;
  error: string | null;
};

/** What the start of a document shows; it may end anywhere. */
async function look(start: Buffer): Promise<Seen> {
  const reader = new ByteReader(once(start), { name: 'start', maxBytes: startBytes });
  const seen: Seen = {
    answer: null,
    hasDetails: false,
    hasNumbers: false,
    hasOther: false,
    error: null,
  };
  try {
    for await (const key of walkObject(reader, 'start')) {
      if (key === '0' && !seen.hasNumbers && (await isObjectNext(reader))) {
        const names = await namesIn(reader);
        const hasParts = [...names].some(isLabel) || names.has('origin_prompt');
        if (hasParts || names.has('in-context examples')) seen.answer = names;
        break;
      }
      if (key === 'details') {
        seen.hasDetails = await beginsLikeDetails(reader);
        break;
      }
      await lookAt(reader, key, seen);
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  return seen;
}

async function lookAt(reader: ByteReader, key: string, seen: Seen): Promise<void> {
  if ((await isArrayNext(reader)) || (await isObjectNext(reader))) {
    await reader.skip();
    return;
  }
  const value = parseJson(await reader.value(), 'start');
  if (typeof value === 'number') seen.hasNumbers = true;
  else if (key === 'error' && typeof value === 'string') seen.error = value;
  else if (value !== null) seen.hasOther = true;
}

/** The names of the object that comes next, as far as the start goes. */
async function namesIn(reader: ByteReader): Promise<Set<string>> {
  const names = new Set<string>();
  try {
    for await (const name of walkObject(reader, 'start')) {
      names.add(name);
      await reader.skip();
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  return names;
}

const detailNames = ['example_abbr', 'pred', 'correct', 'is_correct', 'cascade_correct'];

/** A list of details, or an object of them by their numbers, `type` in front. */
async function beginsLikeDetails(reader: ByteReader): Promise<boolean> {
  if (await isArrayNext(reader)) {
    await walkArray(reader).next();
    if (!(await isObjectNext(reader))) return false;
    const names = await namesIn(reader);
    return detailNames.some((name) => names.has(name));
  }
  if (!(await isObjectNext(reader))) return false;
  for await (const key of walkObject(reader, 'start')) {
    if (key === 'type') {
      const type = parseJson(await reader.value(), 'start');
      return type === 'GEN' || type === 'PPL';
    }
    return /^\d+$/.test(key) && (await isObjectNext(reader));
  }
  return false;
}

async function* once(chunk: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield chunk;
}
