import { basename } from 'node:path';
import { UserError } from '../error/index.ts';
import { quoteValue } from '../safetensors/index.ts';
import { isRecord } from './json-file.ts';

type Fields = Readonly<Record<string, unknown>>;
type Pair = readonly [string, string];

/** What a field has to hold. */
type Kind = { expected: string; holds: (value: unknown) => boolean };

const TEXT: Kind = { expected: 'a string', holds: (value) => typeof value === 'string' };
const STEPS: Kind = { expected: 'a list of steps', holds: (value) => Array.isArray(value) };
const COUNT: Kind = {
  expected: 'a whole number of at least 0',
  holds: (value) => isWhole(value, 0),
};
const LENGTH: Kind = {
  expected: 'a whole number of at least 1',
  holds: (value) => isWhole(value, 1),
};

function isWhole(value: unknown, least: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= least;
}

/** The parts of a tokenizer, and where a sequence of each keeps its steps. */
const NESTED = {
  normalizer: 'normalizers',
  pre_tokenizer: 'pretokenizers',
  post_processor: 'processors',
  decoder: 'decoders',
} as const;

/** Fields that the reference does not load a step without; the library goes on with `undefined`, or without end. */
const REQUIRED: ReadonlyMap<string, Readonly<Record<string, Kind>>> = new Map([
  ['normalizer Sequence', { normalizers: STEPS }],
  ['normalizer Prepend', { prepend: TEXT }],
  ['normalizer Replace', { content: TEXT }],
  ['pre_tokenizer Sequence', { pretokenizers: STEPS }],
  ['pre_tokenizer Split', { behavior: TEXT }],
  ['pre_tokenizer FixedLength', { length: LENGTH }],
  ['post_processor Sequence', { processors: STEPS }],
  ['decoder Sequence', { decoders: STEPS }],
  ['decoder Replace', { content: TEXT }],
  ['decoder Strip', { content: TEXT, start: COUNT, stop: COUNT }],
] as const);

/**
 * Refuses what Hugging Face's tokenizers does not load and the JavaScript library does: it would give other ids.
 *
 * @param tokenizer `tokenizer.json` as it was read: Zod's records leave `__proto__` out, a token like any other.
 * @throws UserError
 */
export function refuseBrokenTokenizer(tokenizer: Fields, path: string): void {
  for (const [part, list] of Object.entries(NESTED)) {
    refuseBrokenSteps({ tokenizer, part, list }, path);
  }
  const { model } = tokenizer;
  if (isRecord(model) && isBpe(model)) refuseBrokenBpe(model, path);
}

function refuseBrokenSteps(
  { tokenizer, part, list }: { tokenizer: Fields; part: string; list: string },
  path: string,
): void {
  const steps = [{ place: part, step: tokenizer[part] }];
  // The list grows while it is walked: a recursion would follow whatever depth the file has.
  for (const { place, step } of steps) {
    if (!isRecord(step)) continue;
    const required = REQUIRED.get(`${part} ${String(step['type'])}`) ?? {};
    for (const [field, kind] of Object.entries(required)) {
      if (!kind.holds(step[field])) {
        throw brokenAt(path, `${place}.${field}`, kind.expected, step[field]);
      }
    }
    const nested = step[list];
    if (!Array.isArray(nested)) continue;
    for (const [i, inner] of nested.entries()) {
      steps.push({ place: `${place}.${list}.${i}`, step: inner });
    }
  }
}

/** Older files have no type: the library takes merges for the mark of a BPE. */
function isBpe({ type, vocab, merges }: Fields): boolean {
  return type === 'BPE' || (type === undefined && merges !== undefined && !Array.isArray(vocab));
}

function refuseBrokenBpe(model: Fields, path: string): void {
  const { vocab, merges, dropout = null } = model;
  if (dropout !== null && dropout !== 0) {
    throw new UserError(
      `\`${basename(path)}\`: expected null or 0 at \`model.dropout\`, found ${quoteValue(dropout)}, which leaves merges out at random: a text would have other tokens each time; set it to null (in ${path})`,
    );
  }
  if (!isRecord(vocab)) throw brokenAt(path, 'model.vocab', 'an object of tokens and ids', vocab);
  if (!Array.isArray(merges)) throw brokenAt(path, 'model.merges', 'a list of merges', merges);
  const prefix = model['continuing_subword_prefix'];
  const skipped = typeof prefix === 'string' ? Buffer.byteLength(prefix) : 0;
  const isPaired = Array.isArray(merges[0]);
  for (const [i, merge] of (merges as readonly unknown[]).entries()) {
    if (!isPaired && isVersionLine(merge)) continue;
    const pair = isPaired ? asPair(merge) : asPair(splitLine(merge));
    if (pair === null) {
      const expected = `two tokens, in the form of the first merge (${isPaired ? '["a", "b"]' : '"a b"'}),`;
      throw brokenAt(path, `model.merges.${i}`, expected, merge);
    }
    refuseUnknown({ vocab, pair, joined: join(pair, skipped) }, `model.merges.${i}`, path);
  }
}

/** The first line of a `merges.txt`, which the reference passes over in a list of lines too. */
function isVersionLine(merge: unknown): boolean {
  return typeof merge === 'string' && merge.startsWith('#version');
}

function splitLine(merge: unknown): unknown {
  return typeof merge === 'string' ? merge.split(' ') : null;
}

function asPair(parts: unknown): Pair | null {
  if (!Array.isArray(parts) || parts.length !== 2) return null;
  const [left, right] = parts as readonly unknown[];
  return typeof left === 'string' && typeof right === 'string' ? [left, right] : null;
}

/** The second token without the prefix of those inside of words, whose bytes the reference counts and does not look at. */
function join([left, right]: Pair, skipped: number): string {
  return skipped === 0 ? left + right : left + Buffer.from(right).subarray(skipped).toString();
}

function refuseUnknown(
  { vocab, pair, joined }: { vocab: Fields; pair: Pair; joined: string },
  place: string,
  path: string,
): void {
  const unknown = [...pair, joined].find((token) => !Object.hasOwn(vocab, token));
  if (unknown === undefined) return;
  const expected = `tokens of \`model.vocab\` that join to another (${quoteValue(unknown)} is not in it)`;
  throw brokenAt(path, place, expected, pair);
}

function brokenAt(path: string, place: string, expected: string, found: unknown): UserError {
  return new UserError(
    `\`${basename(path)}\`: expected ${expected} at \`${place.slice(0, 120)}\`, found ${quoteValue(found)}; copy the tokenizer again, or save it with Hugging Face's tokenizers (in ${path})`,
  );
}
