import { UnusableStatesError } from '../error/index.ts';
import type { ActivationDtype } from '../store/index.ts';

/** The smallest magnitudes that become infinite in a type: half a step above its largest value. */
const overflows: Readonly<Record<ActivationDtype, { from: number; largest: string } | null>> = {
  F32: null,
  F16: { from: 65_520, largest: '65504' },
  BF16: { from: (2 - 2 ** -8) * 2 ** 127, largest: '3.3895e38' },
};

export type StateRows = {
  /** Whose states these are, for messages. */
  readonly checkpoint: string;
  /** Item ids, in row order. */
  readonly ids: readonly string[];
  readonly layers: readonly number[];
  readonly hidden: number;
};

/** @throws UnusableStatesError that names item and layer of the first state, (rows, layers, hidden), that the type cannot hold. */
export function checkStorable(
  states: Float32Array,
  dtype: ActivationDtype,
  { checkpoint, ids, layers, hidden }: StateRows,
): void {
  const limit = overflows[dtype];
  if (limit === null) return;
  const at = states.findIndex((value) => Math.abs(value) >= limit.from);
  if (at === -1) return;
  const layer = layers[Math.floor(at / hidden) % layers.length];
  const item = ids[Math.floor(at / (layers.length * hidden))];
  const larger = dtype === 'F16' ? 'f32 or bf16' : 'f32';
  throw new UnusableStatesError(
    `\`${checkpoint}\`: expected states within ±${limit.largest} to keep them in ${dtype.toLowerCase()}, got ${states[at]} at ` +
      `layer ${layer} of item \`${item}\`; take --dtype ${larger}`,
  );
}
