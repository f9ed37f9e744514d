import type { Store } from '../store/index.ts';

/** How a queue watches over its workers, in whole milliseconds: Redis refuses a fraction. */
export type QueueTiming = {
  /** How long a worker may be silent until its job counts as stalled. */
  readonly lockMs: number;
  /** Between two looks for stalled jobs, and of the watcher at the store. */
  readonly lookMs: number;
};

export function queueTiming(lockSeconds: number): QueueTiming {
  const lockMs = Math.ceil(1000 * lockSeconds);
  return { lockMs, lookMs: Math.ceil(lockMs / 3) };
}

/** BullMQ's own lock. */
export const usualTiming: QueueTiming = queueTiming(30);

/** A queue holds the jobs of one store; several stores can share a server. */
export async function queueName(store: Store): Promise<string> {
  return `sonde-${await store.identity()}`;
}
