/**
 * Where the reader is: `#/page/id?name=value`, the whole state of a view.
 *
 * Written here rather than taken from a router, since those keep their state in paths, which a page opened from a disk
 * does not have, and this grammar is all that the dashboard needs.
 */
import { useSyncExternalStore } from 'react';

const pages = ['overview', 'run', 'task', 'compare', 'forecast', 'probes', 'data'] as const;

export type PageName = (typeof pages)[number];

export type Route = {
  readonly page: PageName;
  /** What the page is about (a run, a forecast, a probe); null: the page's own choice. */
  readonly id: string | null;
  /** An absent name stands for the page's default. */
  readonly params: Readonly<Record<string, string>>;
};

/** A change of the values in the address; null takes a value out. */
export type ParamChange = Readonly<Record<string, string | null>>;

/** Null where no page has that name. */
export function parseRoute(hash: string): Route | null {
  const [path, query] = splitOnce(hash.replace(/^#\/?/, ''), '?');
  const [name = '', ...rest] = path.split('/');
  const page = name === '' ? 'overview' : pages.find((known) => known === name);
  if (page === undefined) return null;
  const id = rest.length === 0 ? '' : decode(rest.join('/'));
  return {
    page,
    id: id === '' ? null : id,
    params: Object.fromEntries(new URLSearchParams(query)),
  };
}

/** An address to link to. */
export function routeTo(
  page: PageName,
  id: string | null = null,
  params: ParamChange = {},
): string {
  const place = id === null ? `#/${page}` : `#/${page}/${encodeURIComponent(id)}`;
  const kept = Object.entries(params).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  const query = new URLSearchParams(kept).toString();
  return query === '' ? place : `${place}?${query}`;
}

/** Goes to an address; `replace` leaves no step to come back to, as for a slider. */
export function goTo(address: string, { replace = false }: { replace?: boolean } = {}): void {
  if (replace) window.location.replace(address);
  else window.location.hash = address;
  // The browser's own event comes later: a radio button would jump back until then.
  for (const listener of listeners) listener();
}

/** The address as it stands, kept up to date. */
export function useHash(): string {
  return useSyncExternalStore(watchHash, () => window.location.hash);
}

/** Changes values of the address that is shown. */
export function changeParams(
  route: Route,
  change: ParamChange,
  options?: { replace?: boolean },
): void {
  goTo(routeTo(route.page, route.id, { ...route.params, ...change }), options);
}

const listeners = new Set<() => void>();

function watchHash(listener: () => void): () => void {
  listeners.add(listener);
  window.addEventListener('hashchange', listener);
  return () => {
    listeners.delete(listener);
    window.removeEventListener('hashchange', listener);
  };
}

function splitOnce(text: string, mark: string): [string, string] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + mark.length)];
}

/** What stands there, where it was cut or typed badly. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
