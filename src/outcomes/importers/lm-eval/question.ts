import { promptSha256, type Render, type SuiteMessage } from '../../../suite/index.ts';
import { isObject, type JsonObject, listIn, numberIn, textIn } from '../../log/fields.ts';
import type { SampleRow } from './sample-row.ts';

/** What the model was asked in a row. */
export type SampleQuestion = {
  readonly prompt: string | null;
  readonly messages: readonly SuiteMessage[] | null;
  readonly render: Render;
  readonly promptSha256: string;
  /** The texts whose likelihoods were compared, without the delimiter; null for one that is answered. */
  readonly choices: readonly string[] | null;
  /** What stands between the prompt and a choice. */
  readonly delimiter: string;
  readonly target: readonly string[];
};

/** Why a row holds no question that could stand in a suite. */
export type NoQuestion = 'several contexts' | 'no prompt';

export function questionOf(row: SampleRow, config: JsonObject | null): SampleQuestion | NoQuestion {
  const { requests } = row;
  const texts = requests.map(({ given }) => (typeof given === 'string' ? given : null));
  const conditional = withoutUnconditional(row);
  const context = requests[0]?.context;
  if (conditional.some((one) => one !== context && typeof one === 'string')) {
    return 'several contexts';
  }
  const asked = askedBy(context);
  if (asked === null) return 'no prompt';
  const own = texts.slice(0, conditional.length).filter((text) => text !== null);
  const isChoice = own.length > 1 && own.length === conditional.length;
  const delimiter = isChoice ? delimiterOf(own, config) : '';
  const choices = isChoice ? own.map((text) => text.slice(delimiter.length)) : null;
  const target = choices === null ? plainTarget(row.target, own[0]) : choiceTarget(row, choices);
  return { ...asked, choices, delimiter, target };
}

/** `acc_mutual_info` reads each choice a second time, behind nothing. */
function withoutUnconditional({ requests }: SampleRow): unknown[] {
  const contexts = requests.map(({ context }) => context);
  const half = contexts.length / 2;
  const doubled =
    Number.isInteger(half) && half > 1 && contexts.slice(half).every((one) => one === '');
  return doubled && contexts[0] !== '' ? contexts.slice(0, half) : contexts;
}

type Asked = Pick<SampleQuestion, 'prompt' | 'messages' | 'render' | 'promptSha256'>;

function askedBy(context: unknown): Asked | null {
  if (typeof context === 'string' && context !== '') {
    const prompt = context;
    const sha = promptSha256({ id: '', prompt, messages: null }, 'prompt');
    return { prompt, messages: null, render: 'prompt', promptSha256: sha };
  }
  const messages = messagesOf(context);
  if (messages === null) return null;
  const sha = promptSha256({ id: '', prompt: null, messages }, 'messages');
  return { prompt: null, messages, render: 'messages', promptSha256: sha };
}

/** A chat server gets messages; the harness writes them as JSON in a text, the text in a list. */
function messagesOf(context: unknown): SuiteMessage[] | null {
  const [text] = Array.isArray(context) ? (context as unknown[]) : [];
  if (typeof text !== 'string' || !text.startsWith('[')) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return null;
  }
  if (!Array.isArray(parsed) || parsed.length === 0) return null;
  const messages = parsed.map((message: unknown) => {
    const role = textIn(message, 'role');
    const content = isObject(message) ? message['content'] : null;
    return role === null || typeof content !== 'string' ? null : { role, content };
  });
  return messages.every((message) => message !== null) ? messages : null;
}

function delimiterOf(choices: readonly string[], config: JsonObject | null): string {
  const told = config?.['target_delimiter'];
  const delimiter = typeof told === 'string' ? told : ' ';
  return choices.every((text) => text.startsWith(delimiter) && text.length > delimiter.length)
    ? delimiter
    : '';
}

/** The harness reads a number as the place of the right choice. */
function choiceTarget({ target }: SampleRow, choices: readonly string[]): string[] {
  const text = typeof target === 'number' || typeof target === 'string' ? String(target) : '';
  const right = /^\d+$/.test(text) ? choices[Number(text)] : text;
  return right !== undefined && choices.includes(right) ? [right] : [];
}

function plainTarget(target: unknown, continuation: string | undefined): string[] {
  if (continuation !== undefined) return [continuation];
  if (Array.isArray(target)) {
    return target.filter((one): one is string => typeof one === 'string' && one !== '');
  }
  if (typeof target === 'number') return [String(target)];
  return typeof target === 'string' && target !== '' && !isPythonList(target) ? [target] : [];
}

/** Several accepted answers are written as Python shows a list: their texts cannot be told apart for sure. */
export function isPythonList(target: string): boolean {
  return target.startsWith('[') && target.endsWith(']');
}

export type SampleSampling = {
  readonly temperature: number | null;
  readonly topP: number | null;
  readonly seed: number | null;
  readonly stop: readonly string[];
  readonly maxTokens: number | null;
};

const notSampled: SampleSampling = {
  temperature: null,
  topP: null,
  seed: null,
  stop: [],
  maxTokens: null,
};

/** How the answers were drawn; the harness is greedy where it is told nothing. */
export function samplingOf({ requests }: SampleRow, runSeed: number | null): SampleSampling {
  const given = requests[0]?.given;
  if (!isObject(given)) return notSampled;
  const told = numberIn(given, 'temperature');
  const isGreedy =
    told === 0 || given['do_sample'] === false || (told === null && given['do_sample'] !== true);
  const topP = numberIn(given, 'top_p');
  const seed = numberIn(given, 'seed') ?? runSeed;
  const maxTokens = numberIn(given, 'max_gen_toks');
  return {
    temperature: isGreedy ? 0 : told !== null && told >= 0 ? told : null,
    topP: !isGreedy && topP !== null && topP > 0 && topP <= 1 ? topP : null,
    seed: !isGreedy && seed !== null && Number.isSafeInteger(seed) ? seed : null,
    stop: stopsOf(given),
    maxTokens: maxTokens !== null && Number.isSafeInteger(maxTokens) ? maxTokens : null,
  };
}

function stopsOf(given: JsonObject): string[] {
  const stops = listIn(given, 'until') ?? [given['until']];
  return stops.filter((stop): stop is string => typeof stop === 'string' && stop !== '');
}
