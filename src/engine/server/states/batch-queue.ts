import type { PooledBatch } from '../../provider.ts';
import type { PooledRow, Pools } from './pool-tokens.ts';

/** A prompt that is asked for. */
export type Job = { readonly batch: number; readonly row: number };

type Shape = {
  /** Lengths of the prompts in tokens. */
  readonly lengths: readonly number[];
  /** Numbers of a prompt under one pooling. */
  readonly width: number;
  readonly pools: Pools;
};

type OpenBatch = { readonly batch: PooledBatch; missing: number };

/** Batches in their order, filled row by row in any order. */
export class BatchQueue {
  readonly #shape: Shape;
  readonly #jobs: readonly Job[];
  readonly #rows: ReadonlyMap<number, Int32Array>;
  readonly #waiting: number[];
  readonly #open = new Map<number, OpenBatch>();
  #started = 0;
  #taken = 0;

  constructor(batches: readonly (readonly [number, Int32Array])[], shape: Shape) {
    this.#shape = shape;
    this.#rows = new Map(batches);
    this.#waiting = [...this.#rows.keys()];
    this.#jobs = batches.flatMap(([batch, rows]) => Array.from(rows, (row) => ({ batch, row })));
  }

  /** The next prompt to ask for; null where there is none, or `most` are on their way or wait for the first batch. */
  next(most: number): Job | null {
    if (this.#started - this.#taken >= most) return null;
    const job = this.#jobs[this.#started] ?? null;
    if (job !== null) this.#started += 1;
    return job;
  }

  /** Where the prompt's pooled states go in its batch. */
  rowOf({ batch: number, row }: Job): PooledRow {
    const { batch } = this.#opened(number);
    const { width } = this.#shape;
    const start = batch.rows.indexOf(row) * width;
    const part = (values: Float32Array | null): Float32Array | null =>
      values?.subarray(start, start + width) ?? null;
    return { last: part(batch.last), mean: part(batch.mean) };
  }

  /** Says that the prompt's row is filled. */
  finish({ batch }: Job): void {
    this.#opened(batch).missing -= 1;
  }

  /** The first batch once all its rows are there. */
  takeReady(): PooledBatch | null {
    const number = this.#waiting[0];
    const open = number === undefined ? undefined : this.#open.get(number);
    if (number === undefined || open?.missing !== 0) return null;
    this.#waiting.shift();
    this.#open.delete(number);
    this.#taken += open.batch.rows.length;
    return open.batch;
  }

  #opened(number: number): OpenBatch {
    const known = this.#open.get(number);
    if (known !== undefined) return known;
    const { pools, lengths, width } = this.#shape;
    const rows = this.#rows.get(number)!;
    const values = (isPooled: boolean): Float32Array | null =>
      isPooled ? new Float32Array(rows.length * width) : null;
    const batch = {
      ...{ batch: number, rows, last: values(pools.last), mean: values(pools.mean) },
      ...{ output: null, nextTokens: null, likelihood: null },
      tokens: rows.reduce((sum, row) => sum + lengths[row]!, 0),
    };
    const made = { batch, missing: rows.length };
    this.#open.set(number, made);
    return made;
  }
}
