import { constants } from 'node:buffer';
import { type FileHandle, open } from 'node:fs/promises';
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
  const rowBytes = rowBytesOf(info, 'readRows');
  return readRange(info, info.offset + firstRow * rowBytes, rows * rowBytes);
}

/**
 * The bytes `offset`…`offset + length` of every row (slice along the first axis), one after the other, in a buffer of
 * their own. Where rows are much longer than that, only those bytes are read.
 *
 * @throws RangeError where the bytes are not inside a row, or a row is no whole number of bytes.
 */
export async function readColumns(
  info: TensorInfo,
  { offset, length }: { offset: number; length: number },
): Promise<Uint8Array<ArrayBuffer>> {
  const count = info.shape[0];
  const inside =
    Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  const rowBytes = count === undefined ? 0 : rowBytesOf(info, 'readColumns');
  if (count === undefined || !inside || (count > 0 && offset + length > rowBytes)) {
    throw new RangeError(
      `\`readColumns\`: expected bytes inside 0…${count === undefined ? 'a scalar' : rowBytes}, got ${length} from ${offset} on (tensor ${info.name})`,
    );
  }
  if (count === 0 || length === 0) return new Uint8Array(0);
  refuseTooLong(info, count * length);
  // A read of its own for a row is worth it where it leaves most of the row on the disk.
  const rowsAtOnce =
    length * manyColumns < rowBytes ? 1 : Math.max(1, Math.floor(wholeRowsBytes / rowBytes));
  return withTensorFile(info, async (handle) => {
    const picked = new Uint8Array(count * length);
    const readChunk = async (first: number): Promise<void> => {
      const rows = Math.max(0, Math.min(rowsAtOnce, count - first));
      if (rows === 0) return;
      const from = info.offset + first * rowBytes + offset;
      const chunk = await readFully(handle, info.file, from, (rows - 1) * rowBytes + length);
      for (let row = 0; row < rows; row += 1) {
        const start = row * rowBytes;
        picked.set(chunk.subarray(start, start + length), (first + row) * length);
      }
    };
    for (let first = 0; first < count; first += rowsAtOnce * readsAtOnce) {
      const chunks = Array.from({ length: readsAtOnce }, (_, index) => first + index * rowsAtOnce);
      await Promise.all(chunks.map(readChunk));
    }
    return picked;
  });
}

/** Rows of more than this many times the wanted bytes are not read whole. */
const manyColumns = 4;
/** Bytes of whole rows in one read. */
const wholeRowsBytes = 4 * 1024 * 1024;
/** Reads in flight: a shared file system answers each after a while. */
const readsAtOnce = 16;

function rowBytesOf({ shape, byteLength, name, dtype }: TensorInfo, reader: string): number {
  const count = shape[0] ?? 0;
  const rowBytes = count === 0 ? 0 : byteLength / count;
  if (Number.isInteger(rowBytes)) return rowBytes;
  throw new RangeError(`\`${reader}\`: a row of ${name} is no whole number of bytes (${dtype})`);
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
  refuseTooLong(info, length);
  return withTensorFile(info, (handle) => readFully(handle, info.file, offset, length));
}

function refuseTooLong({ file, name: tensor }: TensorInfo, length: number): void {
  if (length <= constants.MAX_LENGTH) return;
  const expected = `at most ${constants.MAX_LENGTH} bytes in one read`;
  const advice = 'read it in ranges of rows';
  throw refuse({ file, tensor, expected, found: `${length}`, advice });
}

/** Works on the tensor's open file, which still has the length that its header announced. */
async function withTensorFile<Result>(
  { file, offset, byteLength }: TensorInfo,
  work: (handle: FileHandle) => Promise<Result>,
): Promise<Result> {
  const handle = await open(file, 'r').catch((error: unknown) =>
    Promise.reject(unreadable(file, error)),
  );
  try {
    const { size } = await handle.stat();
    const end = offset + byteLength;
    if (size < end) throw new TruncatedFileError(file, end, size);
    return await work(handle);
  } finally {
    await handle.close();
  }
}
