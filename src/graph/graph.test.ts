import { mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  createSession,
  type Dtype,
  float32,
  float64,
  GraphBuilder,
  int64,
  scalar,
} from './index.ts';

let folder = '';
beforeAll(async () => {
  folder = await realpath(await mkdtemp(path.join(tmpdir(), 'sonde-graph-')));
});
afterAll(() => rm(folder, { recursive: true }));

describe('GraphBuilder', () => {
  test.each(['float32', 'float64'] as const)('weighted Gram matrix Xᵀ W X in %s', async (dtype) => {
    const graph = new GraphBuilder('gram');
    const x = graph.input('x', dtype, ['rows', 'columns']);
    const w = graph.input('w', dtype, ['rows', 1]);
    const product = graph.op('Gemm', [x, graph.op('Mul', [x, w])], { transA: 1 });
    graph.output('gram', product, ['columns', 'columns']);
    await using session = await createSession(graph.build(), { threads: 1 });
    const tensor = (values: number[], shape: number[]) =>
      dtype === 'float32'
        ? float32(Float32Array.from(values), shape)
        : float64(Float64Array.from(values), shape);
    const { gram } = await session.run(
      { x: tensor([1, 2, 3, 4, 5, 6], [3, 2]), w: tensor([1, 10, 100], [3, 1]) },
      ['gram'],
    );
    expect({ ...gram, data: [...gram!.data] }).toEqual({
      dtype,
      shape: [2, 2],
      data: [2591, 3122, 3122, 3764],
    });
  });

  test('reads weights in place at an unaligned offset, bf16 cast in the graph', async () => {
    const file = path.join(folder, 'weights.bin');
    const bytes = new Uint8Array(7 + 8);
    new Uint16Array([0x3f80, 0x4000, 0xbf80, 0x4080]).forEach((bits, i) => {
      new DataView(bytes.buffer).setUint16(7 + 2 * i, bits, true);
    });
    await writeFile(file, bytes);
    const graph = new GraphBuilder('external');
    const x = graph.input('x', 'float32', ['rows', 2]);
    const weight = { name: 'w', dtype: 'BF16', shape: [2, 2], file, offset: 7, byteLength: 8 };
    expect(graph.external(weight)).toEqual(graph.external(weight));
    const y = graph.linear(x, graph.cast(graph.external(weight), 'float32'));
    graph.output('y', y, ['rows', 2]);
    await using session = await createSession(graph.build(), { threads: 1 });
    const { y: result } = await session.run({ x: float32(Float32Array.of(1, 10), [1, 2]) }, ['y']);
    expect([...result!.data]).toEqual([21, 39]);
  });

  test('takes tensors that it is given, and then those of files too', async () => {
    const graph = new GraphBuilder('given');
    const x = graph.input('x', 'float32', ['rows', 2]);
    const file = path.join(folder, 'not there');
    const b = { name: 'b', dtype: 'F32', shape: [2], file, offset: 4, byteLength: 8 };
    const product = graph.op('MatMul', [x, graph.given('w', 'float32', [2, 2])]);
    graph.output('y', graph.op('Add', [product, graph.external(b)]), ['rows', 2]);
    expect(graph.externals()).toEqual([b]);
    const given = new Map([
      ['w', Float32Array.of(1, 2, 3, 4)],
      ['b', new Float32Array(new ArrayBuffer(16), 4, 2).fill(100)],
    ]);
    await using session = await createSession(graph.build(), { threads: 1, given });
    for (const values of given.values()) values.fill(Number.NaN);
    const { y } = await session.run({ x: float32(Float32Array.of(1, 10), [1, 2]) }, ['y']);
    expect([...y!.data]).toEqual([131, 142]);
  });

  test('a link is named by where it leads', async () => {
    const target = path.join(folder, 'blob');
    const link = path.join(folder, 'link');
    await writeFile(target, new Uint8Array(new Float32Array([5]).buffer));
    await symlink(target, link);
    const graph = new GraphBuilder('link');
    const file = await realpath(link);
    const w = graph.external({
      name: 'w',
      dtype: 'F32',
      shape: [1],
      file,
      offset: 0,
      byteLength: 4,
    });
    graph.output('w2', graph.op('Add', [w, graph.number(1)]), [1]);
    await using session = await createSession(graph.build());
    const { w2 } = await session.run({}, ['w2']);
    expect([...w2!.data]).toEqual([6]);
  });

  test('several outputs, integer attributes and shared constants', async () => {
    const graph = new GraphBuilder('top');
    const x = graph.input('x', 'float32', ['n']);
    const [values, indices] = graph.ops('TopK', [x, graph.ints(2)], { outputs: 2 });
    graph.output('values', values!, [2]);
    graph.output('indices', indices!, [2]);
    expect(graph.ints(2)).toEqual(graph.ints(2));
    await using session = await createSession(graph.build());
    const result = await session.run({ x: float32(Float32Array.of(3, 9, 5)) }, [
      'values',
      'indices',
    ]);
    expect([...result['values']!.data, ...result['indices']!.data]).toEqual([9, 5, 1n, 2n]);
  });

  test('refuses what it cannot express', () => {
    const graph = new GraphBuilder('bad');
    expect(() => graph.constant(float32(Float32Array.of(1, 2), [3]), 'c')).toThrow(
      'GraphBuilder: expected 3 elements in `c` of shape [3], got 2',
    );
    graph.constant(int64([1]), 'c');
    expect(() => graph.constant(scalar(1), 'c')).toThrow('two initialisers named `c`');
    const strange = {
      name: 'w',
      dtype: 'F8_E4M3',
      shape: [1],
      file: '/x',
      offset: 0,
      byteLength: 1,
    };
    expect(() => graph.external(strange)).toThrow('no graph type for F8_E4M3 of tensor `w`');
    const x = graph.input('x', 'float32', [1]);
    expect(() => graph.op('Add', [x, x], { axis: 1 })).toThrow(
      '`Add` has no attribute `axis` of that type',
    );
  });
});

describe('Session', () => {
  test('does not run after it was released, and bf16 stays inside', async () => {
    const graph = new GraphBuilder('identity');
    graph.output('y', graph.input('x', 'float32', [1]), [1]);
    const session = await createSession(graph.build());
    const x = { dtype: 'bfloat16' as Dtype, shape: [1], data: Uint16Array.of(1) };
    await expect(session.run({ x }, ['y'])).rejects.toThrow('bfloat16 cannot enter or leave');
    await session[Symbol.asyncDispose]();
    await session[Symbol.asyncDispose]();
    await expect(session.run({}, ['y'])).rejects.toThrow('run after it was released');
  });
});
