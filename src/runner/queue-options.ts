import type { Store } from '../store/index.ts';

/** How a queue watches over its workers. Defaults are BullMQ's, but for the number of stalls. */
export type QueueTiming = {
  /** Milliseconds a worker may be silent until its job counts as stalled. */
  readonly lockMs: number;
  /** Milliseconds between two looks for stalled jobs, and of the watcher at the store. */
  readonly lookMs: number;
};

export const usualTiming: QueueTiming = { lockMs: 30_000, lookMs: 10_000 };

/** A queue holds the jobs of one store; several stores can share a server. */
export async function queueName(store: Store): Promise<string> {
  return `sonde-${await store.identity()}`;
}
