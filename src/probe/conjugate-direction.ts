import type { Solve } from './curvature-factor.ts';
import type { Kernel } from './kernel.ts';
import type { Slope } from './slope.ts';
import { type LogisticProblem, taskTotal } from './task-blocks.ts';

/** A step towards the minimum, and the decrease that the slope promises along it: −step · gradient. */
export type Direction = { readonly step: Float64Array; readonly decrease: number };

/** Steps whose gains together tell how much is left to gain (Strakoš and Tichý 2002): a quarter, or this many. */
const LOOK_BACK = 2;

/** Share of a direction's decrease that may be left in it, while the minimum is far. */
const COARSE = 0.03;

export type Aim = {
  /** The objective where the slope was taken. */
  readonly objective: number;
  /** A decrease that is worth no step. */
  readonly enough: number;
  /** Products with the curvature at most. */
  readonly products: number;
};

/**
 * Newton's direction by conjugate gradients, truncated (Dembo and Steihaug 1983): the curvature is never formed, each step
 * takes one product with it, in float32. Accuracy follows need: the nearer the minimum, the smaller the share of the
 * decrease that is left, down to a tenth of what is worth a step. null where that takes too many products, or float32
 * leaves no curvature.
 * `precondition` is near the inverse of the curvature, symmetric and positive definite.
 */
export async function conjugateDirection(
  problem: LogisticProblem,
  { gradient, curvature }: Slope,
  { objective, enough, products }: Aim,
  { precondition, kernel }: { precondition: Solve; kernel: Kernel },
): Promise<Direction | null> {
  const step = new Float64Array(gradient.length);
  const rest = gradient.map((value) => -value);
  let search = precondition(rest);
  let length = dot(rest, search);
  let decrease = 0;
  const gains: number[] = [];
  while (length !== 0) {
    if (gains.length >= products) return null;
    const image = await curvatureTimes(problem, curvature, { vector: search, kernel });
    const bend = dot(search, image);
    if (!(length > 0 && bend > 0)) return null;
    const reach = length / bend;
    for (let i = 0; i < step.length; i += 1) {
      step[i]! += reach * search[i]!;
      rest[i]! -= reach * image[i]!;
    }
    gains.push(reach * length);
    decrease += reach * length;
    const share = Math.min(COARSE, decrease / (1 + objective));
    if (leftToGain(gains) <= Math.max(0.1 * enough, share * decrease)) break;
    const next = precondition(rest);
    const before = length;
    length = dot(rest, next);
    for (let i = 0; i < next.length; i += 1) next[i]! += (length / before) * search[i]!;
    search = next;
  }
  return { step, decrease: -dot(step, gradient) };
}

function leftToGain(gains: readonly number[]): number {
  if (gains.length < LOOK_BACK) return Infinity;
  return gains.slice(-Math.max(LOOK_BACK, gains.length >> 2)).reduce((sum, gain) => sum + gain, 0);
}

/** The second derivative of the objective times a vector of the weights' shape. */
async function curvatureTimes(
  { blocks, size, shared, deviation }: LogisticProblem,
  curvature: readonly Float32Array[],
  { vector, kernel }: { vector: Float64Array; kernel: Kernel },
): Promise<Float64Array> {
  const image = new Float64Array(vector.length);
  for (let j = 0; shared !== null && j < size; j += 1) image[j] = shared[j]! * vector[j]!;
  for (const [t, { features }] of blocks.entries()) {
    const total = taskTotal(vector, t, size);
    const own = await kernel.curve(features, curvature[t]!, total);
    for (let j = 0; j < size; j += 1) {
      if (shared !== null) image[j]! += own[j]!;
      const at = (t + 1) * size + j;
      if (Number.isFinite(deviation[j]!)) image[at] = own[j]! + deviation[j]! * vector[at]!;
    }
  }
  return image;
}

function dot(a: Float64Array, b: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i += 1) total += a[i]! * b[i]!;
  return total;
}
