import { createHash } from 'node:crypto';
import { type FileHandle, open, realpath, stat } from 'node:fs/promises';
import { UserError } from '../error/index.ts';
import { parseHeader, type TensorInfo } from './header.ts';
import { refuse, TruncatedFileError } from './refusal.ts';

export type SafetensorsFile = {
  /** Absolute, symbolic links resolved. */
  file: string;
  /** Bytes of the whole file. */
  size: number;
  /** SHA-256 of the header's JSON text, as hexadecimal digits. */
  headerSha256: string;
  tensors: ReadonlyMap<string, TensorInfo>;
  metadata: Readonly<Record<string, string>>;
};

/** Bytes of the length in front of the header: an unsigned 64-bit little-endian integer. */
const LENGTH_BYTES = 8;

/**
 * The limit of the reference implementation (`MAX_HEADER_SIZE`), so that nothing it reads is refused here. A header of
 * 10,000 tensors takes about 1.5 MB.
 */
const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads and checks the header of a safetensors file: which tensors it holds and where. No tensor data is read.
 *
 * @throws TruncatedFileError where the file is shorter than its header announces (it may still be being written).
 * @throws UserError naming file, tensor, expected and found for anything else the format forbids.
 */
export async function readSafetensorsHeader(path: string): Promise<SafetensorsFile> {
  const file = await realpath(path).catch((error: unknown) =>
    Promise.reject(unreadable(path, error)),
  );
  // Before opening: a named pipe would block there for ever.
  const found = await stat(file).catch((error: unknown) => Promise.reject(unreadable(file, error)));
  if (!found.isFile())
    throw refuse({ file, expected: 'a regular file', found: 'a folder or device' });
  const handle = await open(file, 'r').catch((error: unknown) =>
    Promise.reject(unreadable(file, error)),
  );
  try {
    const { size } = await handle.stat();
    const text = await readHeaderBytes(handle, file, size);
    const parsed = parseHeader(decodeUtf8(text, file), file, LENGTH_BYTES + text.length, size);
    const headerSha256 = createHash('sha256').update(text).digest('hex');
    return { file, size, headerSha256, ...parsed };
  } finally {
    await handle.close();
  }
}

async function readHeaderBytes(
  handle: FileHandle,
  file: string,
  size: number,
): Promise<Uint8Array> {
  if (size < LENGTH_BYTES) throw new TruncatedFileError(file, LENGTH_BYTES, size);
  const prefix = await readFully(handle, file, 0, LENGTH_BYTES);
  const length = new DataView(prefix.buffer).getBigUint64(0, true);
  if (length < 2n || length > BigInt(MAX_HEADER_BYTES)) {
    throw refuse({
      file,
      expected: `a header of 2 to ${MAX_HEADER_BYTES} bytes`,
      found: `a length of ${length.toString()}`,
      advice: 'this is no safetensors file',
    });
  }
  const end = LENGTH_BYTES + Number(length);
  if (size < end) throw new TruncatedFileError(file, end, size);
  return readFully(handle, file, LENGTH_BYTES, Number(length));
}

function decodeUtf8(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refuse({ file, expected: 'a header in UTF-8', found: 'other bytes' });
  }
}

/** Bytes per read call: Node refuses 2 GiB and more in one. */
const MAX_READ = 256 * 1024 * 1024;

/** Reads exactly `length` bytes into a buffer of their own. */
export async function readFully(
  handle: FileHandle,
  file: string,
  offset: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await handle.read(
      bytes,
      done,
      Math.min(length - done, MAX_READ),
      offset + done,
    );
    if (bytesRead === 0) throw new TruncatedFileError(file, offset + length, offset + done);
    done += bytesRead;
  }
  return bytes;
}

export function unreadable(path: string, error: unknown): UserError {
  const reason = error instanceof Error ? error.message : String(error);
  return new UserError(`\`safetensors\`: cannot read ${path}: ${reason}`, { cause: error });
}
