/**
 * Entries of a ZIP file, streamed. yauzl reads the directory; the entries are expanded here because Inspect compresses
 * them by method 93 (zstd), and because a library that expands does not check their checksums.
 */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import { crc32, createInflateRaw, inflateRawSync } from 'node:zlib';
import yauzl from 'yauzl';
import { UserError } from '../../../error/index.ts';
import { loadZstd, zstdPieces, zstdWhole } from './zstd-stream.ts';

export type ZipEntry = {
  readonly name: string;
  readonly method: number;
  readonly encrypted: boolean;
  readonly compressedBytes: number;
  readonly bytes: number;
  readonly crc: number;
  /** Where its local header begins in the file. */
  readonly offset: number;
};

const methods = { stored: 0, deflated: 8, zstd: 93 } as const;
const pieceBytes = 64 * 1024;
/** Entries up to this size are expanded in one go, which is faster. */
const wholeBytes = 8 * 1024 * 1024;
/** 250 bytes of memory each. */
const maxEntries = 1_000_000;
/** Logs shrink to a fifth, transcripts that repeat themselves to a hundredth. */
const maxExpansion = 1000;
/** What may be expanded whatever the file's size. */
const freeBytes = 4 * 1024 ** 3;
const localHeaderBytes = 30;

export class ZipFile implements Disposable {
  readonly name: string;
  /** By name; of entries with one name the last, as Inspect reads them. */
  readonly entries: ReadonlyMap<string, ZipEntry>;
  readonly #fd: number;

  private constructor(name: string, fd: number, entries: ReadonlyMap<string, ZipEntry>) {
    this.name = name;
    this.#fd = fd;
    this.entries = entries;
  }

  /**
   * @param wanted says by its name whether an entry is to be kept.
   * @throws UserError for what is no whole ZIP file, and for one that expands beyond measure.
   */
  static async open(path: string, wanted: (name: string) => boolean): Promise<ZipFile> {
    const name = basename(path);
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (cause) {
      throw new UserError(`\`${name}\`: cannot be read: ${String(cause)}`, { cause });
    }
    try {
      return new ZipFile(name, fd, await readDirectory(fd, name, wanted));
    } catch (cause) {
      closeSync(fd);
      if (cause instanceof UserError) throw cause;
      throw new UserError(
        `\`${name}\`: expected a whole ZIP file: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
  }

  /**
   * An entry's bytes, in pieces.
   *
   * @throws UserError naming file and entry where they do not expand to what the directory says of them.
   */
  async *read(entry: ZipEntry): AsyncGenerator<Buffer> {
    const where = `\`${this.name}\`, entry \`${entry.name}\``;
    let bytes = 0;
    let crc = 0;
    try {
      for await (const piece of this.#expand(entry)) {
        bytes += piece.length;
        if (bytes > entry.bytes) throw tooMuch(entry.bytes);
        crc = crc32(piece, crc);
        yield piece;
      }
    } catch (cause) {
      if (cause instanceof UserError) throw cause;
      throw new UserError(
        `${where}: cannot be expanded: ${cause instanceof Error ? cause.message : String(cause)}`,
        { cause },
      );
    }
    if (bytes !== entry.bytes || crc !== entry.crc) {
      throw new UserError(`${where}: is damaged, its checksum or its length is another one`);
    }
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }

  async *#expand(entry: ZipEntry): AsyncGenerator<Buffer> {
    const { method, encrypted, bytes, compressedBytes } = entry;
    if (encrypted) throw new Error('it is encrypted');
    const pieces = this.#pieces(this.#dataStart(entry), compressedBytes);
    const isSmall = Math.max(bytes, compressedBytes) <= wholeBytes;
    if (method === methods.stored) yield* pieces;
    else if (method === methods.zstd) {
      await loadZstd();
      if (isSmall) yield zstdWhole(Buffer.concat([...pieces]), bytes);
      else yield* zstdPieces(pieces);
    } else if (method !== methods.deflated) {
      throw new Error(`compression method ${method} is not known`);
    } else if (isSmall) yield inflateWhole(Buffer.concat([...pieces]), bytes);
    else {
      const inflate = createInflateRaw({ chunkSize: pieceBytes });
      const source = Readable.from(pieces);
      source.on('error', (error) => inflate.destroy(error));
      for await (const piece of source.pipe(inflate)) yield piece as Buffer;
    }
  }

  /** The lengths of name and extra field in the local header may differ from the directory's. */
  #dataStart({ offset }: ZipEntry): number {
    const header = Buffer.alloc(localHeaderBytes);
    const read = readSync(this.#fd, header, 0, localHeaderBytes, offset);
    if (read < localHeaderBytes || header.readUInt32LE(0) !== 0x04034b50) {
      throw new Error(`there is no entry at byte ${offset}`);
    }
    return offset + localHeaderBytes + header.readUInt16LE(26) + header.readUInt16LE(28);
  }

  *#pieces(start: number, length: number): Generator<Buffer> {
    for (let at = 0; at < length; ) {
      const piece = Buffer.allocUnsafe(Math.min(pieceBytes, length - at));
      const read = readSync(this.#fd, piece, 0, piece.length, start + at);
      if (read === 0) throw new Error('it ends behind the end of the file');
      yield read === piece.length ? piece : piece.subarray(0, read);
      at += read;
    }
  }
}

function inflateWhole(compressed: Buffer, bytes: number): Buffer {
  try {
    return inflateRawSync(compressed, { maxOutputLength: Math.max(bytes, 1) });
  } catch (cause) {
    if (cause instanceof RangeError) throw tooMuch(bytes, { cause });
    throw cause;
  }
}

function tooMuch(bytes: number, options?: ErrorOptions): Error {
  return new Error(`it expands to more than ${bytes} bytes`, options);
}

async function readDirectory(
  fd: number,
  name: string,
  wanted: (name: string) => boolean,
): Promise<ReadonlyMap<string, ZipEntry>> {
  const fileBytes = fstatSync(fd).size;
  // Names are decoded here: a sample may have any id, and yauzl refuses some as paths.
  const zip = await yauzl.fromFdPromise(fd, { autoClose: false, decodeStrings: false });
  const entries = new Map<string, ZipEntry>();
  let [compressed, expanded] = [0, 0];
  for await (const entry of zip.eachEntry()) {
    compressed += entry.compressedSize;
    const entryName = yauzl.getFileNameLowLevel(
      entry.generalPurposeBitFlag,
      entry.fileNameRaw,
      entry.extraFields,
      true,
    );
    if (!wanted(entryName)) continue;
    expanded += entry.uncompressedSize;
    entries.delete(entryName);
    entries.set(entryName, {
      name: entryName,
      method: entry.compressionMethod,
      encrypted: entry.isEncrypted(),
      compressedBytes: entry.compressedSize,
      bytes: entry.uncompressedSize,
      crc: entry.crc32,
      offset: entry.relativeOffsetOfLocalHeader,
    });
    refuseExcess({ name, fileBytes, compressed, expanded, entries: entries.size });
  }
  return entries;
}

type Extent = {
  name: string;
  fileBytes: number;
  compressed: number;
  expanded: number;
  entries: number;
};

/** A small file can claim, or share out, more bytes than any disk holds. */
function refuseExcess({ name, fileBytes, compressed, expanded, entries }: Extent): void {
  if (entries > maxEntries) {
    throw new UserError(`\`${name}\`: expected at most ${maxEntries} entries, it has more`);
  }
  if (compressed > fileBytes) {
    throw new UserError(`\`${name}\`: expected entries side by side, they overlap`);
  }
  if (expanded > freeBytes && expanded > maxExpansion * fileBytes) {
    throw new UserError(
      `\`${name}\`: expected entries that expand to at most ${maxExpansion} times the file's ${fileBytes} bytes, they claim more`,
    );
  }
}
