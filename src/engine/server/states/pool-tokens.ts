export type Pools = { readonly last: boolean; readonly mean: boolean };

/** (layers, hidden) each; null for what is not pooled. */
export type PooledRow = { readonly last: Float32Array | null; readonly mean: Float32Array | null };

/** Pools the states of one prompt's tokens into a row as they come, token by token, in order. */
export class TokenPooler {
  readonly #row: PooledRow;
  readonly #sum: Float64Array;
  #tokens = 0;

  /** `sum` is scratch space of the size of the row, whatever it holds; it is not read where no mean is pooled. */
  constructor(row: PooledRow, sum: Float64Array) {
    this.#row = row;
    this.#sum = sum;
    if (row.mean !== null) sum.fill(0);
  }

  /** The next token: its state at each layer, the first of which starts at `offset` in the row. */
  add(states: readonly Float32Array[], offset: number): void {
    this.#tokens += 1;
    const { last, mean } = this.#row;
    const sum = this.#sum;
    let start = offset;
    for (const state of states) {
      last?.set(state, start);
      if (mean !== null) for (let i = 0; i < state.length; i += 1) sum[start + i]! += state[i]!;
      start += state.length;
    }
  }

  finish(): void {
    const { mean } = this.#row;
    if (mean === null) return;
    const sum = this.#sum;
    for (let i = 0; i < mean.length; i += 1) mean[i] = sum[i]! / this.#tokens;
  }
}

/** Weights of a root-mean-square norm, ready to be applied to single states. */
export type LoadedNorm = {
  readonly kind: 'rms' | 'layer';
  /** Factor of each value; null: 1. */
  readonly weights: Float32Array | null;
  readonly bias: Float32Array | null;
  readonly epsilon: number;
};

export function applyNorm(state: Float32Array, norm: LoadedNorm): Float32Array {
  const { kind, weights, bias, epsilon } = norm;
  const mean = kind === 'rms' ? 0 : state.reduce((sum, value) => sum + value, 0) / state.length;
  let squares = 0;
  for (const value of state) squares += (value - mean) ** 2;
  const scale = 1 / Math.sqrt(squares / state.length + epsilon);
  return state.map((value, i) => (value - mean) * scale * (weights?.[i] ?? 1) + (bias?.[i] ?? 0));
}
