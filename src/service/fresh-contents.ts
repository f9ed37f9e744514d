import type { Store, StoreContents } from '../store/index.ts';

/**
 * What the store holds, read from disk for every caller, though not for each alone: who asks while a reading runs gets the
 * one that starts after it. So nobody gets a picture older than their question, and many at once cost two readings.
 */
export function freshContents(store: Pick<Store, 'contents'>): () => Promise<StoreContents> {
  let running: Promise<StoreContents> | null = null;
  let waiting: Promise<StoreContents> | null = null;
  const start = (): Promise<StoreContents> => {
    const reading = store.contents().finally(() => {
      if (running === reading) running = null;
    });
    running = reading;
    return reading;
  };
  return () => {
    if (running === null) return start();
    waiting ??= running
      .catch(() => null)
      .then(() => {
        waiting = null;
        return start();
      });
    return waiting;
  };
}
