import { mkdir, mkdtemp, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import {
  readSafetensorsHeader,
  readTensor,
  TruncatedFileError,
  writeSafetensors,
} from './index.ts';

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-hostile-'));
  path = join(folder, 'x.safetensors');
});
afterAll(() => rm(folder, { recursive: true }));

function fileBytes(header: string | Uint8Array, data = 0, announced?: bigint): Uint8Array {
  const text = typeof header === 'string' ? new TextEncoder().encode(header) : header;
  const bytes = new Uint8Array(8 + text.length + data);
  new DataView(bytes.buffer).setBigUint64(0, announced ?? BigInt(text.length), true);
  bytes.set(text, 8);
  return bytes;
}

const entry = (dtype: unknown, shape: unknown, offsets: unknown): object => ({
  dtype,
  shape,
  data_offsets: offsets,
});

async function refusal(bytes: Uint8Array): Promise<string> {
  await writeFile(path, bytes);
  const error: unknown = await readSafetensorsHeader(path).then(
    () => 'accepted',
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(UserError);
  return (error as UserError).message.replaceAll(folder, '');
}

describe('refusals name file, tensor, expected and found', () => {
  const at = '(in /x.safetensors)';
  test.each([
    [
      { a: entry('F33', [1], [0, 4]) },
      4,
      '`x.safetensors`: tensor "a": expected `dtype` to be one of F64, I64, U64, C64, F32, I32, U32, F16, BF16, I16, U16, I8, U8, BOOL, F8_E4M3, F8_E5M2, F8_E8M0, F6_E2M3, F6_E3M2, F4, found "F33" ',
    ],
    [
      { a: entry('F32', [2], [0, 4]) },
      4,
      'tensor "a": expected 8 bytes (F32 × [2]), found 4 (`data_offsets` [0, 4]) ',
    ],
    [
      { a: entry('F32', [-1], [0, 4]) },
      4,
      '`shape` to be at most 64 whole numbers from 0 to 2^53 - 1, found [-1] ',
    ],
    [{ a: entry('F32', [1.5], [0, 6]) }, 6, 'found [1.5] '],
    [{ a: entry('F32', [2 ** 53], [0, 4]) }, 4, 'found [9007199254740992] '],
    [
      { a: entry('F32', [2 ** 40, 2 ** 40], [0, 4]) },
      4,
      'F32 × [1099511627776, 1099511627776] to be a whole number of bytes, found 4 ',
    ],
    [{ a: entry('F4', [1], [0, 1]) }, 1, 'F4 × [1] to be a whole number of bytes'],
    [{ a: entry('U8', Array(65).fill(1), [0, 1]) }, 1, 'found a list of 65 '],
    [
      { a: entry('U8', [4], [4, 0]) },
      4,
      '`data_offsets` to be [begin, end], whole numbers with 0 ≤ begin ≤ end, found [4, 0] ',
    ],
    [{ a: entry('U8', [4], [-4, 0]) }, 4, 'found [-4, 0] '],
    [{ a: entry('U8', [4], [0, 4, 8]) }, 4, 'found [0, 4, 8] '],
    [{ a: entry('U8', [4], null) }, 4, 'found null '],
    [{ a: entry('U8', 'x', [0, 4]) }, 4, 'found "x" '],
    [
      { a: [] },
      4,
      'tensor "a": expected an object with `dtype`, `shape` and `data_offsets`, found [] ',
    ],
    [
      { a: entry('U8', [2], [0, 2]), b: entry('U8', [3], [1, 4]) },
      4,
      'tensor "b": expected the data to begin at 2, where the tensor before it ends, found 1: an overlap with the tensor before it ',
    ],
    [
      { a: entry('U8', [2], [0, 2]), b: entry('U8', [1], [3, 4]) },
      4,
      'tensor "b": expected the data to begin at 2, where the tensor before it ends, found 3: a hole in front of it ',
    ],
    [{ a: entry('U8', [2], [0, 2]) }, 4, 'expected 63 bytes, as its header announces, found 65 '],
    [{}, 4, 'expected 10 bytes, as its header announces, found 14 '],
    [
      { a: entry('U8', [1e15], [0, 1e15]) },
      4,
      'expected at least 1000000000000091 bytes, as its header announces, found 95; the file is still being written or was cut',
    ],
    [{ __metadata__: 1 }, 0, 'expected `__metadata__` to be an object of strings, found 1 '],
    [
      { __metadata__: { a: 1 } },
      0,
      'expected `__metadata__` to hold strings only, found 1 under "a" ',
    ],
    [
      { '\u001b[31m\u009b': entry('X', [], []) },
      0,
      'tensor "\\u001b[31m\\u009b": expected `dtype`',
    ],
  ])('%j', async (header, data, message) => {
    const text = JSON.stringify(header);
    const found = await refusal(fileBytes(text, data));
    expect(found).toContain(message);
    expect(found).toContain(at);
  });

  test.each([
    [
      '{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"\\u0061":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}',
      'expected every key of the header once, found "a" twice',
    ],
    ['{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}', 'found "dtype" twice'],
    ['{"__metadata__":{"k":"1","k":"2"}}', 'found "k" twice'],
    ['[]', 'expected a header that starts with `{`, found "[]"'],
    [' {}', 'expected a header that starts with `{`, found " {}"'],
    ['{"a":', 'expected a header in JSON'],
    ['{}{}', 'expected a header in JSON'],
    [`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`, 'found a list of 1'],
    [
      `{"a":{"dtype":"U8","shape":[${'['.repeat(50_000)}${']'.repeat(50_000)}],"data_offsets":[0,1]}}`,
      'found a list of 1',
    ],
    [`{"${'x'.repeat(5000)}":1}`, `tensor "${'x'.repeat(150)}`],
  ])('header %#', async (header, message) => {
    const found = await refusal(fileBytes(header, 1));
    expect(found).toContain(message);
    expect(found.length).toBeLessThan(700);
  });

  test.each([
    [new Uint8Array(0), 'expected at least 8 bytes, as its header announces, found 0'],
    [new Uint8Array(7), 'found 7'],
    [
      fileBytes('{}', 0, 0n),
      'expected a header of 2 to 100000000 bytes, found a length of 0; this is no safetensors file',
    ],
    [fileBytes('{}', 0, 2n ** 64n - 1n), 'found a length of 18446744073709551615'],
    [fileBytes('{}', 0, 100_000_001n), 'found a length of 100000001'],
    [fileBytes('{}', 0, 3n), 'expected at least 11 bytes, as its header announces, found 10'],
    [fileBytes(new Uint8Array([0x7b, 0xff, 0x7d])), 'expected a header in UTF-8'],
    [fileBytes('\ufeff{}'), 'expected a header that starts with `{`'],
  ])('file %#', async (bytes, message) => {
    expect(await refusal(bytes)).toContain(message);
  });
});

test('a folder, an absent file and a file that became shorter are refused', async () => {
  await mkdir(join(folder, 'dir'));
  await expect(readSafetensorsHeader(join(folder, 'dir'))).rejects.toThrow(
    'expected a regular file',
  );
  await expect(readSafetensorsHeader(join(folder, 'none'))).rejects.toThrow(
    '`safetensors`: cannot read',
  );
  await symlink('none', join(folder, 'dangling'));
  await expect(readSafetensorsHeader(join(folder, 'dangling'))).rejects.toThrow(UserError);
  await writeSafetensors(path, [{ name: 'a', dtype: 'U8', shape: [9], data: new Uint8Array(9) }]);
  const info = (await readSafetensorsHeader(path)).tensors.get('a')!;
  await truncate(path, info.offset + 8);
  await expect(readTensor(info)).rejects.toThrow(TruncatedFileError);
  await expect(readSafetensorsHeader(path)).rejects.toThrow(TruncatedFileError);
});

/** Whatever is accepted lies inside the file and can be read; all else is a UserError. */
async function survives(bytes: Uint8Array): Promise<void> {
  await writeFile(path, bytes);
  try {
    const file = await readSafetensorsHeader(path);
    for (const info of file.tensors.values()) {
      expect(info.offset).toBeGreaterThanOrEqual(8);
      expect(info.offset + info.byteLength).toBeLessThanOrEqual(bytes.length);
      const data = await readTensor(info);
      expect(data).toEqual(bytes.slice(info.offset, info.offset + info.byteLength));
    }
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect((error as UserError).message).toContain(path);
  }
}

async function sample(): Promise<Uint8Array> {
  await writeSafetensors(
    path,
    [
      { name: 'model.a', dtype: 'F32', shape: [2, 3], data: new Float32Array(6).fill(1.5) },
      { name: 'model.b', dtype: 'BF16', shape: [5], data: new Uint16Array(5) },
      { name: 'c', dtype: 'U8', shape: [], data: new Uint8Array([7]) },
    ],
    { format: 'pt' },
  );
  return new Uint8Array(await readFile(path));
}

describe('nothing crashes the reader', () => {
  test('truncated', async () => {
    const whole = await sample();
    for (let length = 0; length < whole.length; length++) {
      await writeFile(path, whole.subarray(0, length));
      await expect(readSafetensorsHeader(path)).rejects.toBeInstanceOf(TruncatedFileError);
    }
  });

  test('mutated bytes and swapped ranges', async () => {
    const whole = await sample();
    const position = fc.nat(whole.length - 1);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(position, fc.nat(255)), { maxLength: 4 }),
        fc.option(fc.tuple(position, position, fc.nat(40))),
        async (edits, swap) => {
          const bytes = whole.slice();
          for (const [at, value] of edits) bytes[at] = value;
          if (swap !== null) {
            const [a, b, length] = swap;
            const first = bytes.slice(a, a + length);
            bytes.copyWithin(a, b, Math.min(b + length, bytes.length));
            bytes.set(first.subarray(0, bytes.length - b), b);
          }
          await survives(bytes);
        },
      ),
      { numRuns: 400 },
    );
  });

  test('headers of odd values', async () => {
    const number = fc.oneof(
      fc.integer({ min: -2, max: 20 }),
      fc.double(),
      fc.constantFrom(2 ** 31, 2 ** 32, 2 ** 53, 2 ** 53 - 1, -0, 1e300),
    );
    const tensor = fc.record(
      {
        dtype: fc.oneof(fc.constantFrom('F32', 'U8', 'BF16', 'F4', 'BOOL'), fc.jsonValue()),
        shape: fc.oneof(fc.array(number, { maxLength: 4 }), fc.jsonValue()),
        data_offsets: fc.oneof(fc.tuple(number, number), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom('__proto__', '__metadata__', 'constructor', '1'),
    );
    const header = fc.dictionary(name, fc.oneof(tensor, fc.jsonValue()), { maxKeys: 5 });
    await fc.assert(
      fc.asyncProperty(header, fc.nat(64), (value, data) =>
        survives(fileBytes(JSON.stringify(value), data)),
      ),
      { numRuns: 400 },
    );
  });

  test('arbitrary bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 64 }), (bytes) => survives(bytes)),
      { numRuns: 200 },
    );
  });
});
