import { stat } from 'node:fs/promises';
import { UserError } from '../error/index.ts';
import {
  readRows,
  readSafetensorsHeader,
  readTensor,
  type SafetensorsFile,
  type TensorInfo,
  toFloat32,
} from '../safetensors/index.ts';
import { absent } from './atomic.ts';
import { parseRowNames } from './row-names.ts';
import { planReads, type TokenRead } from './token-reads.ts';

/** The states of some items. */
export type TokenStatesOfRows = {
  /** (rows, layers, positions, hidden): each row's tokens in order from position 0, zeros behind the last one. */
  readonly values: Float32Array;
  /** Tokens of each row. */
  readonly lengths: Int32Array;
  /** The largest of `lengths`. */
  readonly positions: number;
};

/** A finished file of token states, read item by item. */
export type TokenFile = {
  readonly path: string;
  /** Item ids in row order. */
  readonly items: readonly string[];
  readonly layers: readonly number[];
  readonly hidden: number;
  /** Kept tokens of each item: the last ones of its prompt, the prompt's last token included. */
  readonly lengths: Int32Array;
  readonly metadata: Readonly<Record<string, string>>;
  /**
   * The states of the items `rows` (in any order, repeated or not) at `layers`, in the order given. Only those items are
   * read, with all of their layers.
   *
   * @throws UserError for a layer that is not kept.
   */
  readonly read: (rows: Int32Array, layers: readonly number[]) => Promise<TokenStatesOfRows>;
};

/** Reads in flight: a shared file system answers each after a while. */
const readsAtOnce = 8;

/**
 * Opens a file of token states; null where there is none.
 *
 * @throws UserError where it is not what `openTokenDraft` writes.
 */
export async function openTokenFile(path: string): Promise<TokenFile | null> {
  if ((await stat(path).catch(absent)) === null) return null;
  const file = await readSafetensorsHeader(path);
  const { items, layers } = parseRowNames(file);
  const tokens = file.tensors.get('tokens');
  const [total = 0, kept, hidden = 0] = tokens?.shape ?? [];
  if (tokens?.shape.length !== 3 || kept !== layers.length) {
    throw malformed(file, `tensor \`tokens\` of shape [tokens, ${layers.length}, hidden]`);
  }
  const offsets = await readOffsets(file, items.length, total);
  const lengths = Int32Array.from(items, (_, i) => (offsets[i + 1] ?? 0) - (offsets[i] ?? 0));
  const states = { tokens, offsets, lengths };
  return {
    path,
    items,
    layers,
    hidden,
    lengths,
    metadata: file.metadata,
    read: async (rows, wanted) => {
      const places = wanted.map((layer) => {
        const place = layers.indexOf(layer);
        if (place >= 0) return place;
        throw new UserError(
          `token states: layer ${layer} is not kept in ${path}, which has ${layers.join(', ')}`,
        );
      });
      return await readStates(states, rows, places);
    },
  };
}

async function readOffsets(
  file: SafetensorsFile,
  items: number,
  total: number,
): Promise<Float64Array> {
  const expected = `tensor \`offsets\` of ${items + 1} rising whole numbers from 0 to ${total}`;
  const info = file.tensors.get('offsets');
  if (info?.shape.join() !== String(items + 1)) throw malformed(file, expected);
  const offsets = wholeNumbers(await readTensor(info), info.dtype);
  const isRising = offsets?.every((offset, i) => i === 0 || offset >= (offsets[i - 1] ?? 0));
  if (offsets === null || isRising !== true || offsets[0] !== 0 || offsets.at(-1) !== total) {
    throw malformed(file, expected);
  }
  return offsets;
}

function wholeNumbers(
  { buffer }: Uint8Array<ArrayBuffer>,
  dtype: TensorInfo['dtype'],
): Float64Array | null {
  if (dtype === 'I64') return Float64Array.from(new BigInt64Array(buffer), Number);
  if (dtype === 'I32') return Float64Array.from(new Int32Array(buffer));
  return null;
}

function malformed({ file }: SafetensorsFile, expected: string): UserError {
  return new UserError(
    `token states: expected ${expected} in ${file}; delete the file and extract again`,
  );
}

type States = {
  readonly tokens: TensorInfo;
  readonly offsets: Float64Array;
  readonly lengths: Int32Array;
};

async function readStates(
  { tokens, offsets, lengths }: States,
  rows: Int32Array,
  places: readonly number[],
): Promise<TokenStatesOfRows> {
  const [, kept = 0, hidden = 0] = tokens.shape;
  const chosen = rows.map((row) => {
    const length = lengths[row];
    if (length === undefined) throw new Error(`token states: no row ${row} in ${tokens.file}`);
    return length;
  });
  const positions = chosen.reduce((most, length) => Math.max(most, length), 0);
  const values = new Float32Array(rows.length * places.length * positions * hidden);
  const spread = async (read: TokenRead): Promise<void> => {
    const states = await readTokens(tokens, read);
    for (const { row, position, token, count } of read.pieces) {
      for (const [at, place] of places.entries()) {
        const to = ((row * places.length + at) * positions + position) * hidden;
        for (let i = 0; i < count; i += 1) {
          const from = ((token - read.first + i) * kept + place) * hidden;
          values.set(states.subarray(from, from + hidden), to + i * hidden);
        }
      }
    }
  };
  const reads = planReads(rows, { offsets, tokenBytes: bytesOfToken(tokens) });
  for (let first = 0; first < reads.length; first += readsAtOnce) {
    await Promise.all(reads.slice(first, first + readsAtOnce).map(spread));
  }
  return { values, lengths: chosen, positions };
}

function bytesOfToken({ byteLength, shape: [total = 0] }: TensorInfo): number {
  return total === 0 ? 0 : byteLength / total;
}

async function readTokens(
  tokens: TensorInfo,
  { first, count }: Pick<TokenRead, 'first' | 'count'>,
): Promise<Float32Array> {
  const states = toFloat32(await readRows(tokens, first, count), tokens.dtype);
  if (states !== null) return states;
  throw new UserError(`token states: cannot read ${tokens.dtype} states in ${tokens.file}`);
}
