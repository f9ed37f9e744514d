/** What a HELM run asked and what came back: scenario_state.json, one entry for each request to the model. */
import { promptSha256, type Item, type SuiteMessage } from '../../../suite/index.ts';
import {
  fieldIn,
  isObject,
  type JsonObject,
  listIn,
  numberIn,
  objectIn,
  textIn,
} from '../../log/fields.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { logItem, logItemId } from '../../log/log-task.ts';
import { isOneOf, strip } from '../../log/python-match.ts';
import { type HelmRun, helmTask } from './run-spec.ts';

/** What was asked of one instance in one trial. */
export type Asked = {
  readonly instance: string;
  readonly trial: number;
  readonly item: Item;
  readonly render: 'prompt' | 'messages';
  /** Null where the prompts of its choices have no beginning in common. */
  readonly promptSha256: string | null;
  readonly topP: number | null;
  readonly answers: readonly AskedAnswer[];
};

export type AskedAnswer = {
  readonly text: string;
  /** The choice that the text stands for. */
  readonly mapped: string | null;
  /** Whether it is right by `exact_match`; null where that cannot be told exactly. */
  readonly right: 0 | 1 | null;
};

/** In the file's order, the original inputs only. @throws UserError for a damaged file. */
export async function* readRequests(path: string, run: HelmRun): AsyncGenerator<Asked> {
  let group: JsonObject[] = [];
  for await (const { key, value } of readJsonMembers(path, { into: ['request_states'] })) {
    if (key !== 'request_states' || !isObject(value)) continue;
    if (group[0] !== undefined && keyOf(group[0]) !== keyOf(value)) {
      yield* toAsked(group, run);
      group = [];
    }
    group.push(value);
  }
  yield* toAsked(group, run);
}

/** Requests about one instance stand together. */
function keyOf(state: JsonObject): string {
  const instance = objectIn(state, 'instance');
  return JSON.stringify([
    textIn(instance, 'id'),
    fieldIn(instance, 'perturbation'),
    numberIn(state, 'train_trial_index'),
  ]);
}

function* toAsked(group: readonly JsonObject[], run: HelmRun): Generator<Asked> {
  const [first] = group;
  const instance = objectIn(first, 'instance');
  const id = textIn(instance, 'id');
  if (first === undefined || id === null) return;
  if (objectIn(instance, 'perturbation') !== null) return;
  const references = referencesOf(instance);
  const task = helmTask(run.name, {
    split: textIn(instance, 'split'),
    subSplit: textIn(instance, 'sub_split'),
  });
  const question = questionText(group, references);
  const correct = references.filter((one) => one.correct).map((one) => one.text);
  const mapping = objectIn(first, 'output_mapping');
  const item = logItem({
    task,
    id: logItemId(task, id),
    prompt: question.prompt,
    messages: question.messages,
    target: correct,
    choices: choicesOf(mapping, references, run),
  });
  const render = question.messages === null ? 'prompt' : 'messages';
  const known = question.prompt !== null || question.messages !== null;
  yield {
    instance: id,
    trial: numberIn(first, 'train_trial_index') ?? 0,
    item,
    render,
    promptSha256: known ? promptSha256(item, render) : null,
    topP: run.ranked ? null : topPOf(objectIn(first, 'request')),
    answers: run.ranked ? [] : answersOf(first, { correct, mapping, run }),
  };
}

type Reference = { text: string; correct: boolean };

function referencesOf(instance: JsonObject | null): Reference[] {
  return (listIn(instance, 'references') ?? []).map((one) => {
    const text = fieldIn(objectIn(one, 'output'), 'text');
    return {
      text: typeof text === 'string' ? text : '',
      correct: (listIn(one, 'tags') ?? []).includes('correct'),
    };
  });
}

function choicesOf(
  mapping: JsonObject | null,
  references: readonly Reference[],
  run: HelmRun,
): string[] | null {
  if (run.ranked) return references.map(({ text }) => text);
  return mapping === null
    ? null
    : Object.values(mapping).filter((one): one is string => typeof one === 'string');
}

type QuestionText = { prompt: string | null; messages: readonly SuiteMessage[] | null };

/** The text in front of the answer; where each choice had a request of its own, what these have in common. */
function questionText(
  group: readonly JsonObject[],
  references: readonly Reference[],
): QuestionText {
  const none = { prompt: null, messages: null };
  const own = group.filter((state) => textIn(state, 'request_mode') !== 'calibration');
  const first = objectIn(own[0], 'request');
  const messages = messagesOf(first);
  if (messages !== null) return own.length === 1 ? { prompt: null, messages } : none;
  const [only] = own;
  if (only === undefined) return none;
  if (numberIn(only, 'reference_index') === null) {
    const prompt = textIn(first, 'prompt');
    return own.length === 1 ? { prompt, messages: null } : none;
  }
  const beginnings = new Set(
    own.map((state) => {
      const prompt = textIn(objectIn(state, 'request'), 'prompt') ?? '';
      const choice = references[numberIn(state, 'reference_index') ?? -1]?.text ?? '';
      return choice !== '' && prompt.endsWith(choice) ? prompt.slice(0, -choice.length) : null;
    }),
  );
  const [beginning = null] = beginnings;
  return { prompt: beginnings.size === 1 && beginning !== '' ? beginning : null, messages: null };
}

function messagesOf(request: JsonObject | null): SuiteMessage[] | null {
  const list = listIn(request, 'messages');
  if (list === null || list.length === 0) return null;
  const messages = list.map((one) => ({
    role: textIn(one, 'role') ?? '',
    content: textIn(one, 'content') ?? '',
  }));
  return messages.every(({ role }) => role !== '') ? messages : null;
}

function topPOf(request: JsonObject | null): number | null {
  const value = numberIn(request, 'top_p');
  return value !== null && value > 0 && value <= 1 ? value : null;
}

function answersOf(
  state: JsonObject,
  {
    correct,
    mapping,
    run,
  }: { correct: readonly string[]; mapping: JsonObject | null; run: HelmRun },
): AskedAnswer[] {
  const completions = listIn(objectIn(state, 'result'), 'completions') ?? [];
  return completions.flatMap((completion) => {
    const text = fieldIn(completion, 'text');
    if (typeof text !== 'string') return [];
    const stripped = strip(text);
    const mapped = mapping === null ? null : textIn(mapping, stripped);
    const prediction = mapping === null ? stripped : (mapped ?? '');
    const right = run.mapsByPattern ? null : isOneOf(prediction, correct, { stripped: true });
    return [{ text, mapped, right }];
  });
}
