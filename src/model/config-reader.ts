import { UserError } from '../error/index.ts';
import { quoteValue } from '../safetensors/index.ts';
import { NEUTRAL_FIELDS, REFUSED_UNLESS } from './neutral-fields.ts';

export type Config = Readonly<Record<string, unknown>>;

/** Largest number of parts (layers, experts) that is believed: each takes memory before any weight is looked at. */
const MOST_PARTS = 2 ** 16;

/** Largest width or vocabulary that is believed: far above any model, far below a size that could hurt. */
const LARGEST_SIZE = 2 ** 26;

/**
 * Reads the fields of a config.json and keeps account of them, so that `finish` can refuse by name every field that
 * may change the result and that nobody read. A field that is null counts as missing.
 */
export class ConfigReader {
  readonly #config: Config;
  readonly #where: string;
  readonly #read = new Set<string>();

  constructor(config: Config, where: string) {
    this.#config = config;
    this.#where = where;
  }

  /** The value as it stands, read or not by anyone else. */
  raw(name: string): unknown {
    this.#read.add(name);
    return this.#config[name] ?? null;
  }

  /** Names of the fields that were read so far. */
  get fields(): ReadonlySet<string> {
    return this.#read;
  }

  /** Whether the field is there, if only as null: some classes take a missing one for their default and null for none. */
  has(name: string): boolean {
    return Object.hasOwn(this.#config, name);
  }

  /** As `size`; null where the field is null, `missing` where it is not there. */
  sizeOrNull(name: string, missing: number | null): number | null {
    const stated = this.raw(name);
    const value = this.has(name) ? stated : missing;
    return value === null ? null : this.size(name, missing);
  }

  /** As `positive`; null where the field is null, `missing` where it is not there. */
  positiveOrNull(name: string, missing: number | null): number | null {
    const stated = this.raw(name);
    const value = this.has(name) ? stated : missing;
    return value === null ? null : this.positive(name, missing);
  }

  /** A whole number from 1; required where there is no fallback. */
  size(name: string, fallback: number | null = null): number {
    const value = this.raw(name) ?? fallback;
    if (!Number.isSafeInteger(value) || Number(value) < 1 || Number(value) > LARGEST_SIZE) {
      throw this.wrong(name, `a whole number from 1 to ${LARGEST_SIZE}`);
    }
    return Number(value);
  }

  /** As `size`, of parts of the model, of which `others` times as many are made. */
  parts(name: string, options: { fallback?: number; others?: number } = {}): number {
    const most = Math.floor(MOST_PARTS / (options.others ?? 1));
    const count = this.size(name, options.fallback ?? null);
    if (count > most) throw this.wrong(name, `a whole number from 1 to ${most}`);
    return count;
  }

  /** A number above 0 that float32 can hold; required where there is no fallback. */
  positive(name: string, fallback: number | null): number {
    const value = this.raw(name) ?? fallback;
    if (typeof value !== 'number' || !isPositiveFloat32(value)) {
      throw this.wrong(name, 'a finite number above 0');
    }
    return value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.raw(name) ?? fallback;
    if (typeof value !== 'boolean') throw this.wrong(name, 'true or false');
    return value;
  }

  /** A list of strings out of `allowed`, one a layer; null where the field is missing. */
  perLayer(name: string, layers: number, allowed: readonly string[]): string[] | null {
    const value = this.raw(name);
    if (value === null) return null;
    const wanted = `a list of ${layers} entries out of ${allowed.join(', ')}`;
    if (!Array.isArray(value) || value.length !== layers) throw this.wrong(name, wanted);
    return value.map((entry: unknown) => {
      if (typeof entry !== 'string' || !allowed.includes(entry)) throw this.wrong(name, wanted);
      return entry;
    });
  }

  /** A list of 0 and 1, one a layer; null where the field is missing. */
  switches(name: string, layers: number): boolean[] | null {
    const value = this.raw(name);
    if (value === null) return null;
    const wanted = `a list of ${layers} entries out of 0 and 1`;
    if (!Array.isArray(value) || value.length !== layers) throw this.wrong(name, wanted);
    return value.map((entry: unknown) => {
      if (entry !== 0 && entry !== 1) throw this.wrong(name, wanted);
      return entry === 1;
    });
  }

  /** A list of whole numbers from 0 to below `limit`; empty where the field is missing. */
  indices(name: string, limit: number): ReadonlySet<number> {
    const value = this.raw(name) ?? [];
    const valid = (entry: unknown): entry is number =>
      Number.isSafeInteger(entry) && Number(entry) >= 0 && Number(entry) < limit;
    if (!Array.isArray(value) || !value.every(valid)) {
      throw this.wrong(name, `a list of whole numbers from 0 to ${limit - 1}`);
    }
    return new Set(value);
  }

  /** What the value of the field stands for in `table`. */
  named<T>(name: string, table: ReadonlyMap<string, T>, fallback: string): T {
    const value = this.raw(name) ?? fallback;
    const found = typeof value === 'string' ? table.get(value) : undefined;
    if (found === undefined) throw this.wrong(name, `one of ${[...table.keys()].join(', ')}`);
    return found;
  }

  /** Refuses every value but those allowed; a missing field is fine. */
  only(name: string, allowed: readonly unknown[]): void {
    const value = this.raw(name);
    if (value !== null && !allowed.includes(value)) {
      const list = ['null', ...allowed.map((each) => JSON.stringify(each))].join(' or ');
      throw this.wrong(name, `${list}: this family computes nothing else`);
    }
  }

  /** Longest sequence in tokens; null for the placeholder -1 or a missing field. */
  contextLength(name = 'max_position_embeddings'): number | null {
    const value = this.raw(name);
    return value === null || value === -1 ? null : this.size(name);
  }

  /** Refuses what was not read and may change the result. */
  finish(): void {
    for (const [name, allowed] of Object.entries(REFUSED_UNLESS)) {
      if (!this.#read.has(name)) this.only(name, allowed);
    }
    for (const [name, value] of Object.entries(this.#config)) {
      if (this.#read.has(name) || value === null) continue;
      if (NEUTRAL_FIELDS.has(name) || name.startsWith('_')) continue;
      throw new UserError(
        `\`config.json\`: field ${quoteField(name)} (${preview(value)}) is not understood and may change the result ` +
          `(in ${this.#where}); a family that knows it has to be added`,
      );
    }
  }

  wrong(name: string, expected: string): UserError {
    return new UserError(
      `\`config.json\`: expected \`${name}\` to be ${expected}, got ${preview(this.#config[name])} (in ${this.#where})`,
    );
  }
}

/** Whether graphs, which compute in float32, can hold the number without losing it to 0 or infinity. */
export function isPositiveFloat32(value: number): boolean {
  return Math.fround(value) > 0 && Number.isFinite(Math.fround(value));
}

/** Longest value in a message, and most entries of an object. */
const MOST_SHOWN = { characters: 160, entries: 16 };

/** A value short enough for a message; of an object its entries, as the message may be about one of them. */
function preview(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return quoteValue(value);
  const entries = Object.entries(value)
    .slice(0, MOST_SHOWN.entries)
    .map(([name, entry]) => `${quoteValue(name)}:${quoteValue(entry)}`);
  const text = `{${entries.join(',')}}`;
  const whole =
    Object.keys(value).length === entries.length && text.length <= MOST_SHOWN.characters;
  return whole ? text : `${text.slice(0, MOST_SHOWN.characters)}…`;
}

/** A field's name, which is the file's word too, between backticks. */
export function quoteField(name: string): string {
  return `\`${quoteValue(name).replaceAll(/^"|"$/g, '')}\``;
}
