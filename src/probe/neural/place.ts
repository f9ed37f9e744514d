import { add, multiply, reshape, type Traced } from '../../graph/index.ts';
import type { States } from './architecture.ts';

/** Slopes of the first and the last head at the start: from the last few tokens to nearly all of them. */
const SLOPES = [1, 0.01] as const;

/** Slopes m_h per position to start from, in equal ratios. */
export function firstSlopes(heads: number): readonly number[] {
  const ratio = SLOPES[1] / SLOPES[0];
  return Array.from({ length: heads }, (_, h) => SLOPES[0] * ratio ** (h / Math.max(heads - 1, 1)));
}

/** What the place of a token adds to its logits: m_h (t − last), and −1e9 behind the end: (rows, positions, heads). */
export function placeLogits({ distance, behind }: States, slopes: Traced): Traced {
  const [rows, positions] = distance.shape as [number, number];
  const column = (x: Traced) => reshape(x, [rows, positions, 1]);
  return add(multiply(column(distance), slopes), column(behind));
}
