import { setTimeout as wait } from 'node:timers/promises';
import type { Watcher, WatchReport } from './watcher.ts';

/**
 * Looks again and again until the signal; a look that it interrupts is given up, what it finished is kept. Returns the
 * last whole look; null where there was none.
 */
export async function watch(
  watcher: Watcher,
  {
    pollMs,
    signal,
    onLook,
  }: {
    readonly pollMs: number;
    readonly signal: AbortSignal;
    readonly onLook: (report: WatchReport) => void;
  },
): Promise<WatchReport | null> {
  let last: WatchReport | null = null;
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    try {
      last = await watcher.look();
      onLook(last);
      await wait(pollMs, undefined, { signal });
    } catch (error) {
      if (!isOver()) throw error;
    }
  }
  return last;
}
