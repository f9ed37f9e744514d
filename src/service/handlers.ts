/** Which answer each route gives, and what of the store it depends on. */
import { basename, dirname } from 'node:path';
import type { z } from 'zod';
import {
  anyOutcomes,
  type Board,
  type BoardRun,
  checkpointsOf,
  compareStored,
  describeForecast,
  describeProbe,
  describeTransfer,
  estimatesOf,
  forecastDetail,
  importsOf,
  itemMatrix,
  overviewOf,
  probeDetail,
  questionOf,
  questionsOf,
  runsOf,
  tasksOf,
  timelineOf,
} from '../jobs/index.ts';
import type { StoreKind } from '../store/index.ts';
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
  pageQuery,
  runQuery,
  tasksQuery,
} from '../wire/index.ts';
import { HttpError } from './http-error.ts';
import { pageOf } from './paging.ts';
import { kindsOf, type Sources } from './sources.ts';

export type Asked = {
  /** The parts of the path that stand for `{…}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** As it was sent. */
  readonly query: Readonly<Record<string, string>>;
};

export type Handler = {
  /** An answer is the same as long as nothing of these is new. */
  readonly kinds: readonly StoreKind[];
  readonly answer: (sources: Sources, asked: Asked) => Promise<object>;
};

const { board, probes, transfers, forecasts, alerts } = kindsOf;

/** By the route's path; all are of GET. */
export const handlers: Readonly<Record<string, Handler>> = {
  '/overview': handler([...board, ...forecasts, ...alerts], overviewQuery, overview),
  '/runs': handler([...board, ...alerts], pageQuery, async (sources, { query }) =>
    pageOf(runsOf(await sources.board(), (await sources.alerts()).filter(isOpen)), query),
  ),
  '/runs/{run}': handler([...board, ...forecasts], runQuery, async (sources, { params, query }) => {
    const known = await sources.board();
    const run = findRun(known, params['run']);
    const [listed, fitted] = await Promise.all([sources.forecasts(), sources.probes()]);
    return timelineOf(known, run, { forecasts: listed, probes: fitted, query });
  }),
  '/checkpoints': handler(board, checkpointsQuery, async (sources, { query }) =>
    pageOf(checkpointsOf(await sources.board(), query.run ?? null), query),
  ),
  '/tasks': handler(board, tasksQuery, async (sources, { query }) =>
    pageOf(tasksOf(await sources.board(), query.suite ?? null), query),
  ),
  '/items': handler([...board, 'predictions'], itemsQuery, async (sources, { query }) => {
    const known = await sources.board();
    const run = findRun(known, query.run);
    const task = known.tasks.find((one) => one.suite === query.suite && one.task === query.task);
    if (task === undefined) {
      throw new HttpError('not-found', `no task \`${query.task}\` of suite \`${query.suite}\``);
    }
    return await itemMatrix(sources.store, { run, task, query });
  }),
  '/items/{item}': handler(
    [...board, 'predictions', 'answers', 'log-answers'],
    itemQuery,
    async (sources, { params, query }) => {
      const checkpoints = await checkpointsAsked(sources, query.run);
      return await questionOf(sources.store, params['item'] ?? '', { query, checkpoints });
    },
  ),
  '/estimates': handler(board, estimatesQuery, async (sources, { query }) =>
    pageOf(estimatesOf(await sources.board(), query), query),
  ),
  '/forecasts': handler(forecasts, forecastsQuery, async (sources, { query }) => {
    const listed = await sources.forecasts();
    const own = listed.filter(({ suite }) => (query.suite ?? suite) === suite);
    return pageOf(own.map(describeForecast), query);
  }),
  '/forecasts/{id}': handler(forecasts, noQuery, async (sources, { params }) => {
    const id = params['id'] ?? '';
    const listed = (await sources.forecasts()).find((one) => one.id === id);
    if (listed === undefined) throw new HttpError('not-found', `no forecast \`${id}\``);
    return await forecastDetail(sources.store, listed);
  }),
  '/probes': handler(probes, pageQuery, async (sources, { query }) =>
    pageOf((await sources.probes()).map(describeProbe), query),
  ),
  '/probes/{name}': handler([...board, 'predictions'], noQuery, async (sources, { params }) => {
    const name = params['name'] ?? '';
    const probe = (await sources.probes()).find(({ card }) => card.name === name);
    if (probe === undefined) throw new HttpError('not-found', `no probe \`${name}\``);
    return await probeDetail(sources.store, probe, await sources.board());
  }),
  '/transfers': handler(transfers, pageQuery, async (sources, { query }) =>
    pageOf((await sources.transfers()).map(describeTransfer), query),
  ),
  '/transfers/{id}': handler(transfers, noQuery, async (sources, { params }) => {
    const id = params['id'] ?? '';
    const matrix = (await sources.transfers()).find((one) => one.id === id);
    if (matrix === undefined) throw new HttpError('not-found', `no transfer \`${id}\``);
    return matrix;
  }),
  '/compare': handler(board, compareQuery, compare),
  '/imports': handler([...board, 'refused-imports'], importsQuery, async (sources, { query }) =>
    importsOf(sources.store, await sources.board(), query.gaps ?? 500),
  ),
  '/alerts': handler(alerts, alertsQuery, async (sources, { query }) => {
    const { state = 'open', run } = query;
    const wanted = (await sources.alerts()).filter(
      (alert) =>
        (state === 'all' || isOpen(alert) === (state === 'open')) &&
        (run ?? alert.run) === alert.run,
    );
    return pageOf(wanted, query);
  }),
};

/** The answers of `/items/{item}` for many questions of one run. */
export async function manyQuestions(
  sources: Sources,
  items: readonly string[],
  query: { readonly suite: string; readonly run: string },
): Promise<ReturnType<typeof questionsOf>> {
  const checkpoints = await checkpointsAsked(sources, query.run);
  return await questionsOf(sources.store, items, { query, checkpoints });
}

/** Null: all. */
async function checkpointsAsked(
  sources: Sources,
  run: string | undefined,
): Promise<readonly string[] | null> {
  if (run === undefined) return null;
  return findRun(await sources.board(), run).checkpoints.map(({ checkpoint }) => checkpoint);
}

type Parsed<Query> = { readonly params: Asked['params']; readonly query: Query };

function handler<Query>(
  kinds: readonly StoreKind[],
  schema: z.ZodType<Query>,
  answer: (sources: Sources, asked: Parsed<Query>) => object | Promise<object>,
): Handler {
  return {
    kinds: [...new Set(kinds)],
    answer: async (sources, { params, query }) => {
      const parsed = schema.safeParse(query);
      if (parsed.success) return await answer(sources, { params, query: parsed.data });
      const [issue] = parsed.error.issues;
      const where = issue?.path.map(String).join('.') ?? '';
      throw new HttpError(
        'bad-request',
        `query${where === '' ? '' : `, \`${where}\``}: ${issue?.message ?? 'not understood'}`,
      );
    },
  };
}

const isOpen = ({ closedAt }: { readonly closedAt: string | null }): boolean => closedAt === null;

/** Runs with a scoreboard, where nobody says how many. */
const usualRuns = 20;

async function overview(
  sources: Sources,
  { query }: Parsed<z.output<typeof overviewQuery>>,
): Promise<object> {
  const { dir } = sources.store;
  const limit = query.limit ?? usualRuns;
  const known = await sources.board();
  return overviewOf(known, {
    changes: await sources.changes(known.runs.slice(0, limit)),
    project: basename(dirname(dir)),
    alerts: (await sources.alerts()).filter(isOpen),
    forecasts: (await sources.forecasts()).length,
    probes: (await sources.probes()).length,
    limit,
  });
}

/** Questions listed, where nobody says how many. */
const usualFlips = 50;

async function compare(
  sources: Sources,
  { query }: Parsed<z.output<typeof compareQuery>>,
): Promise<object> {
  const known = await sources.board();
  const suites = new Set(known.tasks.map(({ suite }) => suite));
  const { suite = null, task } = query;
  if (suite !== null && !suites.has(suite)) {
    throw new HttpError('not-found', `no suite \`${suite}\``);
  }
  const report = await compareStored(
    sources.store,
    {
      ...anyOutcomes,
      ...{ a: measuredIn(known, query.a), b: measuredIn(known, query.b), suite },
      tasks: task === undefined ? null : [task],
      flips: query.flips ?? usualFlips,
    },
    sources.context,
  );
  const { a, b, level, paired, tasks, exclusions, flips } = report;
  return {
    ...{ a, b, level, paired, tasks, flips },
    exclusions: exclusions.map(({ suite: of, task: about, items, reason }) => ({
      ...{ suite: of, task: about, items, reason },
    })),
  };
}

/** A checkpoint, or the last one of a run that was measured. */
function measuredIn({ runs, checkpoints, tasks }: Board, name: string): string {
  if (checkpoints.has(name)) return name;
  const run = runs.find((one) => one.run === name);
  if (run === undefined) throw new HttpError('not-found', `no checkpoint and no run \`${name}\``);
  const last = run.checkpoints.findLast(({ checkpoint }) =>
    tasks.some(({ measured }) => measured.has(checkpoint)),
  );
  if (last !== undefined) return last.checkpoint;
  throw new HttpError('conflict', `nothing of run \`${name}\` is measured yet`);
}

function findRun({ runs }: Board, name: string | undefined): BoardRun {
  const run = runs.find((one) => one.run === name);
  if (run === undefined) throw new HttpError('not-found', `no run \`${name ?? ''}\``);
  return run;
}
