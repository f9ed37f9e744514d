import { UnusableStatesError } from '../error/index.ts';
import { firstNonFinite } from '../stats/index.ts';

export type StateNames = {
  readonly checkpoint: string;
  /** Item ids, in row order. */
  readonly ids: readonly string[];
  /** What the values of a row are: layer numbers of states. */
  readonly layers: readonly number[];
  readonly hidden: number;
};

/** Throws `UnusableStatesError` that names checkpoint, layer and item at the first value that is not finite. */
export function checkFiniteStates(states: Float32Array, names: StateNames): void {
  const at = firstNonFinite(states);
  if (at === -1) return;
  const row = Math.floor(at / (names.layers.length * names.hidden));
  // The lowest such layer of the row is where it began: later ones only carry it on.
  const layer = names.layers[Math.floor(at / names.hidden) % names.layers.length];
  throw new UnusableStatesError(
    `\`${names.checkpoint}\`: expected finite hidden states, got ${states[at]} at layer ${layer} of item ` +
      `\`${names.ids[row]}\`; the weights hold NaN or infinity, or the model overflows float32`,
  );
}

/** As `checkFiniteStates`, for what the output head gives, (rows, width), `after` the prompts or `in` them. */
export function checkFiniteOutputs(
  values: Float32Array,
  names: {
    readonly checkpoint: string;
    readonly ids: readonly string[];
    readonly width: number;
    readonly place: 'after' | 'in';
  },
): void {
  const at = firstNonFinite(values);
  if (at === -1) return;
  throw new UnusableStatesError(
    `\`${names.checkpoint}\`: expected finite outputs, got ${values[at]} ${names.place} the prompt of item ` +
      `\`${names.ids[Math.floor(at / names.width)]}\`; the weights hold NaN or infinity, or the model overflows float32`,
  );
}
