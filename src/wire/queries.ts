/** What may stand behind the `?` of a route. */
import { z } from 'zod';

/** No name is longer; a query is refused before anything is done with it. */
const name = z.string().min(1).max(1024);
const whole = (most: number, least = 0): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d{1,9}$/, 'expected a whole number')
    .transform(Number)
    .pipe(z.number().min(least).max(most));

/** A list, in pages. */
export type PageQuery = {
  /** Rows of a page, 1 to 1000. @default 200 */
  readonly limit?: number | undefined;
  /** `next` of the page before. */
  readonly cursor?: string | undefined;
};
const page = { limit: whole(1000, 1).optional(), cursor: name.optional() };

type Query<Value> = z.ZodType<Value>;

export const noQuery: Query<Record<string, never>> = z.strictObject({});
export const pageQuery: Query<PageQuery> = z.strictObject(page);

export type OverviewQuery = {
  /** Runs with a scoreboard, 1 to 100. @default 20 */
  readonly limit?: number | undefined;
};
export const overviewQuery: Query<OverviewQuery> = z.strictObject({
  limit: whole(100, 1).optional(),
});

export type RunQuery = { readonly suite?: string | undefined; readonly task?: string | undefined };
export const runQuery: Query<RunQuery> = z.strictObject({
  suite: name.optional(),
  task: name.optional(),
});

export type CheckpointsQuery = PageQuery & { readonly run?: string | undefined };
export const checkpointsQuery: Query<CheckpointsQuery> = z.strictObject({
  ...page,
  run: name.optional(),
});

export type TasksQuery = PageQuery & { readonly suite?: string | undefined };
export const tasksQuery: Query<TasksQuery> = z.strictObject({ ...page, suite: name.optional() });

export type ItemsQuery = {
  readonly suite: string;
  readonly task: string;
  readonly run: string;
  /** Default: the only one, or the one with the most outcomes. */
  readonly filter?: string | undefined;
  /** Default: the one that spoke last. */
  readonly probe?: string | undefined;
};
export const itemsQuery: Query<ItemsQuery> = z.strictObject({
  suite: name,
  task: name,
  run: name,
  filter: name.optional(),
  probe: name.optional(),
});

export type ItemQuery = {
  readonly suite: string;
  readonly run?: string | undefined;
  /** Answers a checkpoint, 0 to 100. @default 3 */
  readonly answers?: number | undefined;
};
export const itemQuery: Query<ItemQuery> = z.strictObject({
  suite: name,
  run: name.optional(),
  answers: whole(100).optional(),
});

export type EstimatesQuery = PageQuery & {
  readonly run?: string | undefined;
  readonly suite?: string | undefined;
  readonly task?: string | undefined;
  readonly checkpoint?: string | undefined;
  readonly probe?: string | undefined;
};
export const estimatesQuery: Query<EstimatesQuery> = z.strictObject({
  ...page,
  run: name.optional(),
  suite: name.optional(),
  task: name.optional(),
  checkpoint: name.optional(),
  probe: name.optional(),
});

export type ForecastsQuery = PageQuery & { readonly suite?: string | undefined };
export const forecastsQuery: Query<ForecastsQuery> = z.strictObject({
  ...page,
  suite: name.optional(),
});

export type CompareQuery = {
  /** A checkpoint, or a run: the last one of it that was measured. */
  readonly a: string;
  readonly b: string;
  readonly suite?: string | undefined;
  readonly task?: string | undefined;
  /** Questions listed, 0 to 1000. @default 50 */
  readonly flips?: number | undefined;
};
export const compareQuery: Query<CompareQuery> = z.strictObject({
  a: name,
  b: name,
  suite: name.optional(),
  task: name.optional(),
  flips: whole(1000).optional(),
});

export type ImportsQuery = {
  /** Gaps listed, 0 to 5000. @default 500 */
  readonly gaps?: number | undefined;
};
export const importsQuery: Query<ImportsQuery> = z.strictObject({ gaps: whole(5000).optional() });

export type AlertsQuery = PageQuery & {
  /** @default open */
  readonly state?: 'open' | 'closed' | 'all' | undefined;
  readonly run?: string | undefined;
};
export const alertsQuery: Query<AlertsQuery> = z.strictObject({
  ...page,
  state: z.enum(['open', 'closed', 'all']).optional(),
  run: name.optional(),
});
