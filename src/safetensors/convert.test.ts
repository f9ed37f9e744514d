import fc from 'fast-check';
import { expect, test } from 'vitest';
import { float16ToFloat32, float32ToBfloat16, float32ToFloat16, toFloat32 } from './index.ts';

const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits);
const bytesOf = (bits: Uint16Array) =>
  new Uint8Array(bits.buffer, bits.byteOffset, bits.byteLength);
const bfloat16 = (bits: Uint16Array) => toFloat32(bytesOf(bits), 'BF16')!;

/** Nearest of the two neighbours of `value` among sorted `grid`, ties to the even one. */
function nearest(value: number, grid: readonly { value: number; bits: number }[]): number {
  let low = 0;
  let high = grid.length - 1;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (grid[middle]!.value <= value) low = middle;
    else high = middle;
  }
  const [a, b] = [grid[low]!, grid[high]!];
  const [toA, toB] = [value - a.value, b.value - value];
  if (toA !== toB) return toA < toB ? a.bits : b.bits;
  return a.bits % 2 === 0 ? a.bits : b.bits;
}

test('every 16-bit value survives the way through 32 bits', () => {
  const halves = float16ToFloat32(all);
  const brains = bfloat16(all);
  expect(halves[0x3c00]).toBe(1);
  expect(halves[0x0001]).toBe(2 ** -24);
  expect(halves[0x7bff]).toBe(65_504);
  expect(brains[0x3f80]).toBe(1);
  for (const [values, narrow] of [
    [halves, float32ToFloat16],
    [brains, float32ToBfloat16],
  ] as const) {
    const back = narrow(values);
    const differing = all.filter((bits) => !Number.isNaN(values[bits]!) && back[bits] !== bits);
    expect(differing).toEqual(new Uint16Array(0));
    const nan = narrow(new Float32Array([Number.NaN]));
    expect(narrow === float32ToFloat16 ? float16ToFloat32(nan)[0] : bfloat16(nan)[0]).toBeNaN();
  }
});

test.each([
  ['f16', float32ToFloat16, float16ToFloat32, 65_519],
  ['bf16', float32ToBfloat16, bfloat16, 3.38e38],
] as const)('%s rounds to nearest, ties to even', (_, narrow, widen, limit) => {
  const grid = [...widen(all.subarray(0, 0x8000))]
    .map((value, bits) => ({ value, bits }))
    .filter(({ value }) => Number.isFinite(value));
  const last = grid.at(-1)!;
  const step = last.value - grid.at(-2)!.value;
  grid.push({ value: last.value + step, bits: last.bits + 1 });
  const positive = fc.float({ min: 0, max: Math.fround(limit), noNaN: true });
  const midway = fc
    .nat(grid.length - 3)
    .map((i) => Math.fround((grid[i]!.value + grid[i + 1]!.value) / 2));
  fc.assert(
    fc.property(fc.oneof(positive, midway), (value) => {
      expect(narrow(new Float32Array([value, -value]))).toEqual(
        Uint16Array.of(nearest(value, grid), nearest(value, grid) | 0x8000),
      );
    }),
    { numRuns: 2000 },
  );
});

test('a value that would become infinite is reported; infinities stay', () => {
  expect(() => float32ToFloat16(new Float32Array([1, -70_000]))).toThrow(
    '`f16`: expected values within ±65504, got -70000 at index 1; take `f32` or `bf16`',
  );
  expect(float32ToFloat16(new Float32Array([65_519.99]))).toEqual(Uint16Array.of(0x7bff));
  expect(() => float32ToFloat16(new Float32Array([65_520]))).toThrow('got 65520 at index 0');
  expect(() => float32ToBfloat16(new Float32Array([3.4e38]))).toThrow(
    '`bf16`: expected values within',
  );
  const infinities = new Float32Array([Infinity, -Infinity]);
  expect(float32ToFloat16(infinities)).toEqual(Uint16Array.of(0x7c00, 0xfc00));
  expect(float32ToBfloat16(infinities)).toEqual(Uint16Array.of(0x7f80, 0xff80));
});

test('views at odd offsets, doubles, and types that are no floats', () => {
  const bytes = new Uint8Array(9);
  new DataView(bytes.buffer).setFloat64(1, 1 / 3, true);
  expect(toFloat32(bytes.subarray(1), 'F64')).toEqual(new Float32Array([1 / 3]));
  new DataView(bytes.buffer).setFloat32(1, 0.1, true);
  expect(toFloat32(bytes.subarray(1, 5), 'F32')).toEqual(new Float32Array([0.1]));
  expect(toFloat32(bytes, 'I8')).toBe(null);
});
