/** Passes over several checkpoints at once, where one of them does not keep the machine busy. */
import { availableParallelism } from 'node:os';
import PQueue from 'p-queue';
import type { Checkpoint } from '../checkpoint/index.ts';
import type { Store } from '../store/index.ts';
import { findActivations } from './activations.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import { type WantedStates, wholePass } from './probe-states.ts';
import { type JobContext, startProgress } from './progress.ts';

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
  if (threads < 2 * LEAST_THREADS) return;
  const missing = await missingStates(store, checkpoints, wanted);
  const largest = Math.max(...missing.map(({ facts }) => facts.params));
  const useful = Math.max(LEAST_THREADS, Math.ceil(largest / PARAMETERS_OF_A_THREAD));
  const atOnce = Math.min(missing.length, Math.floor(threads / useful));
  const { suite, render, precision = 'f32' } = wanted;
  if (atOnce < 2 || suite.dir === null) return;
  const asked = { suite: suite.dir, tasks: [...suite.tasks.keys()], render, precision };
  const each = Math.floor(threads / atOnce);
  const label = `states of ${missing.length} checkpoints`;
  context.note(`${label}: ${atOnce} at a time, ${each} threads each`);
  const about = { label, unit: 'checkpoints', total: missing.length };
  const report = startProgress(context.progress, about);
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

/** Looks for the files alone: whoever needs the states reads them. */
async function missingStates(
  store: Store,
  checkpoints: readonly KnownCheckpoint[],
  wanted: WantedStates,
): Promise<Checkpoint[]> {
  const missing: Checkpoint[] = [];
  for (const checkpoint of checkpoints) {
    if (checkpoint.opened === null) continue;
    const found = await findActivations(store, checkpoint, wholePass(wanted));
    if (found === null) missing.push(checkpoint.opened);
  }
  return missing;
}
