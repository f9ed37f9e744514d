import { setTimeout as wait } from 'node:timers/promises';
import { createNews } from './news.ts';
import type { Watcher, WatchReport } from './watcher.ts';

export type WatchOptions = {
  readonly pollMs: number;
  readonly signal: AbortSignal;
  readonly onLook: (report: WatchReport) => void;
  readonly note: (text: string) => void;
  /** An error as a note tells it. */
  readonly explain: (error: unknown) => string;
};

/**
 * Looks again and again until the signal; a look that it interrupts is given up, what it finished is kept. Returns the
 * last whole look; null where there was none.
 *
 * @throws what the first look throws, which the options may be to blame for. A later look that fails is noted, once until
 * it fails otherwise, and the next one tries again.
 */
export async function watch(
  watcher: Watcher,
  { pollMs, signal, onLook, note, explain }: WatchOptions,
): Promise<WatchReport | null> {
  let last: WatchReport | null = null;
  const news = createNews(note);
  const isOver = (): boolean => signal.aborted;
  while (!isOver()) {
    news.startLook();
    try {
      last = await watcher.look();
      onLook(last);
    } catch (error) {
      if (isOver()) break;
      if (last === null) throw error;
      news.say(`a look failed: ${explain(error)}; tried again at the next one`);
    }
    await wait(pollMs, undefined, { signal }).catch((error: unknown) => {
      if (!isOver()) throw error;
    });
  }
  return last;
}
