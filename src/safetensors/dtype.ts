/** Bits per element of every type the format defines (safetensors 0.6, `Dtype::bitsize`). */
const BITS = {
  F64: 64,
  I64: 64,
  U64: 64,
  C64: 64,
  F32: 32,
  I32: 32,
  U32: 32,
  F16: 16,
  BF16: 16,
  I16: 16,
  U16: 16,
  I8: 8,
  U8: 8,
  BOOL: 8,
  F8_E4M3: 8,
  F8_E5M2: 8,
  F8_E8M0: 8,
  F6_E2M3: 6,
  F6_E3M2: 6,
  F4: 4,
} as const;

export type SafetensorsDtype = keyof typeof BITS;

export const DTYPES: readonly string[] = Object.keys(BITS);

export function isDtype(value: unknown): value is SafetensorsDtype {
  return typeof value === 'string' && Object.hasOwn(BITS, value);
}

export function bitsPerElement(dtype: SafetensorsDtype): number {
  return BITS[dtype];
}

/** Elements of a shape (1 for a scalar), or null where the product is no safe integer. */
function elementCount(shape: readonly number[]): number | null {
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const size of shape) {
    count *= size;
    if (!Number.isSafeInteger(count)) return null;
  }
  return count;
}

/** Bytes of a tensor, or null where dtype × shape is no whole, safe number of bytes. */
export function tensorBytes(dtype: SafetensorsDtype, shape: readonly number[]): number | null {
  const count = elementCount(shape);
  if (count === null) return null;
  const bytes = (count * BITS[dtype]) / 8;
  return Number.isSafeInteger(count * BITS[dtype]) && Number.isSafeInteger(bytes) ? bytes : null;
}
