import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeZip, type ZipPart } from '../../testing/zip.ts';
import { ZipFile } from './zip-file.ts';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-zip-'));
  path = join(folder, 'log.eval');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What the kept entries hold, by their names. */
async function contents(bytes: Buffer, wanted: (name: string) => boolean = () => true) {
  writeFileSync(path, bytes);
  using zip = await ZipFile.open(path, wanted);
  const found: Record<string, string> = {};
  for (const entry of zip.entries.values()) {
    const pieces: Buffer[] = [];
    for await (const piece of zip.read(entry)) pieces.push(piece);
    found[entry.name] = Buffer.concat(pieces).toString();
  }
  return found;
}

async function failure(bytes: Buffer): Promise<string> {
  return contents(bytes).then(
    () => 'no error',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

describe('ZipFile', () => {
  it('reads stored and deflated entries, small and large, under any name', async () => {
    const large = 'abc'.repeat(4_000_000);
    const parts: ZipPart[] = [
      { name: 'a.json', data: '{}' },
      { name: '../ü\\b.json', data: 'x'.repeat(1000), method: 8 },
      { name: 'large', data: large, method: 8 },
      { name: 'unwanted', data: '', method: 99 },
    ];
    expect(await contents(makeZip(parts), (name) => name !== 'unwanted')).toEqual({
      'a.json': '{}',
      '../ü\\b.json': 'x'.repeat(1000),
      large,
    });
  });

  it('takes the last of entries with one name', async () => {
    const parts = [
      { name: 'a', data: 'old' },
      { name: 'b', data: 'b' },
      { name: 'a', data: 'new' },
    ];
    expect(Object.entries(await contents(makeZip(parts)))).toEqual([
      ['b', 'b'],
      ['a', 'new'],
    ]);
  });

  const damaged = (says: NonNullable<ZipPart['says']>, method = 8): Buffer =>
    makeZip([{ name: 'a', data: 'hello', method, says }]);
  it.each([
    ['no ZIP file', Buffer.from('PK\x03\x04'), '`log.eval`: expected a whole ZIP file: '],
    ['a cut file', damaged({}).subarray(0, -30), '`log.eval`: expected a whole ZIP file: '],
    ['another checksum', damaged({ crc: 1 }), 'entry `a`: is damaged, its checksum'],
    ['fewer bytes than told', damaged({ bytes: 9 }), 'entry `a`: is damaged, its checksum'],
    ['more bytes than told', damaged({ bytes: 3 }), 'entry `a`: cannot be expanded: it expands to'],
    [
      'an entry elsewhere',
      damaged({ offset: 2 }),
      'cannot be expanded: there is no entry at byte 2',
    ],
    ['an encrypted entry', damaged({ flags: 1 }), 'cannot be expanded: it is encrypted'],
    [
      'an unknown method',
      damaged({}, 12),
      'cannot be expanded: compression method 12 is not known',
    ],
    ['no zstd', damaged({}, 93), 'entry `a`: is damaged, its checksum'],
    ['no long zstd', damaged({ bytes: 9_000_000 }, 93), 'the zstd stream is damaged'],
  ])('refuses %s', async (_case, bytes, message) => {
    expect(await failure(bytes)).toContain(message);
  });

  it('refuses what claims to expand beyond measure, and entries that share their bytes', async () => {
    const says = { bytes: 2 ** 32 - 2 };
    const bomb = [1, 2].map((index) => ({ name: `bomb${index}`, data: 'x', method: 8, says }));
    expect(await failure(makeZip(bomb))).toMatch(
      /^`log.eval`: expected entries that expand to at most 1000 times the file's \d+ bytes/,
    );
    const bytes = 'x'.repeat(5000);
    const first = makeZip([{ name: 'a', data: bytes }]);
    const shared = makeZip([
      { name: 'a', data: bytes },
      { name: 'b', data: bytes, says: { offset: 0 } },
    ]);
    const start = first.subarray(0, 5031);
    const tail = Buffer.from(shared.subarray(shared.indexOf('PK\x01\x02')));
    tail.writeUInt32LE(start.length, tail.length - 6);
    expect(await failure(Buffer.concat([start, tail]))).toBe(
      '`log.eval`: expected entries side by side, they overlap',
    );
  });

  it('meets any damage with a message', async () => {
    const whole = makeZip([
      { name: 'a', data: 'hello hello hello', method: 8 },
      { name: 'b', data: 'stored' },
    ]);
    const damage = fc.record({
      at: fc.nat(whole.length - 1),
      bytes: fc.uint8Array({ minLength: 1, maxLength: 8 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ at, bytes }) => {
        const broken = Buffer.concat([
          whole.subarray(0, at),
          bytes,
          whole.subarray(at + bytes.length),
        ]);
        const found = await failure(broken);
        expect(found === 'no error' || found.startsWith('`log.eval`')).toBe(true);
      }),
    );
  });
});
