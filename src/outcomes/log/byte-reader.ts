import { UserError } from '../../error/index.ts';
import { endOfValue, isBlank, isValueStart, type ScanState, scanOf } from './scan-value.ts';

/** Reads JSON values one after the other out of chunks, without parsing them; none is longer than `maxBytes`. */
export class ByteReader {
  readonly #chunks: AsyncIterator<Buffer>;
  readonly #name: string;
  readonly #maxBytes: number;
  #chunk: Buffer = Buffer.alloc(0);
  #at = 0;
  /** Offset of the chunk in the file. */
  #offset = 0;

  constructor(
    chunks: AsyncIterable<Buffer>,
    { name, maxBytes }: { name: string; maxBytes: number },
  ) {
    this.#chunks = chunks[Symbol.asyncIterator]();
    this.#name = name;
    this.#maxBytes = maxBytes;
  }

  /** The next byte that is no blank; null at the end. It is not consumed. */
  async peek(): Promise<number | null> {
    for (;;) {
      for (; this.#at < this.#chunk.length; this.#at += 1) {
        const byte = this.#chunk[this.#at] ?? 0;
        const isMark = this.#offset === 0 && this.#at < 3 && [0xef, 0xbb, 0xbf][this.#at] === byte;
        if (!isBlank(byte) && !isMark) return byte;
      }
      if (!(await this.#fill())) return null;
    }
  }

  /** Consumes the next byte that is no blank. */
  async take(expected: readonly number[]): Promise<number> {
    const byte = await this.peek();
    if (byte === null || !expected.includes(byte)) throw this.unexpected(byte, expected);
    this.#at += 1;
    return byte;
  }

  /** Consumes the value that begins at the next byte that is no blank: its text. */
  async value(): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let bytes = 0;
    await this.#eachPiece((piece) => {
      bytes += piece.length;
      if (bytes > this.#maxBytes) throw this.#tooLong();
      pieces.push(piece);
    });
    return pieces.length === 1 ? (pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(pieces);
  }

  /** Consumes the next value, however long, without keeping it. */
  async skip(): Promise<void> {
    await this.#eachPiece(() => undefined);
  }

  /** The next value where all of it lies in memory already, which is consumed; null where more is to be read first. */
  async valueHere(): Promise<Buffer | null> {
    const state = await this.#startValue();
    const end = endOfValue(this.#chunk, this.#at, state);
    if (end === null) return null;
    const value = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    return value;
  }

  async #startValue(): Promise<ScanState> {
    const first = await this.peek();
    if (first === null || !isValueStart(first)) throw this.unexpected(first, []);
    return scanOf(first);
  }

  async #eachPiece(onPiece: (piece: Buffer) => void): Promise<void> {
    const state = await this.#startValue();
    for (;;) {
      const end = endOfValue(this.#chunk, this.#at, state);
      const piece = this.#chunk.subarray(this.#at, end ?? this.#chunk.length);
      onPiece(piece);
      this.#at += piece.length;
      if (end !== null) return;
      if (!(await this.#fill())) {
        if (state.kind === 'scalar') return;
        throw this.unexpected(null, []);
      }
    }
  }

  /** `expected` are the bytes that could stand here; none: a value. */
  unexpected(byte: number | null, expected: readonly number[]): UserError {
    const wanted =
      expected.length === 0
        ? 'a value'
        : expected.map((one) => `\`${String.fromCharCode(one)}\``).join(' or ');
    const place = this.#offset + this.#at;
    const found = byte === null ? 'it ends there' : `found ${shown(byte)}`;
    return new UserError(
      `\`${this.#name}\`, byte ${place}: expected JSON to go on with ${wanted}, ${found}`,
    );
  }

  async #fill(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    this.#offset += this.#chunk.length;
    this.#chunk = next.value;
    this.#at = 0;
    return true;
  }

  #tooLong(): UserError {
    return new UserError(
      `\`${this.#name}\`: expected parts of at most ${this.#maxBytes} bytes, the one that reaches byte ${this.#offset + this.#at} is longer`,
    );
  }
}

function shown(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `\`${String.fromCharCode(byte)}\`` : `byte ${byte}`;
}
