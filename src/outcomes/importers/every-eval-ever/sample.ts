/** One line of samples: a question, the answers, a score. */
import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import {
  fieldIn,
  isObject,
  type JsonObject,
  listIn,
  numberIn,
  objectIn,
  textIn,
  toNumber,
} from '../../log/fields.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { parseLogLine, readLogLines } from '../../log/log-lines.ts';

export type Sample = {
  readonly evaluationId: string | null;
  readonly model: string | null;
  readonly task: string;
  readonly resultId: string | null;
  readonly id: string;
  readonly hash: string | null;
  /** By metric where the sample has several, else under the empty name. */
  readonly scores: readonly (readonly [metric: string, score: number])[];
  readonly correct: boolean | null;
  readonly input: JsonObject | null;
  readonly output: JsonObject | null;
  /** The last of the extracted answers. */
  readonly extracted: string | null;
  readonly metadata: JsonObject;
};

/** Lines of JSONL, or the elements of one array. @throws UserError naming line and member. */
export async function* readSamples(
  path: string,
  { isArray }: { isArray: boolean },
): AsyncGenerator<Sample> {
  const name = basename(path);
  if (isArray) {
    for await (const { index, value } of readJsonMembers(path)) {
      yield toSample(value, `\`${name}\`, element ${(index ?? 0) + 1}`);
    }
    return;
  }
  for await (const lines of readLogLines(path)) {
    for (const one of lines) {
      yield toSample(parseLogLine(name, one), `\`${name}\`, line ${one.line}`);
    }
  }
}

function toSample(value: unknown, where: string): Sample {
  const task = textIn(value, 'evaluation_name');
  const id = fieldIn(value, 'sample_id');
  const evaluation = objectIn(value, 'evaluation');
  if (task === null) throw lacking(where, 'evaluation_name');
  if ((typeof id !== 'string' && typeof id !== 'number') || id === '') {
    throw lacking(where, 'sample_id');
  }
  const metadata = objectIn(value, 'metadata') ?? {};
  const correct = fieldIn(evaluation, 'is_correct');
  return {
    evaluationId: textIn(value, 'evaluation_id'),
    model: textIn(value, 'model_id'),
    task,
    resultId: textIn(value, 'evaluation_result_id'),
    id: String(id),
    hash: textIn(value, 'sample_hash'),
    scores: scoresOf(evaluation, metadata, where),
    correct: typeof correct === 'boolean' ? correct : null,
    input: objectIn(value, 'input'),
    output: objectIn(value, 'output'),
    extracted: extractedIn(value),
    metadata,
  };
}

function lacking(where: string, member: string): UserError {
  return new UserError(`${where}: expected \`${member}\`, found none`);
}

/** lm-eval's converter keeps all metrics of a sample in its metadata; the sample's own score is the first of them. */
function scoresOf(
  evaluation: JsonObject | null,
  metadata: JsonObject,
  where: string,
): Sample['scores'] {
  const several = metricsIn(metadata['lm_eval_metrics']);
  if (several.length > 0) return several;
  const score = numberIn(evaluation, 'score');
  if (score === null) throw lacking(where, 'evaluation.score');
  return [['', score]];
}

function metricsIn(text: unknown): (readonly [string, number])[] {
  if (typeof text !== 'string') return [];
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    // Not what the converter writes: the sample's own score stands.
    return [];
  }
  if (!isObject(parsed)) return [];
  return Object.entries(parsed).flatMap(([metric, value]) => {
    const number = typeof value === 'boolean' ? Number(value) : toNumber(value);
    return number === null || metric === '' ? [] : [[metric, number] as const];
  });
}

function extractedIn(value: unknown): string | null {
  const all = listIn(value, 'answer_attribution') ?? [];
  const last = all.findLast((one) => fieldIn(one, 'is_terminal') === true) ?? all.at(-1);
  const text = fieldIn(last, 'extracted_value');
  return typeof text === 'string' ? text : null;
}
