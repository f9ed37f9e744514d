/** The log as a ZIP file (`.eval`). */
import { UserError } from '../../../error/index.ts';
import { ByteReader } from '../../log/byte-reader.ts';
import { walkObject } from '../../log/json-walk.ts';
import { parseJson } from '../../log/parse-json.ts';
import { ChunkedSamples } from './chunked-sample.ts';
import { maxMemberBytes, refuseMore } from './json-log.ts';
import { type InspectLog, type LogPart, readReductions } from './log-parts.ts';
import { type LogSample, readSample } from './sample.ts';
import { type ZipEntry, ZipFile } from './zip-file.ts';

const headerName = 'header.json';
const startName = '_journal/start.json';
const reductionsName = 'reductions.json';
/** A sample in one file, or the file of a sample in several that holds its scores. */
const sampleName = /^samples\/.*_epoch_\d+(?:\/sample)?\.json$/s;
const chunkName = /^samples\/.*_epoch_\d+\/(?:messages|attachments)\/\d+\.json$/s;

/** True for the entries that are read. */
export function isEvalEntry(name: string): boolean {
  const isTop = name === headerName || name === startName || name === reductionsName;
  return isTop || sampleName.test(name) || chunkName.test(name);
}

/** @throws UserError for what is no whole ZIP file. */
export async function openEvalLog(path: string): Promise<InspectLog> {
  const zip = await ZipFile.open(path, isEvalEntry);
  return new EvalLog(zip);
}

class EvalLog implements InspectLog {
  readonly #zip: ZipFile;
  readonly #chunked: ChunkedSamples;

  constructor(zip: ZipFile) {
    this.#zip = zip;
    this.#chunked = new ChunkedSamples(zip);
  }

  get isFinished(): boolean {
    return this.#zip.entries.has(headerName);
  }

  async *parts(): AsyncGenerator<LogPart> {
    const { entries, name } = this.#zip;
    const header = entries.get(headerName) ?? entries.get(startName);
    if (header === undefined) {
      throw new UserError(`\`${name}\`: expected the entry \`${headerName}\`, it has none`);
    }
    const { reader, where, rest } = this.#open(header);
    let mayStop = true;
    for await (const key of walkObject(reader, where)) {
      const value = parseJson(await reader.value(), `${where}, \`${key}\``);
      if (key === 'invalidated') mayStop = value !== true;
      yield { type: 'member', key, value };
    }
    await refuseMore(reader, where);
    await rest();
    for await (const sample of this.#samples({ answer: false, mayStop })) {
      yield { type: 'sample', sample };
    }
    const reductions = entries.get(reductionsName);
    if (reductions !== undefined) yield* this.#reductions(reductions);
  }

  samples(): AsyncGenerator<LogSample> {
    return this.#samples({ answer: true, mayStop: true });
  }

  [Symbol.dispose](): void {
    this.#zip[Symbol.dispose]();
  }

  async *#samples(options: { answer: boolean; mayStop: boolean }): AsyncGenerator<LogSample> {
    for (const entry of this.#zip.entries.values()) {
      if (!sampleName.test(entry.name)) continue;
      const { reader, where, rest } = this.#open(entry);
      const parts = this.#chunked.partsOf(entry);
      const sample = await readSample(reader, {
        ...options,
        where,
        ...(parts === null ? {} : { parts }),
      });
      await rest();
      yield sample;
    }
  }

  async *#reductions(entry: ZipEntry): AsyncGenerator<LogPart> {
    const { reader, where, rest } = this.#open(entry);
    yield* readReductions(reader, where);
    await refuseMore(reader, where);
    await rest();
  }

  #open(entry: ZipEntry): { reader: ByteReader; where: string; rest: () => Promise<void> } {
    const chunks = this.#zip.read(entry);
    const label = `${this.#zip.name}: ${entry.name}`;
    return {
      reader: new ByteReader(chunks, { name: label, maxBytes: maxMemberBytes }),
      where: `\`${label}\``,
      // The checksum is known at the end only.
      rest: async () => {
        for (let next = await chunks.next(); next.done !== true; ) next = await chunks.next();
      },
    };
  }
}
