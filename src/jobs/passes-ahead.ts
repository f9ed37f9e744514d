/** Passes over several checkpoints at once, where one of them does not keep the machine busy. */
import { availableParallelism } from 'node:os';
import PQueue from 'p-queue';
import type { Store } from '../store/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import { findProbeStates, type WantedStates } from './probe-states.ts';
import { type JobContext, startProgress } from './progress.ts';
import { StateCache } from './state-cache.ts';

/** A pass of fewer threads gains too little for the start of its process (`bench/at-once.mjs`). */
const LEAST_THREADS = 2;
/** Of a model. Assumed: with two threads no size up to 80 million gained more than a sixth from passes side by side. */
const PARAMETERS_OF_A_THREAD = 4e6;

/**
 * Has the states that are missing computed by other processes, several at a time, where the context offers that and the
 * models are small. Does nothing otherwise, and tells no fault: who needs the states then computes them, or fails, as always.
 */
export async function passesAhead(
  store: Store,
  checkpoints: readonly KnownCheckpoint[],
  wanted: WantedStates,
  context: JobContext,
): Promise<void> {
  const { passApart, limits = {}, signal } = context;
  const isLimited = (limits.memoryBytes ?? limits.batchTokens ?? limits.device ?? null) !== null;
  if (passApart === undefined || isLimited || wanted.exit !== null) return;
  const threads = limits.threads ?? availableParallelism();
  const missing = await missingStates(store, checkpoints, wanted, context);
  const largest = Math.max(...missing.map(({ params }) => params));
  const useful = Math.max(LEAST_THREADS, Math.ceil(largest / PARAMETERS_OF_A_THREAD));
  const atOnce = Math.min(missing.length, Math.floor(threads / useful));
  const { suite, render, precision = 'f32' } = wanted;
  if (atOnce < 2 || suite.dir === null) return;
  const asked = { suite: suite.dir, tasks: [...suite.tasks.keys()], render, precision };
  const each = Math.floor(threads / atOnce);
  const label = `states of ${missing.length} checkpoints`;
  context.note(`${label}: ${atOnce} at a time, ${each} threads each`);
  const report = startProgress(context.progress, {
    ...{ label, unit: 'checkpoints', total: missing.length },
  });
  const queue = new PQueue({ concurrency: atOnce });
  let done = 0;
  await Promise.all(
    missing.map(({ dir }) =>
      queue.add(async () => {
        if (signal.aborted) return;
        await passApart({ ...asked, dir, threads: each }, signal).catch(() => undefined);
        report((done += 1));
      }),
    ),
  );
  signal.throwIfAborted();
}

async function missingStates(
  store: Store,
  checkpoints: readonly KnownCheckpoint[],
  wanted: WantedStates,
  context: JobContext,
): Promise<{ readonly dir: string; readonly params: number }[]> {
  const missing: { readonly dir: string; readonly params: number }[] = [];
  for (const checkpoint of checkpoints) {
    const { opened } = checkpoint;
    if (opened === null) continue;
    const found = await findProbeStates(store, checkpoint, wanted, {
      ...{ cache: new StateCache(), context },
    });
    if (found === null) missing.push({ dir: opened.dir, params: opened.facts.params });
  }
  return missing;
}
