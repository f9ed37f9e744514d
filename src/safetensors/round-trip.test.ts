import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  readColumns,
  readRows,
  readSafetensorsHeader,
  readTensor,
  type SafetensorsDtype,
  tensorBytes,
  type TensorSource,
  writeSafetensors,
} from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-round-trip-'));
});
afterAll(() => rm(folder, { recursive: true }));

const DTYPES: SafetensorsDtype[] = [
  'F64',
  'F32',
  'F16',
  'BF16',
  'I64',
  'I32',
  'I16',
  'I8',
  'U8',
  'BOOL',
  'F8_E4M3',
];

const tensorArbitrary: fc.Arbitrary<TensorSource & { data: Uint8Array }> = fc
  .record({
    dtype: fc.constantFrom(...DTYPES),
    shape: fc.array(fc.nat(4), { maxLength: 3 }),
    name: fc.oneof(
      fc.string({ minLength: 1 }),
      fc.constantFrom('__proto__', 'constructor', '1', '"', '\\'),
    ),
    byte: fc.nat(255),
  })
  .map(({ dtype, shape, name, byte }) => ({
    name,
    dtype,
    shape,
    data: Uint8Array.from({ length: tensorBytes(dtype, shape)! }, (_, i) => (byte + 7 * i) % 256),
  }));

const filesArbitrary = fc.record({
  tensors: fc.uniqueArray(
    tensorArbitrary.filter(({ name }) => name !== '__metadata__'),
    { selector: ({ name }) => name, maxLength: 6 },
  ),
  metadata: fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 }),
});

test('what is written is read, streamed or not, and aligned', async () => {
  const path = join(folder, 'a.safetensors');
  const streamed = join(folder, 'b.safetensors');
  await fc.assert(
    fc.asyncProperty(
      filesArbitrary,
      fc.integer({ min: 1, max: 9 }),
      async ({ tensors, metadata }, size) => {
        await writeSafetensors(path, tensors, metadata);
        async function* chunks(data: Uint8Array) {
          for (let i = 0; i < data.length; i += size) {
            yield await Promise.resolve(data.subarray(i, i + size));
          }
        }
        const streams = tensors.map((tensor) => ({ ...tensor, data: chunks(tensor.data) }));
        await writeSafetensors(streamed, streams, metadata);
        expect(await readFile(streamed)).toEqual(await readFile(path));

        const file = await readSafetensorsHeader(path);
        expect({ ...file.metadata }).toEqual({ ...metadata });
        expect(file.tensors.size).toBe(tensors.length);
        for (const { name, dtype, shape, data } of tensors) {
          const info = file.tensors.get(name)!;
          expect({ dtype: info.dtype, shape: info.shape }).toEqual({ dtype, shape });
          expect(await readTensor(info)).toEqual(data);
          expect(info.offset % (tensorBytes(dtype, []) ?? 1)).toBe(0);
          const [rows] = shape;
          if (rows === undefined || rows === 0) continue;
          expect(await readRows(info, 1, rows - 1)).toEqual(data.slice(data.length / rows));
        }
      },
    ),
    { numRuns: 150 },
  );
});

test('the writer refuses names that are taken, shapes and data that do not fit', async () => {
  const path = join(folder, 'refused.safetensors');
  const one = { name: 'a', dtype: 'U8', shape: [1], data: new Uint8Array(1) } as const;
  async function* endless() {
    for (;;) yield await Promise.resolve(new Uint8Array(1));
  }
  const write = (...tensors: TensorSource[]) => writeSafetensors(path, tensors);
  await expect(write(one, one)).rejects.toThrow('`writeSafetensors`: name a is taken');
  await expect(write({ ...one, name: '__metadata__' })).rejects.toThrow(
    'name __metadata__ is taken',
  );
  await expect(write({ ...one, shape: [2] })).rejects.toThrow('expected 2 bytes of a, got 1');
  await expect(write({ ...one, data: endless() })).rejects.toThrow(
    'expected 1 bytes of a, got more',
  );
  await expect(write({ ...one, shape: [-1] })).rejects.toThrow('impossible shape [-1] of a');
});

test('rows outside of the tensor are refused', async () => {
  const path = join(folder, 'rows.safetensors');
  await writeSafetensors(path, [
    { name: 'a', dtype: 'U8', shape: [3, 2], data: new Uint8Array(6) },
    { name: 's', dtype: 'U8', shape: [], data: new Uint8Array(1) },
  ]);
  const { tensors } = await readSafetensorsHeader(path);
  const info = tensors.get('a')!;
  for (const [first, rows] of [
    [-1, 1],
    [0, 4],
    [3, 1],
    [0.5, 1],
    [0, Number.NaN],
  ] as const) {
    await expect(readRows(info, first, rows)).rejects.toThrow(
      '`readRows`: expected rows inside 0…3',
    );
  }
  await expect(readRows(tensors.get('s')!, 0, 1)).rejects.toThrow('inside 0…a scalar');
});

test('columns are those of the whole tensor, whether rows are read whole or not', async () => {
  const path = join(folder, 'columns.safetensors');
  await fc.assert(
    fc.asyncProperty(
      fc.record({ rows: fc.nat(6), columns: fc.nat(40), a: fc.nat(40), b: fc.nat(40) }),
      async ({ rows, columns, a, b }) => {
        const data = Uint16Array.from({ length: rows * columns }, (_, i) => i);
        await writeSafetensors(path, [{ name: 'a', dtype: 'F16', shape: [rows, columns], data }]);
        const info = (await readSafetensorsHeader(path)).tensors.get('a')!;
        const whole = await readTensor(info);
        const from = Math.min(a, b, columns);
        const to = Math.min(Math.max(a, b), columns);
        const expected = Array.from({ length: rows }, (_, row) => [
          ...whole.subarray(2 * (row * columns + from), 2 * (row * columns + to)),
        ]).flat();
        const found = await readColumns(info, { offset: 2 * from, length: 2 * (to - from) });
        expect([...found]).toEqual(expected);
      },
    ),
    { numRuns: 150 },
  );
});

test('columns outside of the rows are refused', async () => {
  const path = join(folder, 'columns.safetensors');
  await writeSafetensors(path, [
    { name: 'a', dtype: 'U8', shape: [3, 2], data: new Uint8Array(6) },
    { name: 's', dtype: 'U8', shape: [], data: new Uint8Array(1) },
  ]);
  const { tensors } = await readSafetensorsHeader(path);
  for (const [offset, length] of [
    [-1, 1],
    [1, 2],
    [0.5, 1],
    [0, Number.NaN],
  ] as const) {
    await expect(readColumns(tensors.get('a')!, { offset, length })).rejects.toThrow(
      '`readColumns`: expected bytes inside 0…2',
    );
  }
  await expect(readColumns(tensors.get('s')!, { offset: 0, length: 1 })).rejects.toThrow(
    'inside 0…a scalar',
  );
});
