import { UserError } from '../../error/index.ts';

const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

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
    const first = await this.peek();
    const closing = first === comma || first === closeArray || first === closeObject;
    if (first === null || closing) throw this.unexpected(first, []);
    const state = { kind: kindOf(first), depth: 0, inText: false, escaped: false };
    const pieces: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const end = scan(this.#chunk, this.#at, state);
      const piece = this.#chunk.subarray(this.#at, end ?? this.#chunk.length);
      bytes += piece.length;
      if (bytes > this.#maxBytes) throw this.#tooLong();
      pieces.push(piece);
      this.#at += piece.length;
      if (end !== null) break;
      if (!(await this.#fill())) {
        if (state.kind === 'scalar') break;
        throw this.unexpected(null, []);
      }
    }
    return pieces.length === 1 ? (pieces[0] ?? Buffer.alloc(0)) : Buffer.concat(pieces);
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

type ScanState = {
  readonly kind: 'text' | 'scalar' | 'container';
  /** Open brackets. */
  depth: number;
  inText: boolean;
  /** The next byte of a text is escaped. */
  escaped: boolean;
};

function kindOf(first: number): ScanState['kind'] {
  if (first === quote) return 'text';
  return first === openArray || first === openObject ? 'container' : 'scalar';
}

/** The offset behind the value; null where it goes on in the next chunk. */
function scan(chunk: Buffer, from: number, state: ScanState): number | null {
  if (state.kind === 'scalar') return scanScalar(chunk, from);
  const { length } = chunk;
  let at = from;
  // Where the next backslash is: looked for again only once it lies behind.
  let slash = -1;
  while (at < length) {
    if (!state.inText) {
      const byte = chunk[at] ?? 0;
      at += 1;
      if (byte === quote) state.inText = true;
      else if (byte === openArray || byte === openObject) state.depth += 1;
      else if (byte === closeArray || byte === closeObject) state.depth -= 1;
      if (state.depth === 0 && !state.inText) return at;
      continue;
    }
    if (state.escaped) {
      state.escaped = false;
      at += 1;
      continue;
    }
    if (slash < at) {
      const found = chunk.indexOf(backslash, at);
      slash = found === -1 ? length : found;
    }
    const end = chunk.indexOf(quote, at);
    if (slash < (end === -1 ? length : end)) {
      state.escaped = true;
      at = slash + 1;
    } else if (end === -1) {
      return null;
    } else {
      state.inText = false;
      at = end + 1;
      if (state.depth === 0) return at;
    }
  }
  return null;
}

function scanScalar(chunk: Buffer, from: number): number | null {
  for (let at = from; at < chunk.length; at += 1) {
    const byte = chunk[at] ?? 0;
    if (byte === comma || byte === closeArray || byte === closeObject || isBlank(byte)) return at;
  }
  return null;
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function shown(byte: number): string {
  return byte > 0x20 && byte < 0x7f ? `\`${String.fromCharCode(byte)}\`` : `byte ${byte}`;
}
