import { type FileHandle, open } from 'node:fs/promises';
import { bitsPerElement, type SafetensorsDtype, tensorBytes } from './dtype.ts';

export type TensorSource = {
  name: string;
  dtype: SafetensorsDtype;
  shape: readonly number[];
  /** Little-endian, row-major: a view of exactly dtype × shape bytes, or chunks that add up to them. */
  data: ArrayBufferView | AsyncIterable<Uint8Array>;
};

type TensorShape = Omit<TensorSource, 'data'>;

type Placed<Tensor extends TensorShape> = Tensor & { byteLength: number };

type PlacedTensor = Placed<TensorSource>;

/**
 * Writes a safetensors file at `path` and flushes it to the disk. Not atomic: the caller writes under a temporary name
 * and renames.
 *
 * Tensors are laid out, and their streams consumed one after the other, by falling element size (so that each stays
 * aligned), and in the given order among equals. Metadata keys are sorted: the same content gives the same bytes.
 *
 * @throws Error where a name stands twice or the data are not dtype × shape bytes: a bug of the caller.
 */
export async function writeSafetensors(
  path: string,
  tensors: readonly TensorSource[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const placed = place(tensors);
  const handle = await open(path, 'w');
  try {
    await writeFully(handle, headerBytes(placed, metadata));
    for (const tensor of placed) await writeTensor(handle, tensor);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes a file of the final size with the header of `tensors` and zeros as data (a hole where the file system has them),
 * for writers that fill rows in any order. Flushed to the disk; not atomic.
 */
export async function allocateSafetensors(
  path: string,
  tensors: readonly TensorShape[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<void> {
  const placed = place(tensors);
  const header = headerBytes(placed, metadata);
  const handle = await open(path, 'w');
  try {
    await writeFully(handle, header);
    await handle.truncate(placed.reduce((end, { byteLength }) => end + byteLength, header.length));
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function place<Tensor extends TensorShape>(tensors: readonly Tensor[]): Placed<Tensor>[] {
  const names = new Set<string>();
  const placed = tensors.map((tensor) => {
    const { name, dtype, shape } = tensor;
    if (names.has(name) || name === '__metadata__')
      throw new Error(`\`writeSafetensors\`: name ${name} is taken`);
    names.add(name);
    const byteLength = tensorBytes(dtype, shape);
    if (byteLength === null || shape.some((size) => !Number.isSafeInteger(size) || size < 0)) {
      throw new Error(`\`writeSafetensors\`: impossible shape [${shape.join(', ')}] of ${name}`);
    }
    return { ...tensor, byteLength };
  });
  return placed.sort((a, b) => bitsPerElement(b.dtype) - bitsPerElement(a.dtype));
}

function headerBytes(
  placed: readonly Placed<TensorShape>[],
  metadata: Readonly<Record<string, string>>,
): Uint8Array {
  const entries: [string, unknown][] = [];
  const metadataEntries = Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1));
  if (metadataEntries.length > 0)
    entries.push(['__metadata__', Object.fromEntries(metadataEntries)]);
  let begin = 0;
  for (const { name, dtype, shape, byteLength } of placed) {
    entries.push([name, { dtype, shape, data_offsets: [begin, begin + byteLength] }]);
    begin += byteLength;
  }
  // Built from pairs: an object would move names such as "1" to the front, and swallow `__proto__`.
  const json = `{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join(',')}}`;
  const text = new TextEncoder().encode(json);
  const length = Math.ceil(text.length / 8) * 8;
  const bytes = new Uint8Array(8 + length).fill(0x20);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
  bytes.set(text, 8);
  return bytes;
}

async function writeTensor(
  handle: FileHandle,
  { name, data, byteLength }: PlacedTensor,
): Promise<void> {
  let written = 0;
  for await (const chunk of ArrayBuffer.isView(data) ? [bytesOf(data)] : data) {
    written += chunk.byteLength;
    if (written > byteLength) break;
    await writeFully(handle, chunk);
  }
  if (written !== byteLength) {
    const found = written > byteLength ? 'more' : `${written}`;
    throw new Error(`\`writeSafetensors\`: expected ${byteLength} bytes of ${name}, got ${found}`);
  }
}

function bytesOf(view: ArrayBufferView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** Bytes per write call: the system call takes less than 2 GiB. */
const MAX_WRITE = 256 * 1024 * 1024;

async function writeFully(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const length = Math.min(bytes.length - done, MAX_WRITE);
    const { bytesWritten } = await handle.write(bytes, done, length);
    done += bytesWritten;
  }
}
