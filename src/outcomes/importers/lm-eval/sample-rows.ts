import { basename } from 'node:path';
import { readStart } from '../../log/file-start.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { type LogLine, parseLogLine, readLogLines } from '../../log/log-lines.ts';
import { parseSampleRow, type SampleRow } from './sample-row.ts';

/** Rows of one piece of the file; each is parsed when it is asked for, so that few of them live at a time. */
export type SampleBatch = Iterable<SampleRow>;

/** Before 0.4.3 a samples file is one JSON array, whatever its name says. */
async function isJsonArray(path: string): Promise<boolean> {
  const start = (await readStart(path, 64))?.toString('utf8') ?? '';
  return start
    .replace(/^\uFEFF/, '')
    .trimStart()
    .startsWith('[');
}

/** Elements of an array that come together. */
const batchRows = 64;

/** @throws UserError naming file and line or element. */
export async function* readSampleRows(path: string): AsyncGenerator<SampleBatch> {
  const name = basename(path);
  if (await isJsonArray(path)) {
    yield* elements(path, name);
    return;
  }
  for await (const lines of readLogLines(path)) yield batchOf(lines, name);
}

function batchOf(lines: readonly LogLine[], name: string): SampleBatch {
  return {
    *[Symbol.iterator]() {
      for (const line of lines) {
        yield parseSampleRow(parseLogLine(name, line), `\`${name}\`, line ${line.line}`);
      }
    },
  };
}

async function* elements(path: string, name: string): AsyncGenerator<SampleBatch> {
  let batch: SampleRow[] = [];
  for await (const { index, value } of readJsonMembers(path)) {
    batch.push(parseSampleRow(value, `\`${name}\`, element ${(index ?? 0) + 1}`));
    if (batch.length < batchRows) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
