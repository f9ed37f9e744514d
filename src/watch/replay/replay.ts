/** The bundled series as if it were being trained: checkpoints appear one by one in a folder that is watched. */
import { cp, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import {
  anyOutcomes,
  bundledSeries,
  fit,
  forecast,
  importRecords,
  type JobContext,
} from '../../jobs/index.ts';
import type { JobRunner } from '../../runner/index.ts';
import { encodeId, type Store } from '../../store/index.ts';
import { configureWatch } from '../configure.ts';
import { createWatcher, type WatchReport } from '../watcher.ts';
import { type CheckpointOutcomes, splitOutcomes } from './series-outcomes.ts';

export type ReplayOptions = {
  /** A folder of its own: checkpoints appear in `<folder>/d128L4`, their evaluations in `<folder>/evals`. */
  readonly folder: string;
  /** Milliseconds between two checkpoints. */
  readonly intervalMs: number;
  readonly runner: JobRunner;
  readonly onLook: (report: WatchReport) => void;
};

/** Evaluations come so many checkpoints late: they take an hour where the probe takes minutes. */
const lateBy = 2;

const probe = 'demo';

/**
 * Before the run: the ladder's outcomes, and a forecast of the last checkpoint. At its start: the early checkpoints with
 * their outcomes, and a probe fitted on them. Then one later checkpoint after the other, each measured when the second next
 * one comes. Called again, it goes on where it was. Returns the last look.
 */
export async function replay(
  store: Store,
  options: ReplayOptions,
  context: JobContext,
): Promise<WatchReport> {
  const series = await splitOutcomes(join(bundledSeries.dir, 'outcomes.csv'));
  const early = series.filter(({ step }) => step <= bundledSeries.lastFittedStep);
  const later = series.slice(early.length);
  await forecastLast(store, series, context);
  for (const one of early) await arrive(one, options);
  for (const one of early) await measure(store, one, { options, context });
  await fitEarly(store, early, { options, context });
  const { note, signal } = context;
  const settings = configureWatch(
    {
      ...{ dir: runFolder(options), probes: [probe], tasks: null, ladder: null },
      ...{ labelQuestions: null, quietPeriod: 0 },
      exports: { tensorboard: null, prometheus: null, jsonl: null },
    },
    {},
    { env: {}, note, sectionDir: options.folder },
  );
  const watcher = createWatcher(store, options.runner, settings, {
    ...{ note, signal, clock: Date.now },
  });
  let report = await watcher.look();
  options.onLook(report);
  for (const [index, one] of later.entries()) {
    await wait(options.intervalMs, undefined, { signal });
    await arrive(one, options);
    report = await watcher.look();
    options.onLook(report);
    const measured = later[index - lateBy];
    if (measured !== undefined) await measure(store, measured, { options, context });
  }
  for (const one of later.slice(-lateBy)) await measure(store, one, { options, context });
  return report;
}

function runFolder({ folder }: ReplayOptions): string {
  return join(folder, bundledSeries.run);
}

async function forecastLast(
  store: Store,
  series: readonly CheckpointOutcomes[],
  context: JobContext,
): Promise<void> {
  const last = series.at(-1);
  await importRecords(store, join(bundledSeries.dir, 'ladder.csv'), {}, context);
  await forecast(
    store,
    {
      ...{ suite: join(bundledSeries.dir, 'suite'), ladder: bundledSeries.ladder, ...anyOutcomes },
      ...{
        target: last?.checkpoint ?? null,
        targetFlops: last === undefined ? null : [last.flops],
      },
      ...{ anchors: [], against: [], tasks: null, benchmark: 'task', methods: null, reach: null },
      ...{ replicates: 200, seed: 0, draw: 'none' },
    },
    context,
  );
}

/** As a trainer that writes aside and renames: whole at once. */
async function arrive({ checkpoint }: CheckpointOutcomes, options: ReplayOptions): Promise<void> {
  const name = basename(checkpoint);
  const target = join(runFolder(options), name);
  const aside = join(runFolder(options), `.${name}`);
  // It is there from an earlier start, or that one was cut off.
  if ((await stat(target).catch(() => null)) !== null) return;
  await rm(aside, { recursive: true, force: true });
  await mkdir(runFolder(options), { recursive: true });
  await cp(join(bundledSeries.dir, checkpoint), aside, { recursive: true });
  await rename(aside, target);
}

async function measure(
  store: Store,
  { checkpoint, csv }: CheckpointOutcomes,
  { options, context }: { readonly options: ReplayOptions; readonly context: JobContext },
): Promise<void> {
  const path = join(options.folder, 'evals', `${encodeId(checkpoint)}.csv`);
  await mkdir(join(options.folder, 'evals'), { recursive: true });
  await writeFile(path, csv);
  await importRecords(store, path, {}, context);
}

async function fitEarly(
  store: Store,
  early: readonly CheckpointOutcomes[],
  { options, context }: { readonly options: ReplayOptions; readonly context: JobContext },
): Promise<void> {
  if ((await store.probes.find(probe)) !== null) return;
  await fit(
    store,
    {
      ...{ suite: join(bundledSeries.dir, 'suite'), tasks: null, render: 'auto', ...anyOutcomes },
      checkpoints: early.map(({ checkpoint }) => join(runFolder(options), basename(checkpoint))),
    },
    { name: probe, probe: 'linear', holdout: 0.4, seed: 0 },
    context,
  );
}
