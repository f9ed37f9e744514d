/** Clustering-On-Difficulty of a ladder in numbers to look at: its clusters, their laws, and the way to the whole. */
import { evaluateLaw } from '../laws/index.ts';
import type { Ladder, Target } from '../ladder.ts';
import { type CodFit, type CodPart, fitCod, judgeClusters, type JudgedCluster } from './cod-fit.ts';
import { fitSubsetMap } from './subset-map.ts';
import { codDefaults } from './variants.ts';
import { type LabelledMapPoint, mapPoints } from './whole.ts';

type RatePoint = { readonly flops: number; readonly rate: number };

export type ClusterDescription = {
  /** Items. */
  readonly size: number;
  readonly state: JudgedCluster['decision']['state'];
  /** In words and numbers. */
  readonly reason: string;
  /** Mean pass rate of each model of the ladder, 0…1. */
  readonly points: readonly RatePoint[];
  /** The fitted law, in equal factors of compute from the smallest model to the target. */
  readonly law: readonly RatePoint[];
};

export type CodDescription = {
  /** The easiest at the largest model first. */
  readonly clusters: readonly ClusterDescription[];
  /** Items that fit nowhere. */
  readonly outliers: number;
  /** From the accuracy on the extrapolated items to that on all, as a monotone spline; null where none are. */
  readonly map: {
    readonly points: readonly LabelledMapPoint[];
    readonly curve: readonly { readonly subset: number; readonly full: number }[];
    /** Root mean square error on the points. */
    readonly rmse: number;
  } | null;
};

/** Of a drawn curve. */
const steps = 24;

/**
 * How the forecaster `cod` sees a benchmark at a target; null where it cannot be fitted: without outcomes per item, or on
 * fewer than three models. Clusters are those of one half of the answers where they are fitted on the other.
 */
export function describeCod(
  ladder: Ladder,
  { flops }: Pick<Target, 'flops'>,
  { seed = 0 }: { readonly seed?: number } = {},
): CodDescription | null {
  const smallest = ladder.models[0]?.flops;
  if (ladder.items === null || ladder.models.length < 3 || smallest === undefined) return null;
  const fit = fitCod(ladder, codDefaults, { seed });
  const [part] = fit.parts;
  if (part === undefined) return null;
  const judged = judgeClusters(fit, part, { target: flops, smallest });
  const described = judged.map((cluster) => describe(cluster, ladder, { flops, smallest }));
  return {
    clusters: described.sort((a, b) => lastRate(b) - lastRate(a)),
    outliers: part.outliers.size,
    map: describeMap(fit, part, judged),
  };
}

function describe(
  { size, decision, rates, fit }: JudgedCluster,
  { models }: Ladder,
  { flops, smallest }: { readonly flops: number; readonly smallest: number },
): ClusterDescription {
  const drawn = Array.from(
    { length: steps + 1 },
    (_, step) => smallest * (flops / smallest) ** (step / steps),
  );
  return {
    size,
    ...decision,
    points: models.map((model, index) => ({ flops: model.flops, rate: rates[index]! })),
    law: drawn.map((at) => ({ flops: at, rate: evaluateLaw(fit.parameters, at / smallest) })),
  };
}

function lastRate({ points }: ClusterDescription): number {
  return points.at(-1)?.rate ?? 0;
}

function describeMap(
  fit: CodFit,
  part: CodPart,
  judged: readonly JudgedCluster[],
): CodDescription['map'] {
  if (!judged.some(({ decision }) => decision.state === 'extrapolated')) return null;
  const points = mapPoints(fit, part, judged);
  const map = fitSubsetMap(points, { kind: 'spline' });
  const curve = Array.from({ length: steps + 1 }, (_, step) => ({
    subset: step / steps,
    full: map.evaluate(step / steps),
  }));
  return { points, curve, rmse: map.rmse };
}
