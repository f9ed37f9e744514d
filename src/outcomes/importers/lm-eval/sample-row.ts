/** A row of a samples file: what was asked, what came, how it was scored. Its shape changed with the versions. */
import { UserError } from '../../../error/index.ts';
import { fieldIn, isObject, type JsonObject, listIn, objectIn, textIn } from '../../log/fields.ts';

export type SampleRow = {
  /** File and place, for messages. */
  readonly where: string;
  readonly document: number;
  /** Null in versions before 0.4.7, which do not say it. */
  readonly filter: string | null;
  /** One a choice for multiple choice, else one. */
  readonly requests: readonly SampleRequest[];
  readonly target: unknown;
  /** Texts of the model, one a repeat; null where likelihoods were read. */
  readonly answers: readonly string[] | null;
  /** What the filter made of the first request's responses: one a repeat, or one of all of them. */
  readonly filtered: string | readonly string[] | null;
  /** By metric, as it stands in the row. */
  readonly scores: ReadonlyMap<string, unknown>;
  readonly documentHash: string | null;
  readonly targetHash: string | null;
};

export type SampleRequest = {
  /** The prompt; for a chat server its messages as JSON in a list. */
  readonly context: unknown;
  /** The text whose likelihood was read, or the settings of generation; null where the context itself was scored. */
  readonly given: string | JsonObject | null;
};

const ownMembers: ReadonlySet<string> = new Set([
  'doc_id',
  'doc',
  'target',
  'arguments',
  'resps',
  'filtered_resps',
  'filter',
  'metrics',
  'doc_hash',
  'prompt_hash',
  'target_hash',
]);

/** By content: what every version writes. */
export function isSampleRow(value: unknown): value is JsonObject {
  return (
    isObject(value) &&
    ['doc_id', 'doc', 'target', 'arguments', 'resps', 'filtered_resps'].every((key) =>
      Object.hasOwn(value, key),
    )
  );
}

/** @throws UserError naming the place, for what is no row. */
export function parseSampleRow(value: unknown, where: string): SampleRow {
  if (!isSampleRow(value)) {
    throw new UserError(
      `${where}: expected a sample of lm-evaluation-harness with \`doc_id\`, \`doc\`, \`target\`, \`arguments\`, \`resps\` and \`filtered_resps\``,
    );
  }
  const document = value['doc_id'];
  if (typeof document !== 'number' || !Number.isSafeInteger(document) || document < 0) {
    throw new UserError(
      `${where}: expected \`doc_id\` to be a whole number, got ${JSON.stringify(document)}`,
    );
  }
  const requests = requestsOf(value['arguments']);
  return {
    where,
    document,
    filter: typeof value['filter'] === 'string' ? value['filter'] : null,
    requests,
    target: value['target'],
    answers: isObject(requests[0]?.given) ? textsOf(listIn(value, 'resps')?.[0]) : null,
    filtered: filteredOf(listIn(value, 'filtered_resps')?.[0]),
    scores: scoresOf(value),
    documentHash: hashIn(value, 'doc_hash'),
    targetHash: hashIn(value, 'target_hash'),
  };
}

/** `{gen_args_0: {arg_0, arg_1}, …}`; a list of lists before 0.4.3. */
function requestsOf(given: unknown): SampleRequest[] {
  if (Array.isArray(given)) {
    return given.map((pair: unknown) =>
      Array.isArray(pair) ? request(pair[0], pair[1]) : request(pair, null),
    );
  }
  const requests: SampleRequest[] = [];
  for (let index = 0; ; index += 1) {
    const pair = objectIn(given, `gen_args_${index}`);
    if (pair === null) return requests;
    requests.push(request(fieldIn(pair, 'arg_0'), fieldIn(pair, 'arg_1')));
  }
}

function request(context: unknown, given: unknown): SampleRequest {
  return { context, given: typeof given === 'string' || isObject(given) ? given : null };
}

function textsOf(value: unknown): string[] | null {
  if (!Array.isArray(value) || value.length === 0) return null;
  return value.every((text) => typeof text === 'string') ? value : null;
}

function filteredOf(value: unknown): string | string[] | null {
  return typeof value === 'string' ? value : textsOf(value);
}

function scoresOf(row: JsonObject): Map<string, unknown> {
  const scores = new Map<string, unknown>();
  const listed = listIn(row, 'metrics');
  const names = listed ?? Object.keys(row).filter((key) => !ownMembers.has(key));
  for (const name of names) {
    if (typeof name === 'string' && name !== '' && Object.hasOwn(row, name)) {
      scores.set(name, row[name]);
    }
  }
  return scores;
}

function hashIn(row: JsonObject, key: string): string | null {
  const hash = textIn(row, key);
  return hash !== null && hash.length <= 128 ? hash : null;
}
