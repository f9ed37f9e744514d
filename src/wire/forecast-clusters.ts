/** How COD saw a benchmark: questions that are learned alike, each cluster's law, and the way to the whole. */
import { z } from 'zod';
import { count, share, textOrNull } from './values.ts';

type RatePoint = { readonly flops: number; readonly rate: number };

export type Cluster = {
  /** Questions. */
  readonly size: number;
  /** `extrapolated`: behind the forecast; `saturated`: solved already; `dropped`: left out. */
  readonly state: 'extrapolated' | 'saturated' | 'dropped';
  /** Why, in words and numbers. */
  readonly reason: string | null;
  /** Mean rate at each model of the ladder. */
  readonly points: readonly RatePoint[];
  /** The fitted law from the smallest model to the target. */
  readonly law: readonly RatePoint[];
};

type MapPlace = { readonly subset: number; readonly full: number };

export type Clusters = {
  /** The largest rate at the largest model first. */
  readonly clusters: readonly Cluster[];
  /** Questions that fit into no cluster. */
  readonly outliers: number;
  /** From the accuracy on the extrapolated questions to that on all; null where nothing was extrapolated. */
  readonly map: {
    readonly points: readonly (MapPlace & { readonly label: string; readonly kind: string })[];
    readonly curve: readonly MapPlace[];
    /** Root mean square error on the points. */
    readonly rmse: number;
  } | null;
};

const ratePoints = z.array(z.strictObject({ flops: z.number(), rate: share }));

export const clustersSchema: z.ZodType<Clusters> = z
  .strictObject({
    clusters: z.array(
      z.strictObject({
        size: z.number().nonnegative(),
        state: z.enum(['extrapolated', 'saturated', 'dropped']),
        reason: textOrNull,
        points: ratePoints,
        law: ratePoints,
      }),
    ),
    outliers: count,
    map: z
      .strictObject({
        points: z.array(
          z.strictObject({ subset: share, full: share, label: z.string(), kind: z.string() }),
        ),
        curve: z.array(z.strictObject({ subset: share, full: share })),
        rmse: z.number(),
      })
      .nullable(),
  })
  .meta({ id: 'Clusters' });
