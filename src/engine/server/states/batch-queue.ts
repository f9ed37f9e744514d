import type { PooledBatch } from '../../provider.ts';
import type { Pools } from './pool-tokens.ts';

/** A prompt that is asked for. */
export type Job = { readonly batch: number; readonly row: number };

type Row = { readonly last: Float32Array | null; readonly mean: Float32Array | null };

type Shape = {
  /** Lengths of the prompts in tokens. */
  readonly lengths: readonly number[];
  /** Numbers of a prompt under one pooling. */
  readonly width: number;
  readonly pools: Pools;
};

/** Batches in their order, filled row by row in any order. */
export class BatchQueue {
  readonly #shape: Shape;
  readonly #jobs: readonly Job[];
  readonly #waiting: (readonly [number, Int32Array])[];
  readonly #rows = new Map<number, Map<number, Row>>();
  #started = 0;
  #taken = 0;

  constructor(batches: readonly (readonly [number, Int32Array])[], shape: Shape) {
    this.#shape = shape;
    this.#waiting = [...batches];
    this.#jobs = batches.flatMap(([batch, rows]) => Array.from(rows, (row) => ({ batch, row })));
  }

  /** The next prompt to ask for; null where there is none, or `most` are on their way or wait for the first batch. */
  next(most: number): Job | null {
    if (this.#started - this.#taken >= most) return null;
    const job = this.#jobs[this.#started] ?? null;
    if (job !== null) this.#started += 1;
    return job;
  }

  put({ batch, row }: Job, pooled: Row): void {
    const rows = this.#rows.get(batch) ?? new Map<number, Row>();
    this.#rows.set(batch, rows.set(row, pooled));
  }

  /** The first batch once all its rows are there. */
  takeReady(): PooledBatch | null {
    const [batch, rows] = this.#waiting[0] ?? [-1, new Int32Array()];
    const pooled = this.#rows.get(batch);
    if (pooled?.size !== rows.length) return null;
    this.#waiting.shift();
    this.#rows.delete(batch);
    this.#taken += rows.length;
    const { pools, lengths } = this.#shape;
    return {
      batch,
      rows,
      last: pools.last ? this.#joined(rows, (row) => pooled.get(row)!.last!) : null,
      mean: pools.mean ? this.#joined(rows, (row) => pooled.get(row)!.mean!) : null,
      ...{ output: null, nextTokens: null, likelihood: null },
      tokens: rows.reduce((sum, row) => sum + lengths[row]!, 0),
    };
  }

  #joined(rows: Int32Array, valuesOf: (row: number) => Float32Array): Float32Array {
    const { width } = this.#shape;
    const joined = new Float32Array(rows.length * width);
    for (const [i, row] of rows.entries()) joined.set(valuesOf(row), i * width);
    return joined;
  }
}
