import { float32, type Tensor } from '../../graph/index.ts';
import { type ModelSpec, newNames, suffixNames } from '../../model/index.ts';

/** Tokens of room that a new cache starts with; it doubles when full. */
const FIRST_ROOM = 16;

/**
 * Keys and values of the sampled tokens, one block a row: (rows, keyValueHeads, room, headDim) for each layer. Slots
 * that are not filled hold zeros or old numbers, finite either way, and the graph masks them.
 */
export class SuffixCache {
  readonly #layers: Layer[];
  #room: number;
  #filled = 0;

  constructor(spec: ModelSpec, maxTokens: number) {
    this.#room = Math.min(FIRST_ROOM, maxTokens);
    this.#layers = spec.layers.map(({ attention }, i) => ({
      heads: attention.keyValueHeads,
      headDim: attention.headDim,
      suffix: suffixNames(i),
      new: newNames(i),
      blocks: { key: new Float32Array(0), value: new Float32Array(0) },
    }));
  }

  get room(): number {
    return this.#room;
  }

  /** Rows of the next run: row i continues row `parents[i]` of the last one. */
  follow(parents: Int32Array): void {
    const room = this.#filled < this.#room ? this.#room : this.#room * 2;
    for (const layer of this.#layers) {
      for (const part of ['key', 'value'] as const) {
        layer.blocks[part] = moved(layer, layer.blocks[part], { parents, room, old: this.#room });
      }
    }
    this.#room = room;
  }

  /** Appends what a run gave for its rows, before `follow` gives them children. */
  append(outputs: Readonly<Record<string, Tensor>>, rows: number): void {
    for (const layer of this.#layers) {
      for (const part of ['key', 'value'] as const) {
        const fresh = outputs[layer.new[part]]?.data;
        if (!(fresh instanceof Float32Array)) throw new Error('engine: no new cache entry');
        const blocks = layer.blocks[part];
        for (let block = 0; block < rows * layer.heads; block += 1) {
          const from = block * layer.headDim;
          blocks.set(
            fresh.subarray(from, from + layer.headDim),
            (block * this.#room + this.#filled) * layer.headDim,
          );
        }
      }
    }
    this.#filled += 1;
  }

  feeds(rows: number): Record<string, Tensor> {
    const feeds: Record<string, Tensor> = {};
    for (const { suffix, blocks, heads, headDim } of this.#layers) {
      const shape = [rows, heads, this.#room, headDim];
      const size = rows * heads * this.#room * headDim;
      feeds[suffix.key] = float32(blocks.key.subarray(0, size), shape);
      feeds[suffix.value] = float32(blocks.value.subarray(0, size), shape);
    }
    return feeds;
  }
}

type Layer = {
  readonly heads: number;
  readonly headDim: number;
  readonly suffix: { readonly key: string; readonly value: string };
  readonly new: { readonly key: string; readonly value: string };
  readonly blocks: { key: Float32Array; value: Float32Array };
};

type Move = { readonly parents: Int32Array; readonly room: number; readonly old: number };

/** Blocks in the order of the new rows; the same memory where nothing moves. */
function moved(layer: Layer, blocks: Float32Array, { parents, room, old }: Move): Float32Array {
  const { heads, headDim } = layer;
  const size = parents.length * heads * room * headDim;
  if (blocks.length === 0) return new Float32Array(size);
  if (room === old && size <= blocks.length && parents.every((parent, row) => parent === row)) {
    return blocks;
  }
  const next = new Float32Array(size);
  const [oldBlock, newBlock] = [old * headDim, room * headDim];
  if (room === old) {
    for (const [row, parent] of parents.entries()) {
      const from = parent * heads * oldBlock;
      next.set(blocks.subarray(from, from + heads * oldBlock), row * heads * newBlock);
    }
    return next;
  }
  for (const [row, parent] of parents.entries()) {
    for (let head = 0; head < heads; head += 1) {
      const from = (parent * heads + head) * oldBlock;
      next.set(blocks.subarray(from, from + oldBlock), (row * heads + head) * newBlock);
    }
  }
  return next;
}
