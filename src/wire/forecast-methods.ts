import { z } from 'zod';
import { numberOrNull, shareOrNull, textOrNull } from './values.ts';

type Pair = readonly [low: number, high: number] | readonly [low: null, high: null];

/** What one method forecast. `chosen` is the answer that Sonde stands behind. */
export type ForecastMethod = {
  readonly method: string;
  /** Null where nothing could be computed. */
  readonly accuracy: number | null;
  /** The 95 % interval. */
  readonly low: number | null;
  readonly high: number | null;
  readonly intervals: { readonly '0.8': Pair; readonly '0.95': Pair } | null;
  readonly verdict: 'predictable' | 'not-predictable';
  readonly reason: string | null;
  /** Error on the ladder's largest model, forecast from the smaller ones; null for older files and short ladders. */
  readonly backtestPoints: number | null;
  readonly predictableShare: number | null;
};

const pair = z.union([z.tuple([z.number(), z.number()]), z.tuple([z.null(), z.null()])]);

export const forecastMethodSchema: z.ZodType<ForecastMethod> = z
  .strictObject({
    method: z.string(),
    accuracy: shareOrNull,
    low: shareOrNull,
    high: shareOrNull,
    intervals: z.strictObject({ '0.8': pair, '0.95': pair }).nullable(),
    verdict: z.enum(['predictable', 'not-predictable']),
    reason: textOrNull,
    backtestPoints: numberOrNull,
    predictableShare: shareOrNull,
  })
  .meta({ id: 'ForecastMethod' });
