import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  readFloat32,
  readRows,
  readSafetensorsHeader,
  readTensor,
  writeSafetensors,
} from './index.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-safetensors-'));
});
afterAll(() => rm(folder, { recursive: true }));

test('what is written is read: tensors, rows, metadata, streams', async () => {
  const path = join(folder, 'round.safetensors');
  async function* chunks() {
    yield await Promise.resolve(new Uint8Array([1, 2]));
    yield new Uint8Array([3, 4, 5, 6]);
  }
  await writeSafetensors(
    path,
    [
      { name: 'bytes', dtype: 'U8', shape: [3, 2], data: chunks() },
      { name: 'scalar', dtype: 'F32', shape: [], data: new Float32Array([2.5]) },
      { name: 'empty', dtype: 'F32', shape: [0, 4], data: new Float32Array(0) },
      { name: '__proto__', dtype: 'BF16', shape: [2], data: new Uint16Array([0x3f80, 0xc000]) },
    ],
    { b: '2', a: 'ä' },
  );
  const header = await readSafetensorsHeader(path);
  expect(header.metadata).toEqual({ a: 'ä', b: '2' });
  expect([...header.tensors.keys()].sort()).toEqual(['__proto__', 'bytes', 'empty', 'scalar']);
  expect(await readTensor(header.tensors.get('bytes')!)).toEqual(
    new Uint8Array([1, 2, 3, 4, 5, 6]),
  );
  expect(await readRows(header.tensors.get('bytes')!, 1, 2)).toEqual(new Uint8Array([3, 4, 5, 6]));
  expect(await readFloat32(header.tensors.get('scalar')!)).toEqual(new Float32Array([2.5]));
  expect(await readFloat32(header.tensors.get('__proto__')!)).toEqual(new Float32Array([1, -2]));
  expect(await readFloat32(header.tensors.get('empty')!)).toEqual(new Float32Array(0));
});
