import { z } from 'zod';
import type { Store } from '../../store/index.ts';
import type { Forecast, ForecastDetail, ForecastedBenchmark } from '../../wire/index.ts';
import type { ListedForecast } from '../forecast/index.ts';
import type { Body } from './body.ts';

export function describeForecast(listed: ListedForecast): Forecast {
  const { id, createdAt, suite, target, ladder, changed, note, benchmarks } = listed;
  return {
    ...{ id, createdAt, suite, target, ladder, changed, note },
    tasks: benchmarks.map(
      ({ task, accuracy, low, high, verdict, measured, ...rest }): Forecast['tasks'][number] => ({
        ...{ task, accuracy, low, high, verdict, measured },
        measuredItems: rest.measuredItems,
        expectedItems: rest.expectedItems,
        errorPoints: rest.errorPoints,
        covered: rest.covered,
        covered80: rest.covered80,
      }),
    ),
  };
}

/** A frozen forecast as its file tells it, beside how it turned out. */
export async function forecastDetail(
  store: Store,
  listed: ListedForecast,
): Promise<Body<ForecastDetail>> {
  const parsed = frozenSchema.safeParse((await store.forecasts.read(listed.id))?.document);
  const { sonde = null, benchmarks = [], exclusions = [] } = parsed.success ? parsed.data : {};
  return { ...describeForecast(listed), madeBy: sonde, benchmarks, exclusions };
}

const number = z.number().nullable();
const pair = z.union([z.tuple([z.number(), z.number()]), z.tuple([z.null(), z.null()])]);
const ratePoints = z.array(z.object({ flops: z.number(), rate: z.number() }));

const clusters: z.ZodType<NonNullable<ForecastedBenchmark['clusters']>> = z.object({
  clusters: z.array(
    z.object({
      size: z.number(),
      state: z.enum(['extrapolated', 'saturated', 'dropped']),
      reason: z.string().nullable(),
      points: ratePoints,
      law: ratePoints,
    }),
  ),
  outliers: z.number(),
  map: z
    .object({
      points: z.array(
        z.object({ subset: z.number(), full: z.number(), label: z.string(), kind: z.string() }),
      ),
      curve: z.array(z.object({ subset: z.number(), full: z.number() })),
      rmse: z.number(),
    })
    .nullable(),
});

/** Of the file, what is shown; what earlier versions did not write is null. */
const frozenSchema = z.object({
  sonde: z.string(),
  benchmarks: z.array(
    z.object({
      task: z.string(),
      items: z.number(),
      chance: number.default(null),
      ladder: z.array(
        z.object({
          checkpoint: z.string(),
          flops: z.number(),
          accuracy: z.number(),
          standardError: number,
        }),
      ),
      methods: z.array(
        z.object({
          method: z.string(),
          accuracy: number,
          low: number,
          high: number,
          intervals: z.object({ '0.8': pair, '0.95': pair }).nullable(),
          verdict: z.enum(['predictable', 'not-predictable']),
          reason: z.string().nullable().default(null),
          backtestPoints: number.default(null),
          predictableShare: number.default(null),
        }),
      ),
      chosen: z.string(),
      evidence: z.record(z.string(), number),
      clusters: clusters.nullable().default(null),
    }),
  ),
  exclusions: z.array(
    z.object({
      task: z.string().nullable(),
      checkpoint: z.string().nullable(),
      items: z.number(),
      reason: z.string(),
    }),
  ),
});
