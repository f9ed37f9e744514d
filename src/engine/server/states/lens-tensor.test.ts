import fc from 'fast-check';
import { expect, test } from 'vitest';
import { zstdFrame } from '../../testing/zstd-frame.ts';
import { ServerFault } from '../server-fault.ts';
import { decodeLensTensor, type LensTensor } from './lens-tensor.ts';

/** (i − 20) / 8 for i from 0 to 47, as `serialize_tensor` of vllm-lens 1.2.1 writes it. */
const written: readonly LensTensor[] = [
  {
    data: 'KLUv/SBgjQIAAkYTGsAlHbv+/pv64OPjFzweg8GEFNJgMCieD4YULZTQQVtBAwW0SnSo6bhQYcIT4UGDiAXL4s4POtvSEkr3XK4LIxs+jPhOrHj5bj6ceAUA',
    ...{ dtype: 'int16', original_dtype: 'torch.bfloat16' },
    ...{ shape: [2, 3, 8], compression: 'zstd' },
  },
  {
    data: 'KLUv/SBgfQIAAsYSG6C30AFCTWT2v6OqWlRVNeNe6SYy+9+BqvpJAdViraYSafQ6bnvhskLlhMkIkQsTHiw4MODjN3wYcWLFixkzM2xu6Ozw+WHvyrZxAA==',
    ...{ dtype: 'float16', original_dtype: 'torch.float16' },
    ...{ shape: [2, 3, 8], compression: 'zstd' },
  },
  {
    data: 'KLUv/SDAVQMAoosYHbAlaQ3MAANyqb6Lli2OHQMjkeikSywyVg0HA08BVXARXANXXQJXwAVwmau4iGu4ToWJMA2mm5QpmZDpTMdUk5lu3MbZuHw5L7fdzFbbsZ0N2ZJN2W4bbISt8P2Gj/iKzxwBANEAog==',
    ...{ dtype: 'float32', original_dtype: 'torch.float32' },
    ...{ shape: [2, 3, 8], compression: 'zstd' },
  },
];
const [bfloat16 = written[0]!, , float32 = written[2]!] = written;

const raw = ({ data }: LensTensor): Uint8Array => Buffer.from(data ?? '', 'base64');

test.each(written)('what vllm-lens writes of $original_dtype is read', async (tensor) => {
  await using states = await decodeLensTensor(tensor, raw(tensor));
  const { tokens, layers, hidden, from } = states;
  expect({ tokens, layers, hidden, from }).toEqual({ tokens: 3, layers: 2, hidden: 8, from: 0 });
  const values = (layer: number, token: number): number[] =>
    Array.from({ length: 8 }, (_, i) => ((layer * 3 + token) * 8 + i - 20) / 8);
  expect([...(await states.read(1, 2))]).toEqual([
    ...[...values(0, 1), ...values(1, 1)],
    ...[...values(0, 2), ...values(1, 2)],
  ]);
});

test('numbers that are not compressed are read', async () => {
  const bytes = new Uint8Array(Float32Array.of(1, 2, 3).buffer);
  const plain = { dtype: 'float32', shape: [1, 3, 1], original_dtype: null };
  await using states = await decodeLensTensor(plain, bytes);
  expect([...(await states.read(0, 3))]).toEqual([1, 2, 3]);
});

test.each<[Partial<LensTensor>, string]>([
  [{ shape: [2, 24] }, 'a tensor of shape [2, 24], expected (layers, tokens, hidden)'],
  [
    { shape: [2, 1e6, 4096] },
    'a tensor of shape [2, 1000000, 4096], more than 1073741824 bytes; ask for fewer --layers',
  ],
  [
    { dtype: 'int16', original_dtype: 'torch.int16' },
    'numbers of type int16 (torch.int16 original type)',
  ],
  [{ compression: 'lz4' }, 'compression lz4'],
  [{ compression: null }, '115 bytes for a tensor of 192'],
])('%j is refused', async (change, what) => {
  const tensor = { ...float32, ...change };
  await expect(decodeLensTensor(tensor, raw(tensor))).rejects.toEqual(
    new ServerFault(`sent hidden states that cannot be read: ${what}`, { kind: 'lasting' }),
  );
});

test('damaged data are refused, or read as so many numbers', async () => {
  const good = raw(bfloat16);
  const damaged = fc.oneof(
    fc.uint8Array({ maxLength: 200 }),
    fc.tuple(fc.nat(good.length - 1), fc.nat(255)).map(([at, byte]) => {
      const bytes = Uint8Array.from(good);
      bytes[at] = byte;
      return bytes;
    }),
    fc.nat(good.length).map((length) => good.subarray(0, length)),
    // More than it may hold.
    fc.constant(zstdFrame(new Uint8Array(100_000))),
  );
  await fc.assert(
    fc.asyncProperty(damaged, async (bytes) => {
      const states = await decodeLensTensor(bfloat16, bytes).catch((error: unknown) => {
        expect(error).toBeInstanceOf(ServerFault);
        return null;
      });
      if (states !== null) expect(await states.read(0, 3)).toHaveLength(48);
    }),
  );
});

test('long data in many blocks are read', async () => {
  const values = Float32Array.from({ length: 100_000 }, (_, i) => i);
  const about = { dtype: 'float32', shape: [1, 100, 1000], compression: 'zstd' };
  await using states = await decodeLensTensor(about, zstdFrame(new Uint8Array(values.buffer)));
  expect(await states.read(0, 100)).toEqual(values);
});
