/**
 * Requests files, as oe-eval and its successor write them: what the model was asked, in the order of the documents. They
 * are read along with the predictions, which come in the same order, so that neither has to fit into memory.
 */
import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import { isObject, type JsonObject, objectIn } from '../../log/fields.ts';
import { type LogLine, parseLogLine, readLogLines } from '../../log/log-lines.ts';

/** The rows of one document: one a choice, or one a repeat. */
export type DocumentRequests = readonly JsonObject[];

/** By content. */
export function isRequestRow(value: unknown): value is JsonObject {
  return (
    isObject(value) &&
    typeof value['request_type'] === 'string' &&
    objectIn(value, 'request') !== null &&
    ['doc', 'doc_id', 'idx', 'task_name'].every((key) => Object.hasOwn(value, key))
  );
}

/** Requests that were passed on the way to others are kept up to this size, should they be asked for later. */
const maxKeptBytes = 64 * 1024 * 1024;

export class RequestReader {
  readonly #name: string;
  readonly #groups: AsyncGenerator<Group>;
  readonly #kept = new Map<number, Group>();
  #keptBytes = 0;
  #done = false;

  constructor(path: string) {
    this.#name = basename(path);
    this.#groups = groupsOf(path, this.#name);
  }

  /**
   * The requests of a document; null where the file has none, or had them too far before those of the documents asked for
   * earlier.
   *
   * @throws UserError for a line that is no request.
   */
  async of(document: number): Promise<DocumentRequests | null> {
    const kept = this.#kept.get(document);
    if (kept !== undefined) {
      this.#kept.delete(document);
      this.#keptBytes -= kept.bytes;
      return kept.rows;
    }
    while (!this.#done) {
      const next = await this.#groups.next();
      if (next.done === true) {
        this.#done = true;
      } else if (next.value.document === document) {
        return next.value.rows;
      } else if (this.#keptBytes + next.value.bytes <= maxKeptBytes) {
        this.#kept.set(next.value.document, next.value);
        this.#keptBytes += next.value.bytes;
      }
    }
    return null;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#groups.return(undefined);
  }
}

type Group = { readonly document: number; readonly rows: JsonObject[]; bytes: number };

async function* groupsOf(path: string, name: string): AsyncGenerator<Group> {
  let group: Group | null = null;
  for await (const lines of readLogLines(path)) {
    for (const line of lines) {
      const row = parseRow(name, line);
      const document = Number(row['doc_id']);
      if (group !== null && group.document !== document) {
        yield inOrder(group);
        group = null;
      }
      group ??= { document, rows: [], bytes: 0 };
      group.rows.push(row);
      group.bytes += line.bytes.length;
    }
  }
  if (group !== null) yield inOrder(group);
}

/** Choices by their places. */
function inOrder(group: Group): Group {
  group.rows.sort((a, b) => Number(a['idx']) - Number(b['idx']));
  return group;
}

function parseRow(name: string, line: LogLine): JsonObject {
  const row = parseLogLine(name, line);
  if (isRequestRow(row) && Number.isSafeInteger(row['doc_id'])) return row;
  throw new UserError(
    `\`${name}\`, line ${line.line}: expected a request with \`request_type\`, \`doc\`, \`request\`, \`idx\`, \`task_name\` and a whole number as \`doc_id\``,
  );
}
