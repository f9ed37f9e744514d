/** `{"subject_id": …, "responses": {"<item>": 0 or 1}}`, one line a subject, as py-irt reads it. */
import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import { fieldIn, objectIn } from '../../log/fields.ts';
import { type LogLine, parseLogLine, readLogLines } from '../../log/log-lines.ts';
import type { Responses } from './responses-of-subject.ts';
import { checkName, jsonResponse, refuseResponse } from './responses.ts';

/** Whether a file begins with a subject's responses. */
export function beginsLikeLines(start: string): boolean {
  const text = start.replace(/^\uFEFF/, '');
  if (
    /^\s*\{\s*"subject_id"\s*:\s*(?:"(?:[^"\\]|\\.)*"|-?\d+)\s*,\s*"responses"\s*:\s*\{/.test(text)
  ) {
    return true;
  }
  return /^\s*\{\s*"responses"\s*:\s*\{\s*"(?:[^"\\]|\\.)*"\s*:\s*(?:[01](?:\.\d+)?|true|false|null)\s*[,}]/.test(
    text,
  );
}

/** @throws UserError naming line and item. */
export async function* subjectsInLines(path: string): AsyncGenerator<Responses> {
  const name = basename(path);
  const seen = new Set<string>();
  for await (const lines of readLogLines(path)) {
    for (const one of lines) {
      const responses = responsesOf(name, one);
      if (seen.has(responses.subject)) {
        throw new UserError(
          `\`${name}\`, line ${one.line}: subject \`${responses.subject}\` stands twice: keep one`,
        );
      }
      seen.add(responses.subject);
      yield responses;
    }
  }
}

function responsesOf(name: string, line: LogLine): Responses {
  const where = `\`${name}\`, line ${line.line}`;
  const value = parseLogLine(name, line);
  const id = fieldIn(value, 'subject_id');
  const responses = objectIn(value, 'responses');
  if ((typeof id !== 'string' && typeof id !== 'number') || responses === null) {
    const missing = responses === null ? 'responses' : 'subject_id';
    throw new UserError(`${where}: expected \`${missing}\`, found none`);
  }
  const subject = checkName(String(id), 'a subject in `subject_id`', where);
  return { subject, responses: responsesIn(responses, where) };
}

function* responsesIn(
  responses: Readonly<Record<string, unknown>>,
  where: string,
): Generator<readonly [string, number | null]> {
  for (const item in responses) {
    const response = jsonResponse(responses[item]);
    if (response === undefined) {
      throw refuseResponse(`${where}, item \`${item.slice(0, 80)}\``, responses[item]);
    }
    yield [checkName(item, 'an item', where), response];
  }
}
