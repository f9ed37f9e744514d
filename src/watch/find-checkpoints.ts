import { resolve, sep } from 'node:path';
import { createJob, resultOf } from '../runner/index.ts';
import type { Store } from '../store/index.ts';
import type { Discovered, Discovery } from './discovery.ts';
import type { FoundCheckpoint } from './runs.ts';
import { StepFailed, type StepFailure, type Steps } from './steps.ts';

/** A checkpoint that cannot be worked on, or not yet. */
export type Waiting = {
  readonly dir: string;
  readonly state: 'incomplete' | 'settling' | 'refused';
  /** What is missing or wrong; null while it settles. */
  readonly reason: string | null;
};

export type FoundCheckpoints = {
  readonly found: readonly FoundCheckpoint[];
  readonly waiting: readonly Waiting[];
  readonly failures: readonly StepFailure[];
};

/**
 * Checkpoints that are there, registered, and those that were and have been pruned since. Of two folders with one id the
 * one that comes first counts, the other is refused.
 */
export async function findCheckpoints(
  store: Store,
  {
    dir,
    discovery,
    steps,
    nowMs,
  }: { dir: string; discovery: Discovery; steps: Steps; nowMs: number },
): Promise<FoundCheckpoints> {
  const discovered = await discovery.look(nowMs);
  const waiting = discovered.flatMap(toWaiting);
  const complete = discovered.filter(({ state }) => state === 'complete');
  const settled = await Promise.allSettled(
    complete.map(({ dir: folder, signature }) =>
      steps.do(createJob('register', { dir: folder, signature }, 1)),
    ),
  );
  const found = new Map<string, FoundCheckpoint>();
  const failures: StepFailure[] = [];
  for (const [index, one] of settled.entries()) {
    const { modifiedAt = null, dir: folder = '' } = complete[index] ?? {};
    if (one.status === 'rejected') {
      if (!(one.reason instanceof StepFailed)) throw one.reason;
      failures.push(one.reason.failure);
      continue;
    }
    const registered = one.value;
    const other = found.get(registered.checkpoint);
    if (other === undefined) found.set(registered.checkpoint, { registered, modifiedAt });
    else {
      const reason = `its id ${registered.checkpoint} is that of ${other.registered.dir} too; rename one of the two`;
      waiting.push({ dir: folder, state: 'refused', reason });
    }
  }
  const there = new Set(discovered.map((one) => one.dir));
  for (const pruned of await prunedBelow(store, dir, there)) {
    const { checkpoint } = pruned.registered;
    if (!found.has(checkpoint)) found.set(checkpoint, pruned);
  }
  return { found: [...found.values()], waiting, failures };
}

function toWaiting(one: Discovered): Waiting[] {
  if (one.state === 'complete') return [];
  const reason =
    one.state === 'incomplete'
      ? `missing ${one.missing.join(', ')}`
      : one.state === 'refused'
        ? one.reason
        : null;
  return [{ dir: one.dir, state: one.state, reason }];
}

/** As the store remembers them; the latest where several stood in one folder. */
async function prunedBelow(
  store: Store,
  dir: string,
  there: ReadonlySet<string>,
): Promise<FoundCheckpoint[]> {
  const root = `${resolve(dir)}${sep}`;
  const records = (await store.jobs.list({ prefix: 'register-' })).sort((a, b) =>
    (a.finishedAt ?? '') < (b.finishedAt ?? '') ? -1 : 1,
  );
  const latest = new Map<string, FoundCheckpoint>();
  for (const record of records) {
    const registered = resultOf('register', record);
    if (registered === null || !registered.dir.startsWith(root) || there.has(registered.dir))
      continue;
    latest.set(registered.dir, { registered, modifiedAt: null });
  }
  return [...latest.values()];
}
