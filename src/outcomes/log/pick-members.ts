import type { ByteReader } from './byte-reader.ts';
import { walkObject } from './json-walk.ts';

export type PickOptions = {
  /** Begins messages. */
  readonly where: string;
  readonly wanted: ReadonlySet<string>;
  /** Asked in front of each member: whether the rest need not be read. */
  readonly isEnough?: (key: string, picked: ReadonlyMap<string, Buffer>) => boolean;
};

/**
 * The object that comes next as it stands, where it is in memory already; otherwise an object of its wanted members
 * alone, so that the others may be of any length.
 */
export async function pickMembers(reader: ByteReader, options: PickOptions): Promise<Buffer> {
  const { where, wanted, isEnough } = options;
  const here = await reader.valueHere();
  if (here !== null) return here;
  const picked = new Map<string, Buffer>();
  for await (const key of walkObject(reader, where)) {
    if (isEnough?.(key, picked) === true) break;
    if (wanted.has(key)) picked.set(key, await reader.value());
    else await reader.skip();
  }
  const members = [...picked].flatMap(([key, value], index) => [
    Buffer.from(`${index === 0 ? '' : ','}${JSON.stringify(key)}:`),
    value,
  ]);
  return Buffer.concat([Buffer.from('{'), ...members, Buffer.from('}')]);
}
