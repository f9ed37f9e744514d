import { constants } from 'node:buffer';
import { open } from 'node:fs/promises';
import { toFloat32 } from './convert.ts';
import { readFully, unreadable } from './header-file.ts';
import type { TensorInfo } from './header.ts';
import { refuse, TruncatedFileError } from './refusal.ts';

/**
 * The bytes of a tensor, little-endian and row-major, in a buffer of their own (so any typed array can view it).
 *
 * @throws TruncatedFileError where the file has become shorter since its header was read.
 */
export function readTensor(info: TensorInfo): Promise<Uint8Array<ArrayBuffer>> {
  return readRange(info, info.offset, info.byteLength);
}

/**
 * The bytes of `rows` rows (slices along the first axis) from `firstRow` on, in a buffer of their own.
 *
 * @throws RangeError where the rows are not inside the tensor, or a row is no whole number of bytes.
 */
export async function readRows(
  info: TensorInfo,
  firstRow: number,
  rows: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const count = info.shape[0];
  const inside =
    Number.isSafeInteger(firstRow) && Number.isSafeInteger(rows) && firstRow >= 0 && rows >= 0;
  if (count === undefined || !inside || firstRow + rows > count) {
    throw new RangeError(
      `\`readRows\`: expected rows inside 0…${count ?? 'a scalar'}, got ${rows} from ${firstRow} on (tensor ${info.name})`,
    );
  }
  const rowBytes = count === 0 ? 0 : info.byteLength / count;
  if (!Number.isInteger(rowBytes)) {
    throw new RangeError(
      `\`readRows\`: a row of ${info.name} is no whole number of bytes (${info.dtype})`,
    );
  }
  return readRange(info, info.offset + firstRow * rowBytes, rows * rowBytes);
}

/**
 * The values of an F32, F16, BF16 or F64 tensor as 32-bit floats (F64 is rounded).
 *
 * @throws UserError for any other type.
 */
export async function readFloat32(info: TensorInfo): Promise<Float32Array<ArrayBuffer>> {
  const floats = toFloat32(await readTensor(info), info.dtype);
  if (floats !== null) return floats;
  const expected = 'F32, F16, BF16 or F64';
  throw refuse({ file: info.file, tensor: info.name, expected, found: info.dtype });
}

async function readRange(
  info: TensorInfo,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const { file, name: tensor } = info;
  if (length > constants.MAX_LENGTH) {
    const expected = `at most ${constants.MAX_LENGTH} bytes in one read`;
    throw refuse({
      file,
      tensor,
      expected,
      found: `${length}`,
      advice: 'read it in ranges of rows',
    });
  }
  const handle = await open(file, 'r').catch((error: unknown) =>
    Promise.reject(unreadable(file, error)),
  );
  try {
    const { size } = await handle.stat();
    const end = info.offset + info.byteLength;
    if (size < end) throw new TruncatedFileError(file, end, size);
    return await readFully(handle, file, offset, length);
  } finally {
    await handle.close();
  }
}
