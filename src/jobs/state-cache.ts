import type { ProbePool } from '../probe/index.ts';
import type { ActivationFile } from '../store/index.ts';

/** Pooled states of a file, by pool and layer. */
export type PooledStates = Pick<ActivationFile, 'path' | 'items' | 'hidden' | 'states'>;

/** Bytes of states that are kept: a fit asks for the same layers of the same checkpoints some twenty times. */
const KEPT_BYTES = 1 << 30;

/**
 * States of layers of several files, read once while they fit into a gigabyte; the oldest go first. What is handed out is
 * shared: readers must not write to it.
 */
export class StateCache {
  readonly #kept = new Map<string, { states: Promise<Float32Array>; bytes: number }>();
  readonly #mostBytes: number;
  #bytes = 0;

  constructor(mostBytes: number = KEPT_BYTES) {
    this.#mostBytes = mostBytes;
  }

  /** (items, hidden) of one layer. */
  read(file: PooledStates, pool: ProbePool, layer: number): Promise<Float32Array> {
    const key = `${file.path}\n${pool}\n${layer}`;
    const known = this.#kept.get(key);
    if (known !== undefined) return known.states;
    const states = file.states(pool, layer);
    const bytes = 4 * file.items.length * file.hidden;
    if (bytes <= this.#mostBytes) this.#keep(key, states, bytes);
    return states;
  }

  #keep(key: string, states: Promise<Float32Array>, bytes: number): void {
    for (const [oldest, old] of this.#kept) {
      if (this.#bytes + bytes <= this.#mostBytes) break;
      this.#kept.delete(oldest);
      this.#bytes -= old.bytes;
    }
    this.#kept.set(key, { states, bytes });
    this.#bytes += bytes;
  }
}
