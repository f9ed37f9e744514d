import { promptSha256, type Render, type SuiteMessage } from '../../../suite/index.ts';
import {
  fieldIn,
  isObject,
  type JsonObject,
  listIn,
  numberIn,
  objectIn,
  textIn,
} from '../../log/fields.ts';
import type { DocumentRequests } from './requests.ts';

/** What the model was asked about a document. */
export type AskedQuestion = {
  readonly prompt: string | null;
  readonly messages: readonly SuiteMessage[] | null;
  readonly render: Render;
  readonly promptSha256: string;
  /** The texts whose likelihoods were compared, as they stood behind the prompt; null for a question that is answered. */
  readonly choices: readonly string[] | null;
  readonly target: readonly string[];
  /** What the harness put in front of the answer of a chat model. */
  readonly prefix: string | null;
  readonly stop: readonly string[];
  readonly maxTokens: number | null;
};

/** Why the requests of a document make no question that could stand in a suite. */
export type NoQuestion = 'several contexts' | 'no prompt';

export const noQuestionReasons: Readonly<Record<NoQuestion, string>> = {
  'several contexts': 'read another context for each choice',
  'no prompt': 'have no prompt in front of what was scored',
};

/** Whether likelihoods of given texts were read, instead of answers drawn. */
export function readsLikelihoods(rows: DocumentRequests): boolean {
  return (textIn(rows[0], 'request_type') ?? '').startsWith('loglikelihood');
}

export function questionOf(rows: DocumentRequests): AskedQuestion | NoQuestion {
  const requests = rows.map((row) => objectIn(row, 'request'));
  const contexts = requests.map((request) => fieldIn(request, 'context'));
  const [first] = contexts;
  const own = listIn(requests[0], 'continuation_prompts') ?? [];
  const others = [...contexts, ...own.slice(0, choiceCount(rows[0]) ?? own.length)];
  if (others.some((context) => !isSame(context, first))) return 'several contexts';
  const asked = askedBy(first, textIn(requests[0], 'system_prompt'));
  if (asked === null) return 'no prompt';
  const texts = continuationsOf(rows, requests);
  const choices = readsLikelihoods(rows) && texts.length > 1 ? texts : null;
  return {
    ...asked,
    choices,
    target: targetOf(fieldIn(rows[0], 'label'), choices, texts),
    stop: textsIn(requests[0], 'stop_sequences'),
    maxTokens: wholeNumber(numberIn(objectIn(requests[0], 'generation_kwargs'), 'max_gen_toks')),
  };
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b));
}

type Asked = Pick<AskedQuestion, 'prompt' | 'messages' | 'render' | 'promptSha256' | 'prefix'>;

/** A text, a list of messages, or messages with what begins the answer. */
function askedBy(context: unknown, system: string | null): Asked | null {
  if (typeof context === 'string' && context !== '') {
    const sha = promptSha256({ id: '', prompt: context, messages: null }, 'prompt');
    return { prompt: context, messages: null, render: 'prompt', promptSha256: sha, prefix: null };
  }
  const list = Array.isArray(context) ? (context as unknown[]) : listIn(context, 'messages');
  const said = (list ?? []).map(messageOf);
  if (said.length === 0 || !said.every((message) => message !== null)) return null;
  const messages = system === null ? said : [{ role: 'system', content: system }, ...said];
  return {
    prompt: null,
    messages,
    render: 'messages',
    promptSha256: promptSha256({ id: '', prompt: null, messages }, 'messages'),
    prefix: textIn(context, 'assistant_prefix'),
  };
}

function messageOf(message: unknown): SuiteMessage | null {
  const role = textIn(message, 'role');
  const content = fieldIn(message, 'content');
  return role === null || typeof content !== 'string' ? null : { role, content };
}

/** One row a choice, or one row with all of them; of those that are read without the question as well, the first half. */
function continuationsOf(
  rows: DocumentRequests,
  requests: readonly (JsonObject | null)[],
): readonly string[] {
  const listed = listIn(requests[0], 'continuations') ?? [];
  if (listed.length > 0 && listed.every((text) => typeof text === 'string')) {
    const count = choiceCount(rows[0]);
    return count !== null && listed.length === 2 * count ? listed.slice(0, count) : listed;
  }
  const each = requests.map((request) => fieldIn(request, 'continuation'));
  return each.every((text) => typeof text === 'string') ? each : [];
}

function choiceCount(row: JsonObject | undefined): number | null {
  return wholeNumber(numberIn(fieldIn(row, 'doc'), 'num_choices'));
}

/** The label of multiple choice is the place of the right one. */
function targetOf(
  label: unknown,
  choices: readonly string[] | null,
  texts: readonly string[],
): string[] {
  if (choices !== null) {
    const right = typeof label === 'number' ? choices[label] : undefined;
    return right === undefined ? [] : [right];
  }
  if (texts.length === 1 && texts[0] !== '') return [...texts];
  if (Array.isArray(label)) return label.filter((one): one is string => isText(one));
  if (typeof label === 'number') return [String(label)];
  return isText(label) ? [label] : [];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function textsIn(parent: unknown, key: string): string[] {
  return (listIn(parent, key) ?? []).filter((one): one is string => isText(one));
}

function wholeNumber(value: number | null): number | null {
  return value !== null && Number.isSafeInteger(value) && value > 0 ? value : null;
}

export type Sampling = {
  readonly temperature: number | null;
  readonly topP: number | null;
};

/** How answers were drawn, by the settings of generation. */
export function samplingOf(settings: unknown): Sampling {
  if (!isObject(settings)) return { temperature: null, topP: null };
  const temperature = numberIn(settings, 'temperature');
  if (settings['do_sample'] === false || temperature === 0) return { temperature: 0, topP: null };
  const topP = numberIn(settings, 'top_p');
  return {
    temperature: temperature !== null && temperature > 0 ? temperature : null,
    topP: topP !== null && topP > 0 && topP <= 1 ? topP : null,
  };
}
