import { float32, int32, int64, type Tensor } from '../graph/index.ts';
import { cacheNames } from './blocks/cache-outputs.ts';
import { pastNames } from './blocks/shared-rows.ts';
import type { ModelSpec } from './model-spec.ts';

/** A prefix that has been computed: its tokens, and the caches of `cacheNames` with one row. */
export type ComputedPrefix = {
  readonly length: number;
  readonly caches: Readonly<Record<string, Tensor>>;
};

/** Prompts as a graph of rows behind a prefix reads them. */
export type SharedBatch = {
  readonly feeds: Record<string, Tensor>;
  /** Row and column of token `token` of prompt `prompt`, which is none of the prefix. */
  readonly placeOf: (prompt: number, token: number) => readonly [number, number];
};

export type SharedBatchOptions = {
  /** Null stands for none: prompts have a row each then, padded on the right. Otherwise they are packed into one. */
  readonly prefix: ComputedPrefix | null;
  /** Blocks of the graph. */
  readonly depth: number;
  /** Tokens of each row, those of the prefix included, whose caches are kept. */
  readonly kept: number | 'all';
};

/** Feeds of a graph that was built with `shared`, without those of pooling and choosing. */
export function sharedFeeds(
  spec: ModelSpec,
  prompts: readonly Int32Array[],
  { prefix, depth, kept }: SharedBatchOptions,
): SharedBatch {
  const rows = prefix === null ? paddedRows(prompts) : packedRows(prompts, prefix.length);
  const past = prefix?.length ?? 0;
  const { batch, sequence } = rows;
  return {
    placeOf: rows.placeOf,
    feeds: {
      ids: int64(rows.ids, [batch, sequence]),
      positions: int64(rows.positions, [batch, sequence]),
      lastIndex: int32(rows.lastColumns.map((column) => past + column)),
      total: { dtype: 'int32', shape: [], data: Int32Array.of(past + sequence) },
      segments: int64(rows.segments),
      keySegments: int64([...new Int32Array(past).fill(-1), ...rows.segments]),
      keyPositions: int64([
        ...new Int32Array(past).keys(),
        ...rows.positions.subarray(0, sequence),
      ]),
      kept: int64([kept === 'all' ? past + sequence : kept]),
      ...pastFeeds(spec, { prefix, depth, batch }),
    },
  };
}

type Rows = {
  readonly batch: number;
  readonly sequence: number;
  /** (batch, sequence), as `positions`. */
  readonly ids: Int32Array;
  readonly positions: Int32Array;
  /** (batch). */
  readonly lastColumns: Int32Array;
  /** (sequence). */
  readonly segments: Int32Array;
  readonly placeOf: SharedBatch['placeOf'];
};

function paddedRows(prompts: readonly Int32Array[]): Rows {
  const [batch, sequence] = [prompts.length, Math.max(...prompts.map((ids) => ids.length))];
  const ids = new Int32Array(batch * sequence);
  for (const [row, prompt] of prompts.entries()) ids.set(prompt, row * sequence);
  return {
    batch,
    sequence,
    ids,
    positions: Int32Array.from(ids, (_, i) => i % sequence),
    lastColumns: Int32Array.from(prompts, (prompt) => prompt.length - 1),
    segments: new Int32Array(sequence),
    placeOf: (prompt, token) => [prompt, token],
  };
}

function packedRows(prompts: readonly Int32Array[], past: number): Rows {
  const starts = [0];
  for (const prompt of prompts) starts.push(starts.at(-1)! + prompt.length - past);
  const sequence = starts.at(-1)!;
  const [ids, positions, segments] = [0, 0, 0].map(() => new Int32Array(sequence)) as [
    Int32Array,
    Int32Array,
    Int32Array,
  ];
  for (const [i, prompt] of prompts.entries()) {
    ids.set(prompt.subarray(past), starts[i]);
    segments.fill(i, starts[i], starts[i + 1]);
    for (let token = past; token < prompt.length; token += 1) {
      positions[starts[i]! + token - past] = token;
    }
  }
  return {
    batch: 1,
    sequence,
    ids,
    positions,
    lastColumns: Int32Array.of(sequence - 1),
    segments,
    placeOf: (prompt, token) => [0, starts[prompt]! + token - past],
  };
}

function pastFeeds(
  { layers }: ModelSpec,
  { prefix, depth, batch }: Pick<SharedBatchOptions, 'prefix' | 'depth'> & { batch: number },
): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = {};
  for (const [i, { attention }] of layers.slice(0, depth).entries()) {
    const none = (): Tensor =>
      float32(new Float32Array(0), [batch, attention.keyValueHeads, 0, attention.headDim]);
    const cacheOf = (name: string): Tensor => {
      const cache = prefix?.caches[name];
      if (prefix !== null && cache === undefined) throw new Error(`model: no \`${name}\``);
      return cache ?? none();
    };
    feeds[pastNames(i).key] = cacheOf(cacheNames(i).key);
    feeds[pastNames(i).value] = cacheOf(cacheNames(i).value);
  }
  return feeds;
}

/** Feeds of the pooling of such a graph: sums over the tokens that each prompt has for itself, the prefix's length on. */
export function placeFeeds(
  { feeds, placeOf }: SharedBatch,
  prompts: readonly Int32Array[],
  past: number,
): Record<string, Tensor> {
  const [batch, sequence] = feeds['ids']!.shape as [number, number];
  const together = prompts.length / batch;
  const inside = new Float32Array(prompts.length * sequence);
  const lastPlaces: number[] = [];
  for (const [i, { length }] of prompts.entries()) {
    lastPlaces.push(...placeOf(i, length - 1));
    const from = placeOf(i, past)[1];
    inside.fill(1, i * sequence + from, i * sequence + from + length - past);
  }
  return {
    lastPlaces: int64(lastPlaces, [prompts.length, 2]),
    inside: float32(inside, [batch, together, sequence]),
  };
}
