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

let connection: Connection = 'connecting';
const listeners = new Set<() => void>();

/** Follows the service's events until the page is left. */
export function followEvents(source: Source, queries: QueryClient): void {
  if (source.service === null) {
    set('report');
    return;
  }
  const events = source.service.events();
  let gathered: number | null = null;
  const refresh = (): void => {
    gathered ??= window.setTimeout(() => {
      gathered = null;
      void queries.invalidateQueries();
    }, gatherMs);
  };
  for (const kind of kinds) events.addEventListener(kind, refresh);
  events.addEventListener('open', () => {
    // What happened while nobody listened is unknown.
    if (connection === 'lost') refresh();
    set('live');
  });
  events.addEventListener('error', () => set('lost'));
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
