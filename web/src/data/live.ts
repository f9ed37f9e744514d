/** What changes in the store reaches the page: the service's events make the answers that they touch stale. */
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import type { StoreEvent } from '../../../src/wire/index.ts';
import type { Source } from './source.ts';

export type Connection = 'report' | 'connecting' | 'live' | 'lost';

/** Jobs are not among them: no answer tells of a job that has not written anything yet. */
const kinds: readonly StoreEvent['event'][] = [
  'checkpoint',
  'outcome',
  'estimate',
  'forecast',
  'transfer',
  'import',
  'alert',
];
/** Events come in groups, one a part that was written: one answer to all of them. */
const gatherMs = 150;
/** After a refusal, such as a proxy's 502: a browser itself tries again only where a connection breaks. */
const againMs = 5000;

let connection: Connection = 'connecting';
const listeners = new Set<() => void>();

/**
 * Follows the service's events while the page is seen. A hidden page lets go of its stream: a browser has six connections
 * to a host for all its tabs, and a seventh tab would wait for ever.
 *
 * @returns what ends it.
 */
export function followEvents({ service }: Source, queries: QueryClient): () => void {
  if (service === null) {
    set('report');
    return () => undefined;
  }
  const refresh = gather(() => void queries.invalidateQueries());
  let events: EventSource | null = null;
  let again: number | undefined;
  /** What happened while nobody listened is unknown. */
  let missed = false;
  const close = (): void => {
    window.clearTimeout(again);
    if (events === null) return;
    events.close();
    events = null;
    missed = true;
    set('connecting');
  };
  const open = (): void => {
    if (events !== null) return;
    const stream = service.events();
    events = stream;
    for (const kind of kinds) stream.addEventListener(kind, refresh);
    stream.addEventListener('open', () => {
      if (missed) refresh();
      missed = false;
      set('live');
    });
    stream.addEventListener('error', () => {
      missed = true;
      set('lost');
      if (stream.readyState !== EventSource.CLOSED) return;
      events = null;
      window.clearTimeout(again);
      again = window.setTimeout(open, againMs);
    });
  };
  const follow = (): void => (document.visibilityState === 'hidden' ? close() : open());
  follow();
  document.addEventListener('visibilitychange', follow);
  return () => {
    document.removeEventListener('visibilitychange', follow);
    close();
  };
}

/** Acts once for all calls of a while. */
function gather(act: () => void): () => void {
  let waiting: number | null = null;
  return () => {
    waiting ??= window.setTimeout(() => {
      waiting = null;
      act();
    }, gatherMs);
  };
}

export function useConnection(): Connection {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => connection,
  );
}

function set(next: Connection): void {
  connection = next;
  for (const listener of listeners) listener();
}
