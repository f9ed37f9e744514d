import { setTimeout } from 'node:timers/promises';
import type { Store, StoreContents } from '../store/index.ts';
import type { StoreEvent } from '../wire/index.ts';
import { eventsBetween } from './store-events.ts';

export type EventHub = {
  /**
   * Tells what is new from the moment on at which the promise is kept. Returns what ends it; null where there are too many
   * listeners already.
   */
  subscribe(listen: (event: StoreEvent) => void): Promise<(() => void) | null>;
};

export type HubOptions = {
  readonly intervalMs: number;
  /** Listeners at one time. */
  readonly most: number;
  /** What everybody who hears of news asks for next is made ready first, once for all. */
  readonly beforeTelling: () => Promise<void>;
  /** Hears of a look that failed; the next one is made all the same. */
  readonly onError: (error: unknown) => void;
};

/** Ends with the last listener. */
type Watching = { readonly ending: AbortController; readonly begun: Promise<void> };

/** One look at the store for all who listen, and none while nobody does. */
export function createEventHub(
  store: Store,
  contents: () => Promise<StoreContents>,
  { intervalMs, most, beforeTelling, onError }: HubOptions,
): EventHub {
  const listeners = new Set<(event: StoreEvent) => void>();
  let watching: Watching | null = null;

  const look = async (before: StoreContents): Promise<StoreContents> => {
    try {
      const after = await contents();
      const events = await eventsBetween(store, before, after);
      if (events.length > 0) await beforeTelling().catch(onError);
      for (const event of events) for (const listen of listeners) listen(event);
      return after;
    } catch (error) {
      onError(error);
      return before;
    }
  };

  const watch = async (first: StoreContents, { signal }: AbortController): Promise<void> => {
    let before = first;
    for (;;) {
      await setTimeout(intervalMs, null, { signal, ref: false }).catch(() => null);
      if (signal.aborted) return;
      before = await look(before);
    }
  };

  const start = (): Watching => {
    const ending = new AbortController();
    const begun = contents().then((first) => {
      void watch(first, ending);
    });
    return { ending, begun };
  };

  return {
    async subscribe(listen) {
      if (listeners.size >= most) return null;
      listeners.add(listen);
      const end = (): void => {
        if (!listeners.delete(listen) || listeners.size > 0) return;
        watching?.ending.abort();
        watching = null;
      };
      watching ??= start();
      try {
        await watching.begun;
      } catch (error) {
        end();
        throw error;
      }
      return end;
    },
  };
}
