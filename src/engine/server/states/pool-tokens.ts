export type Pools = { readonly last: boolean; readonly mean: boolean };

type Pooled = {
  /** Of the result. */
  readonly layers: number;
  /** The result's layer that the first state of a token belongs to; zeros stand below it. */
  readonly first: number;
  readonly hidden: number;
  readonly pools: Pools;
};

/** Pools the states of one prompt's tokens as they come, token by token, in order. */
export class TokenPooler {
  readonly #first: number;
  readonly #hidden: number;
  readonly #last: Float32Array | null;
  readonly #sum: Float64Array | null;
  #tokens = 0;

  constructor({ layers, first, hidden, pools }: Pooled) {
    this.#first = first;
    this.#hidden = hidden;
    this.#last = pools.last ? new Float32Array(layers * hidden) : null;
    this.#sum = pools.mean ? new Float64Array(layers * hidden) : null;
  }

  /** The next token: its state at each layer. */
  add(states: readonly Float32Array[]): void {
    this.#tokens += 1;
    for (const [layer, state] of states.entries()) {
      const start = (this.#first + layer) * this.#hidden;
      this.#last?.set(state, start);
      const sum = this.#sum;
      if (sum === null) continue;
      for (let i = 0; i < state.length; i += 1) sum[start + i]! += state[i]!;
    }
  }

  /** (layers, hidden) each; null for what is not pooled. */
  finish(): { last: Float32Array | null; mean: Float32Array | null } {
    const mean = this.#sum === null ? null : Float32Array.from(this.#sum);
    mean?.forEach((_, i) => {
      mean[i] = this.#sum![i]! / this.#tokens;
    });
    return { last: this.#last, mean };
  }
}

/** Weights of a root-mean-square norm, ready to be applied to single states. */
export type LoadedNorm = { readonly weights: Float32Array; readonly epsilon: number };

export function applyNorm(state: Float32Array, { weights, epsilon }: LoadedNorm): Float32Array {
  let squares = 0;
  for (const value of state) squares += value * value;
  const scale = 1 / Math.sqrt(squares / state.length + epsilon);
  return state.map((value, i) => weights[i]! * value * scale);
}
