import { float32, type Tensor } from '../graph/index.ts';
import type { ModelSpec } from './model-spec.ts';
import { ropeTable } from './rope.ts';

/** Table rows are made in steps of this many positions, so that most runs find them ready. */
const STEP = 512;

/** Keeps the cos and sin tables of a model, as long as the longest run so far needs them. */
export class RopeFeeds {
  readonly #spec: ModelSpec;
  #rows = 0;
  #feeds: Record<string, Tensor> = {};

  constructor(spec: ModelSpec) {
    this.#spec = spec;
  }

  /** Feeds with rows for positions 0 to `positions` − 1 at least. */
  upTo(positions: number): Readonly<Record<string, Tensor>> {
    if (positions > this.#rows) {
      this.#rows = Math.ceil(positions / STEP) * STEP;
      this.#feeds = {};
      for (const [i, rope] of this.#spec.ropes.entries()) {
        const shape = [this.#rows, rope.dim / 2];
        const { cos, sin } = ropeTable(rope, this.#rows);
        this.#feeds[`cos.${i}`] = float32(cos, shape);
        this.#feeds[`sin.${i}`] = float32(sin, shape);
      }
    }
    return this.#feeds;
  }
}
