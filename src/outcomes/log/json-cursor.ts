import { UserError } from '../../error/index.ts';
import { parseJson } from './parse-json.ts';
import { endOfValue, isBlank, isValueStart, scanOf } from './scan-value.ts';

const [comma, colon, quote] = [0x2c, 0x3a, 0x22];
const [openArray, closeArray, openObject, closeObject] = [0x5b, 0x5d, 0x7b, 0x7d];

/**
 * Goes through JSON that is in memory, value by value, without parsing what is not wanted. Whoever walks takes or skips
 * each value before asking for the next.
 */
export class JsonCursor {
  readonly #bytes: Buffer;
  readonly #where: string;
  #at = 0;

  /** @param where begins messages. */
  constructor(bytes: Buffer, where: string) {
    this.#bytes = bytes;
    this.#where = where;
  }

  /** The names of the object that comes next, each in front of its value. */
  *members(): Generator<string> {
    this.#take([openObject]);
    let next = this.#peek();
    if (next === closeObject) this.#at += 1;
    while (next !== closeObject) {
      if (this.#peek() !== quote) throw this.#unexpected([quote]);
      const key = parseJson(this.take(), this.#where) as string;
      this.#take([colon]);
      yield key;
      next = this.#take([comma, closeObject]);
    }
  }

  /** The places of the array that comes next, from 0, each in front of its value. */
  *elements(): Generator<number> {
    this.#take([openArray]);
    let next = this.#peek();
    if (next === closeArray) this.#at += 1;
    for (let index = 0; next !== closeArray; index += 1) {
      yield index;
      next = this.#take([comma, closeArray]);
    }
  }

  isArray(): boolean {
    return this.#peek() === openArray;
  }

  /** Consumes the next value: its text. */
  take(): Buffer {
    const first = this.#peek();
    if (first === null || !isValueStart(first)) throw this.#unexpected([]);
    const state = scanOf(first);
    const found = endOfValue(this.#bytes, this.#at, state);
    const end = found ?? (state.kind === 'scalar' ? this.#bytes.length : null);
    if (end === null) {
      this.#at = this.#bytes.length;
      throw this.#unexpected([]);
    }
    const value = this.#bytes.subarray(this.#at, end);
    this.#at = end;
    return value;
  }

  #peek(): number | null {
    while (this.#at < this.#bytes.length) {
      const byte = this.#bytes[this.#at] ?? 0;
      if (!isBlank(byte)) return byte;
      this.#at += 1;
    }
    return null;
  }

  #take(expected: readonly number[]): number {
    const byte = this.#peek();
    if (byte === null || !expected.includes(byte)) throw this.#unexpected(expected);
    this.#at += 1;
    return byte;
  }

  #unexpected(expected: readonly number[]): UserError {
    const marks = expected.map((one) => `\`${String.fromCharCode(one)}\``).join(' or ');
    const byte = this.#peek();
    const found = byte === null ? 'it ends there' : `found \`${String.fromCharCode(byte)}\``;
    return new UserError(
      `${this.#where}, byte ${this.#at}: expected JSON to go on with ${marks === '' ? 'a value' : marks}, ${found}`,
    );
  }
}
