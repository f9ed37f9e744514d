import { setImmediate } from 'node:timers/promises';

/** Lets an interruption in between two pieces of work that never wait; throws its reason where there is one. */
export async function nextTurn(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}
