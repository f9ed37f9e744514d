/** Every route of the HTTP API with what it takes and gives: the service checks by it, the OpenAPI document is made of it. */
import type { z } from 'zod';
import { acknowledgementSchema, alertSchema } from './alert.ts';
import { checkpointSchema } from './checkpoint.ts';
import { comparisonSchema } from './compare.ts';
import { forecastDetailSchema, forecastSchema } from './forecasts.ts';
import { importsSchema } from './imports.ts';
import { itemMatrixSchema, shownItemSchema } from './items.ts';
import { estimateSchema, taskSchema } from './measures.ts';
import { overviewSchema, runSchema } from './overview.ts';
import { probeDetailSchema, probeSchema } from './probes.ts';
import {
  alertsQuery,
  checkpointsQuery,
  compareQuery,
  estimatesQuery,
  forecastsQuery,
  importsQuery,
  itemQuery,
  itemsQuery,
  noQuery,
  overviewQuery,
  runQuery,
  pageQuery,
  tasksQuery,
} from './queries.ts';
import { healthSchema } from './service.ts';
import { runTimelineSchema } from './timeline.ts';
import { transferDetailSchema, transferSchema } from './transfers.ts';
import { pageSchema } from './values.ts';

/** All paths below begin with it. */
export const apiRoot = '/api/v1';

export type Route = {
  readonly method: 'GET' | 'POST';
  /** With `{name}` for a part that is percent-encoded. */
  readonly path: string;
  /** One sentence. */
  readonly summary: string;
  readonly query: z.ZodType;
  readonly body: z.ZodType | null;
  readonly answer: z.ZodType;
};

const get = (
  path: string,
  summary: string,
  { query, answer }: { readonly query: z.ZodType; readonly answer: z.ZodType },
): Route => ({ method: 'GET', path, summary, query, body: null, answer });

/** `/events` (server-sent, see `eventSchema`) and `/openapi.json` stand beside these. */
export const routes: readonly Route[] = [
  get('/health', 'That the service is there.', { query: noQuery, answer: healthSchema }),
  get('/overview', 'Runs with their scoreboards, and open alerts.', {
    query: overviewQuery,
    answer: overviewSchema,
  }),
  get('/runs', 'All runs, the ones that changed last first.', {
    query: pageQuery,
    answer: pageSchema(runSchema),
  }),
  get('/runs/{run}', 'A run task by task: measured, probed, forecast.', {
    query: runQuery,
    answer: runTimelineSchema,
  }),
  get('/checkpoints', 'All checkpoints, by run, in the order of training.', {
    query: checkpointsQuery,
    answer: pageSchema(checkpointSchema),
  }),
  get('/tasks', 'Every task that there are outcomes or estimates of.', {
    query: tasksQuery,
    answer: pageSchema(taskSchema),
  }),
  get('/items', 'The questions of a task × the checkpoints of a run.', {
    query: itemsQuery,
    answer: itemMatrixSchema,
  }),
  get('/items/{item}', 'One question with its outcomes, answers and predictions.', {
    query: itemQuery,
    answer: shownItemSchema,
  }),
  get('/estimates', 'What probes said of tasks at checkpoints.', {
    query: estimatesQuery,
    answer: pageSchema(estimateSchema),
  }),
  get('/forecasts', 'Frozen forecasts, newest first, scored where the truth has come.', {
    query: forecastsQuery,
    answer: pageSchema(forecastSchema),
  }),
  get('/forecasts/{id}', 'A frozen forecast with its methods, clusters and laws.', {
    query: noQuery,
    answer: forecastDetailSchema,
  }),
  get('/probes', 'Fitted probes.', { query: pageQuery, answer: pageSchema(probeSchema) }),
  get('/probes/{name}', "A probe's card, and how its predictions turned out.", {
    query: noQuery,
    answer: probeDetailSchema,
  }),
  get('/transfers', 'How far probes carry: matrices, the latest first.', {
    query: pageQuery,
    answer: pageSchema(transferSchema),
  }),
  get('/transfers/{id}', 'Probes trained on rows and scored on columns, beside baselines.', {
    query: noQuery,
    answer: transferDetailSchema,
  }),
  get('/compare', 'Two checkpoints on the questions that both were asked.', {
    query: compareQuery,
    answer: comparisonSchema,
  }),
  get(
    '/imports',
    'Where outcomes came from, what was refused, what is missing, and what contradicts.',
    {
      query: importsQuery,
      answer: importsSchema,
    },
  ),
  get('/alerts', 'Alerts, newest first.', { query: alertsQuery, answer: pageSchema(alertSchema) }),
  {
    method: 'POST',
    path: '/alerts/{id}/acknowledge',
    summary: 'Says that somebody saw an alert; gives it back. The first to say so stays.',
    query: noQuery,
    body: acknowledgementSchema,
    answer: alertSchema,
  },
];
