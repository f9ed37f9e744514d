import type { Direction } from './conjugate-direction.ts';
import type { Kernel } from './kernel.ts';
import { type LogisticProblem, taskTotal } from './task-blocks.ts';

/** A point of the search: its objective, and the weights whose logits stand in the blocks. */
export type Point = { readonly weights: Float64Array; readonly objective: number };

/** Share of the promised decrease that a step has to keep (Armijo 1966). */
const KEPT = 1e-4;

/** The objective at `weights`, in nats; leaves each block's logits in `block.logit`. Sums are in float64. */
export function pointAt(problem: LogisticProblem, weights: Float64Array): Point {
  problem.blocks.forEach(({ features, logit, offset }, t) => {
    project(features, taskTotal(weights, t, problem.size), logit);
    offset.forEach((odds, i) => (logit[i]! += odds));
  });
  const objective = 0.5 * penalty(problem, weights, weights) + loss(problem, null, 0);
  return { weights, objective };
}

/**
 * The point along a direction that is reached by its whole step, or by as often the half of it as the objective asks for;
 * null where nothing is gained. The blocks' logits move along: the features are read once for all lengths, in float32,
 * whose error shrinks with the step.
 */
export async function searchAlong(
  problem: LogisticProblem,
  { weights, objective }: Point,
  { step, decrease }: Direction,
  kernel: Kernel,
): Promise<Point | null> {
  const images: Float32Array[] = [];
  for (const [t, { features }] of problem.blocks.entries()) {
    const total = Float32Array.from(taskTotal(step, t, problem.size));
    images.push(await kernel.multiply(features, total, problem.size));
  }
  const [fixed, slope, bend] = [
    penalty(problem, weights, weights),
    penalty(problem, weights, step),
    penalty(problem, step, step),
  ];
  for (let length = 1; length > 1e-8; length /= 2) {
    const ridge = 0.5 * fixed + length * slope + 0.5 * length * length * bend;
    const reached = ridge + loss(problem, images, length);
    if (!(reached <= objective - KEPT * length * decrease)) continue;
    problem.blocks.forEach(({ logit }, t) => {
      images[t]!.forEach((value, i) => (logit[i]! += length * value));
    });
    return { weights: weights.map((value, i) => value + length * step[i]!), objective: reached };
  }
  return null;
}

/** Σ ridge · a · b over the weights that there are. */
function penalty(
  { blocks, size, shared, deviation }: LogisticProblem,
  a: Float64Array,
  b: Float64Array,
): number {
  let sum = 0;
  for (let j = 0; shared !== null && j < size; j += 1) sum += shared[j]! * a[j]! * b[j]!;
  for (let t = 1; t <= blocks.length; t += 1) {
    for (let j = 0; j < size; j += 1) {
      const ridge = deviation[j]!;
      if (Number.isFinite(ridge)) sum += ridge * a[t * size + j]! * b[t * size + j]!;
    }
  }
  return sum;
}

/** Σ weight · [log(1 + exp z) − rate z] with each block's logits moved by `length` times its image. */
function loss(
  { blocks }: LogisticProblem,
  images: readonly Float32Array[] | null,
  length: number,
): number {
  let sum = 0;
  blocks.forEach(({ rows, logit, weight, rate }, t) => {
    const image = images?.[t];
    for (let i = 0; i < rows; i += 1) {
      const z = image === undefined ? logit[i]! : logit[i]! + length * image[i]!;
      const softplus = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
      sum += weight[i]! * (softplus - rate[i]! * z);
    }
  });
  return sum;
}

/** X · v into `out`; four sums side by side, because one would wait for itself. */
function project(x: Float32Array, v: Float64Array, out: Float64Array): void {
  if (v.every((value) => value === 0)) return void out.fill(0);
  const width = v.length;
  for (let i = 0; i < out.length; i += 1) {
    const at = i * width;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    let j = 0;
    for (; j + 3 < width; j += 4) {
      s0 += x[at + j]! * v[j]!;
      s1 += x[at + j + 1]! * v[j + 1]!;
      s2 += x[at + j + 2]! * v[j + 2]!;
      s3 += x[at + j + 3]! * v[j + 3]!;
    }
    for (; j < width; j += 1) s0 += x[at + j]! * v[j]!;
    out[i] = s0 + s1 + (s2 + s3);
  }
}
