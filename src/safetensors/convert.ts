import { getFloat16, setFloat16 } from '@petamoriken/float16';
import { UserError } from '../error/index.ts';
import type { SafetensorsDtype } from './dtype.ts';

/** Largest finite half-precision value. */
const MAX_FLOAT16 = 65_504;

/** The smallest magnitude that rounds (to nearest, ties to even) to infinity: half a step above the largest value. */
const FLOAT16_OVERFLOW = 65_520;

let float16Table: Float32Array | null = null;

/** All 65,536 half-precision values: a lookup is several times faster than decoding each one. */
function decodedFloat16(): Float32Array {
  if (float16Table !== null) return float16Table;
  const view = new DataView(new ArrayBuffer(2));
  float16Table = Float32Array.from({ length: 65_536 }, (_, bits) => {
    view.setUint16(0, bits);
    return getFloat16(view, 0);
  });
  return float16Table;
}

export function float16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const table = decodedFloat16();
  const floats = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) floats[i] = table[bits[i]!]!;
  return floats;
}

function bfloat16ToFloat32(bits: Uint16Array): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < bits.length; i++) words[i] = bits[i]! << 16;
  return new Float32Array(words.buffer);
}

/**
 * Little-endian bytes of an F32, F16, BF16 or F64 tensor as 32-bit floats; null for any other type. F32 is viewed, not
 * copied, where the bytes start at a multiple of four.
 */
export function toFloat32(
  bytes: Uint8Array,
  dtype: SafetensorsDtype,
): Float32Array<ArrayBuffer> | null {
  if (dtype === 'F16') return float16ToFloat32(words16(bytes));
  if (dtype === 'BF16') return bfloat16ToFloat32(words16(bytes));
  if (dtype === 'F32') {
    const own = aligned(bytes, 4);
    return new Float32Array(own.buffer, own.byteOffset, own.byteLength / 4);
  }
  if (dtype === 'F64') {
    const own = aligned(bytes, 8);
    return Float32Array.from(new Float64Array(own.buffer, own.byteOffset, own.byteLength / 8));
  }
  return null;
}

function words16(bytes: Uint8Array): Uint16Array {
  const own = aligned(bytes, 2);
  return new Uint16Array(own.buffer, own.byteOffset, own.byteLength / 2);
}

function aligned(bytes: Uint8Array, step: number): Uint8Array<ArrayBuffer> {
  if (bytes.byteOffset % step === 0 && bytes.buffer instanceof ArrayBuffer)
    return bytes as Uint8Array<ArrayBuffer>;
  return new Uint8Array(bytes);
}

/**
 * Bits of the nearest bfloat16 values (ties to even). NaN stays NaN, infinities stay.
 *
 * @throws UserError where a finite value is too large.
 */
export function float32ToBfloat16(source: Float32Array): Uint16Array<ArrayBuffer> {
  const words = new Uint32Array(source.buffer, source.byteOffset, source.length);
  const bits = new Uint16Array(source.length);
  for (let i = 0; i < bits.length; i++) {
    const word = words[i]!;
    if ((word & 0x7f80_0000) === 0x7f80_0000) {
      // Rounding could carry a NaN's payload away and leave an infinity: keep its high bits and set the quiet one.
      bits[i] = (word >>> 16) | ((word & 0x007f_ffff) === 0 ? 0 : 0x0040);
      continue;
    }
    const rounded = (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
    if ((rounded & 0x7f80) === 0x7f80) throw overflow('bf16', source[i]!, i, '±3.3895e38');
    bits[i] = rounded;
  }
  return bits;
}

/**
 * Bits of the nearest half-precision values (ties to even). NaN stays NaN, infinities stay.
 *
 * @throws UserError where a finite value is beyond ±65,504: write F32 or BF16 then.
 */
export function float32ToFloat16(source: Float32Array): Uint16Array<ArrayBuffer> {
  const bits = new Uint16Array(source.length);
  const view = new DataView(bits.buffer);
  for (let i = 0; i < bits.length; i++) {
    const value = source[i]!;
    if (Math.abs(value) >= FLOAT16_OVERFLOW && Number.isFinite(value)) {
      throw overflow('f16', value, i, `±${MAX_FLOAT16}`);
    }
    setFloat16(view, i * 2, value, true);
  }
  return bits;
}

function overflow(dtype: string, value: number, index: number, range: string): UserError {
  const advice = dtype === 'f16' ? 'take `f32` or `bf16`' : 'take `f32`';
  return new UserError(
    `\`${dtype}\`: expected values within ${range}, got ${value} at index ${index}; ${advice}`,
  );
}
