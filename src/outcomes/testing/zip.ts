/** ZIP files made by hand, sound and unsound. */
import { crc32, deflateRawSync } from 'node:zlib';

export type ZipPart = {
  readonly name: string;
  readonly data: Buffer | string;
  /** 0 stored, 8 deflated; for others `data` is what stands in the file. */
  readonly method?: number;
  /** What the directory says, where that is something else. */
  readonly says?: {
    readonly bytes?: number;
    readonly crc?: number;
    readonly offset?: number;
    readonly flags?: number;
  };
};

export function makeZip(parts: readonly ZipPart[]): Buffer {
  const body: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, data, method = 0, says = {} } of parts) {
    const plain = Buffer.from(data);
    const stored = method === 8 ? deflateRawSync(plain) : plain;
    const label = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(0x800 | (says.flags ?? 0), 2);
    fields.writeUInt16LE(method, 4);
    fields.writeUInt32LE(says.crc ?? crc32(plain), 10);
    fields.writeUInt32LE(stored.length, 14);
    fields.writeUInt32LE(says.bytes ?? plain.length, 18);
    fields.writeUInt16LE(label.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), fields, label, stored]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(says.offset ?? offset, 10);
    directory.push(Buffer.from('PK\x01\x02\x14\x00'), fields, rest, label);
    body.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(parts.length, 8);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...body, entries, end]);
}
