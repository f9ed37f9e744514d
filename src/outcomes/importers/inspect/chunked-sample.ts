/**
 * Samples that are kept in several entries: `sample.json`, and messages and long texts in sequences that are cut into
 * entries, each named for the place of its first element.
 */
import { ByteReader } from '../../log/byte-reader.ts';
import { walkArray } from '../../log/json-walk.ts';
import { parseJson } from '../../log/parse-json.ts';
import { maxMemberBytes, refuseMore } from './json-log.ts';
import type { SampleParts } from './sample.ts';
import type { ZipEntry, ZipFile } from './zip-file.ts';

const shellName = '/sample.json';

type Chunk = { readonly start: number; readonly entry: ZipEntry };
type Sequence = 'messages' | 'attachments';

export class ChunkedSamples {
  readonly #zip: ZipFile;
  /** By the sample's folder and the sequence, in order; gathered once it is asked for. */
  #chunks: Map<string, Chunk[]> | null = null;

  constructor(zip: ZipFile) {
    this.#zip = zip;
  }

  /** Null for a sample in one entry. */
  partsOf({ name }: ZipEntry): SampleParts | null {
    if (!name.endsWith(shellName)) return null;
    const folder = name.slice(0, -shellName.length);
    return {
      messages: (refs) => this.#messages(folder, refs),
      attachment: async (place) => {
        const index = Number(place);
        for await (const text of this.#elements(folder, 'attachments', [index, index + 1])) {
          return typeof text === 'string' ? text : null;
        }
        return null;
      },
    };
  }

  async *#messages(folder: string, refs: unknown): AsyncGenerator {
    for (const ref of Array.isArray(refs) ? (refs as readonly unknown[]) : []) {
      const [start, end] = Array.isArray(ref) ? (ref as readonly unknown[]) : [];
      if (typeof start !== 'number' || typeof end !== 'number') continue;
      yield* this.#elements(folder, 'messages', [start, end]);
    }
  }

  /** The elements from one place to in front of another. */
  async *#elements(
    folder: string,
    sequence: Sequence,
    [from, to]: readonly [number, number],
  ): AsyncGenerator {
    const chunks = this.#chunksOf(folder, sequence);
    for (const [place, { start, entry }] of chunks.entries()) {
      const next = chunks[place + 1]?.start ?? Number.POSITIVE_INFINITY;
      if (next <= from || start >= to) continue;
      const label = `${this.#zip.name}: ${entry.name}`;
      const reader = new ByteReader(this.#zip.read(entry), {
        name: label,
        maxBytes: maxMemberBytes,
      });
      const wanted: unknown[] = [];
      for await (const index of walkArray(reader)) {
        const isWanted = start + index >= from && start + index < to;
        if (isWanted) wanted.push(parseJson(await reader.value(), `\`${label}\``));
        else await reader.skip();
      }
      // To its end, so that the checksum is held against it.
      await refuseMore(reader, `\`${label}\``);
      yield* wanted;
    }
  }

  #chunksOf(folder: string, sequence: Sequence): readonly Chunk[] {
    this.#chunks ??= gatherChunks(this.#zip);
    return this.#chunks.get(`${folder}/${sequence}`) ?? [];
  }
}

function gatherChunks(zip: ZipFile): Map<string, Chunk[]> {
  const chunks = new Map<string, Chunk[]>();
  for (const entry of zip.entries.values()) {
    const match = /^(samples\/.*\/(?:messages|attachments))\/(\d+)\.json$/s.exec(entry.name);
    if (match === null) continue;
    const [, key = '', start = ''] = match;
    const list = chunks.get(key) ?? [];
    chunks.set(key, list);
    list.push({ start: Number(start), entry });
  }
  for (const list of chunks.values()) list.sort((a, b) => a.start - b.start);
  return chunks;
}
