import { basename } from 'node:path';
import { UserError } from '../../../error/index.ts';
import { ByteReader } from '../../log/byte-reader.ts';
import { fileChunks } from '../../log/json-members.ts';
import { isArrayNext, walkArray, walkObject } from '../../log/json-walk.ts';
import { parseJson } from '../../log/parse-json.ts';
import { type InspectLog, type LogPart, readReductions } from './log-parts.ts';
import { type LogSample, readSample } from './sample.ts';

/** A larger member of a log, or of a sample, is refused. */
export const maxMemberBytes: number = 256 * 1024 * 1024;

/** The log as one JSON document (`.json`, `inspect log dump`). */
export function openJsonLog(path: string): InspectLog {
  const where = `\`${basename(path)}\``;
  return {
    isFinished: true,
    parts: () => reading(path, (reader) => readParts(reader, where)),
    samples: () => reading(path, (reader) => readSamples(reader, where)),
    [Symbol.dispose]: () => undefined,
  };
}

/** Closes the file whether or not it was read to its end. */
async function* reading<T>(
  path: string,
  read: (reader: ByteReader) => AsyncGenerator<T>,
): AsyncGenerator<T> {
  const chunks = fileChunks(path);
  try {
    yield* read(new ByteReader(chunks, { name: basename(path), maxBytes: maxMemberBytes }));
  } finally {
    await chunks.return(undefined);
  }
}

async function* readParts(reader: ByteReader, where: string): AsyncGenerator<LogPart> {
  let hasSettings = false;
  for await (const key of walkObject(reader, where)) {
    if (key === 'samples' && (await isArrayNext(reader))) {
      if (!hasSettings) {
        throw new UserError(`${where}: expected \`eval\` in front of \`samples\`, it comes behind`);
      }
      for await (const sample of samplesOf(reader, where, false)) yield { type: 'sample', sample };
    } else if (key === 'reductions') yield* readReductions(reader, `${where}, \`reductions\``);
    else {
      hasSettings ||= key === 'eval';
      yield { type: 'member', key, value: parseJson(await reader.value(), `${where}, \`${key}\``) };
    }
  }
  await refuseMore(reader, where);
}

async function* readSamples(reader: ByteReader, where: string): AsyncGenerator<LogSample> {
  for await (const key of walkObject(reader, where)) {
    if (key === 'samples' && (await isArrayNext(reader))) yield* samplesOf(reader, where, true);
    else await reader.skip();
  }
}

async function* samplesOf(
  reader: ByteReader,
  where: string,
  answer: boolean,
): AsyncGenerator<LogSample> {
  for await (const index of walkArray(reader)) {
    yield await readSample(reader, { where: `${where}, \`samples\` element ${index + 1}`, answer });
  }
}

/** A document that goes on behind its end is none. */
export async function refuseMore(reader: ByteReader, where: string): Promise<void> {
  if ((await reader.peek()) === null) return;
  throw new UserError(`${where}: expected one JSON document, more follows behind its end`);
}
