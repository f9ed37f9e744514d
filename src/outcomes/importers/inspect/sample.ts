import { createHash } from 'node:crypto';
import { UserError } from '../../../error/index.ts';
import type { SuiteMessage } from '../../../suite/index.ts';
import type { ByteReader } from '../../log/byte-reader.ts';
import { isObject, textIn } from '../../log/fields.ts';
import { JsonCursor } from '../../log/json-cursor.ts';
import { parseJson } from '../../log/parse-json.ts';
import { pickMembers } from '../../log/pick-members.ts';
import {
  hasReferences,
  inputMessages,
  outputText,
  PromptGatherer,
  resolveReferences,
} from './prompt.ts';
import { scoreConstants } from './score-value.ts';

export type SampleScore = {
  readonly scorer: string;
  readonly value: unknown;
  /** What the scorer took out of the answer. */
  readonly extracted: string | null;
};

/** One answer to one question. */
export type LogSample = {
  readonly id: string;
  readonly epoch: number;
  /** What the model was given; null where the log does not hold it as text. */
  readonly messages: readonly SuiteMessage[] | null;
  readonly target: readonly string[];
  readonly targetHash: string | null;
  readonly choices: readonly string[] | null;
  readonly answer: string | null;
  readonly scores: readonly SampleScore[];
  readonly invalidated: boolean;
};

/** Where the members stop that are needed; the transcript behind it is nine tenths of a sample. */
const transcript = 'events';

/** A scorer's name in logs that had only one, without name. */
export const onlyScorer = 'score';

type Draft = {
  id: unknown;
  epoch: unknown;
  input: unknown;
  target: unknown;
  choices: unknown;
  output: unknown;
  messages: SuiteMessage[] | null | undefined;
  /** Places of the messages, where they are kept apart. */
  refs: unknown;
  scores: SampleScore[] | null;
  /** Texts that are kept once, unparsed. */
  attachments: Buffer | null;
  invalidated: boolean;
};

function emptyDraft(): Draft {
  return {
    id: null,
    epoch: null,
    input: null,
    target: null,
    choices: null,
    output: null,
    messages: undefined,
    refs: null,
    scores: null,
    attachments: null,
    invalidated: false,
  };
}

const wanted: ReadonlySet<string> = new Set([
  ...['id', 'epoch', 'input', 'target', 'choices', 'messages', 'message_refs', 'output'],
  ...['scores', 'score', 'attachments', 'invalidation'],
]);

export type SampleOptions = {
  readonly where: string;
  /** The answer is wanted. */
  readonly answer: boolean;
  /** The rest of a sample need not be read once what is needed has come. */
  readonly mayStop?: boolean;
  /** Finds messages and texts that are kept in other files. */
  readonly parts?: SampleParts;
};

/** Sequences of a sample that is kept in several files. */
export type SampleParts = {
  /** Messages by their places. */
  messages(refs: unknown): AsyncIterable<unknown>;
  attachment(name: string): Promise<string | null>;
};

/**
 * Reads the sample that comes next.
 *
 * @throws UserError for one without id, epoch or question.
 */
export async function readSample(reader: ByteReader, options: SampleOptions): Promise<LogSample> {
  const { where, mayStop = false, parts } = options;
  const isEnough = (key: string, picked: ReadonlyMap<string, Buffer>): boolean =>
    mayStop && key === transcript && isWhole(picked);
  const bytes = await pickMembers(reader, { where, wanted, isEnough });
  const draft = parseMembers(bytes, options);
  if (parts !== undefined && draft.messages === undefined) {
    draft.messages = await gather(parts.messages(draft.refs), draft.input);
  }
  if (draft.messages === undefined) draft.messages = inputMessages(draft.input);
  if (draft.messages !== null && hasReferences(draft.messages)) {
    draft.messages = await resolveReferences(draft.messages, (name) =>
      parts === undefined ? textApart(draft.attachments, name, where) : parts.attachment(name),
    );
  }
  return finish(draft, where);
}

/** Long texts that are kept once lie behind the transcript. */
function isWhole(picked: ReadonlyMap<string, Buffer>): boolean {
  const messages = picked.get('messages');
  return picked.has('scores') && messages?.includes('attachment://') === false;
}

function textApart(texts: Buffer | null, name: string, where: string): Promise<string | null> {
  const parsed = texts === null ? null : parseJson(texts, `${where}, \`attachments\``);
  return Promise.resolve(textIn(parsed, name));
}

function parseMembers(bytes: Buffer, { where, answer, mayStop = false }: SampleOptions): Draft {
  const cursor = new JsonCursor(bytes, where);
  const draft = emptyDraft();
  for (const key of cursor.members()) {
    if (mayStop && key === transcript && isRead(draft)) break;
    readMember(cursor, key, { draft, where, answer });
  }
  return draft;
}

function isRead({ messages, scores }: Draft): boolean {
  return (
    scores !== null && messages !== undefined && !(messages !== null && hasReferences(messages))
  );
}

function readMember(
  cursor: JsonCursor,
  key: string,
  { draft, where, answer }: { draft: Draft; where: string; answer: boolean },
): void {
  if (key === 'messages' && cursor.isArray()) {
    draft.messages = readPrompt(cursor, where, draft.input);
    return;
  }
  const bytes = cursor.take();
  const value = (): unknown => parseJson(bytes, `${where}, \`${key}\``);
  if (key === 'id' || key === 'epoch' || key === 'input' || key === 'target' || key === 'choices') {
    draft[key] = value();
  } else if (key === 'message_refs') draft.refs = value();
  else if (key === 'output' && answer) draft.output = value();
  else if (key === 'attachments') draft.attachments = bytes;
  else if (key === 'invalidation') draft.invalidated = value() !== null;
  else if (key === 'scores' || key === 'score') {
    const scores = parseJson(bytes, `${where}, \`${key}\``, scoreConstants);
    draft.scores = scoresOf(key === 'score' && scores !== null ? { [onlyScorer]: scores } : scores);
  }
}

/** Only what comes in front of the model's first answer is parsed. */
function readPrompt(
  cursor: JsonCursor,
  where: string,
  input: unknown,
): SuiteMessage[] | null | undefined {
  const gatherer = new PromptGatherer(input);
  let count = 0;
  let isWanted = true;
  for (const index of cursor.elements()) {
    count += 1;
    const bytes = cursor.take();
    if (isWanted) {
      isWanted = gatherer.add(parseJson(bytes, `${where}, \`messages\` element ${index + 1}`));
    }
  }
  return count === 0 ? undefined : gatherer.messages();
}

async function gather(
  messages: AsyncIterable<unknown>,
  input: unknown,
): Promise<SuiteMessage[] | null | undefined> {
  const gatherer = new PromptGatherer(input);
  let count = 0;
  for await (const message of messages) {
    count += 1;
    if (!gatherer.add(message)) break;
  }
  return count === 0 ? undefined : gatherer.messages();
}

function scoresOf(scores: unknown): SampleScore[] {
  if (!isObject(scores)) return [];
  return Object.entries(scores).flatMap(([scorer, score]) =>
    isObject(score) && Object.hasOwn(score, 'value')
      ? [{ scorer, value: score['value'], extracted: textIn(score, 'answer') }]
      : [],
  );
}

function finish(draft: Draft, where: string): LogSample {
  const { id, epoch, target, choices, messages } = draft;
  if ((typeof id !== 'string' || id === '') && typeof id !== 'number') {
    throw new UserError(`${where}: expected \`id\` to be a number or a text, got ${shown(id)}`);
  }
  if (typeof epoch !== 'number' || !Number.isSafeInteger(epoch) || epoch < 0) {
    throw new UserError(`${where}: expected \`epoch\` to be a whole number, got ${shown(epoch)}`);
  }
  return {
    id: String(id),
    epoch,
    messages: isReadable(messages) ? messages : null,
    target: texts(target),
    targetHash: target === null ? null : hashOf(target),
    choices: Array.isArray(choices) ? texts(choices) : null,
    answer: outputText(draft.output),
    scores: draft.scores ?? [],
    invalidated: draft.invalidated,
  };
}

function isReadable(messages: Draft['messages']): messages is SuiteMessage[] {
  return messages != null && messages.length > 0 && !hasReferences(messages);
}

function texts(value: unknown): string[] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((one): one is string => typeof one === 'string');
}

function hashOf(target: unknown): string {
  const text = typeof target === 'string' ? target : JSON.stringify(target);
  return createHash('sha256').update(text).digest('hex');
}

function shown(value: unknown): string {
  const text = value === null ? 'nothing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
