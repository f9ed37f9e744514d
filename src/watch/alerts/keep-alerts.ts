import { createHash } from 'node:crypto';
import {
  type AlertRecord,
  canonicalJson,
  type Store,
  type StoredAlert,
} from '../../store/index.ts';
import type { Episode } from './episode.ts';

/** What an alert is about, beside its episode. */
export type AlertSubject = {
  readonly run: string | null;
  readonly suite: string | null;
  readonly probe: string | null;
};

/**
 * Writes what changed of the alerts about one subject, and closes those that nothing speaks for any more. Returns them as
 * they stand; the same episodes have the same alerts, whenever and by whom they are found.
 */
export async function keepAlerts(
  store: Store,
  subject: AlertSubject,
  found: readonly Episode[],
  now: Date,
): Promise<AlertRecord[]> {
  const before = (await store.alerts.list()).filter(
    ({ run, suite, probe }) =>
      run === subject.run && suite === subject.suite && probe === subject.probe,
  );
  const at = now.toISOString();
  const wanted = found.map((episode) => {
    const id = alertId(subject, episode);
    return toAlert(subject, episode, { id, at, before: before.find((one) => one.id === id) });
  });
  const ids = new Set(wanted.map(({ id }) => id));
  const left = before
    .filter(({ id, closedAt }) => !ids.has(id) && closedAt === null)
    .map((alert): StoredAlert => ({ ...alert, closedAt: at, lastSeenAt: at }));
  for (const alert of [...wanted, ...left]) {
    const known = before.find(({ id }) => id === alert.id);
    if (known === undefined || isChanged(known, alert)) await store.alerts.write(alert);
  }
  const all = new Map((await store.alerts.list()).map((alert) => [alert.id, alert]));
  return [...ids].flatMap((id) => all.get(id) ?? []);
}

function alertId(subject: AlertSubject, { kind, task, opened }: Episode): string {
  const text = canonicalJson({ ...subject, kind, task, opened });
  return `${kind}-${createHash('sha256').update(text, 'utf8').digest('hex').slice(0, 24)}`;
}

function toAlert(
  { run, suite, probe }: AlertSubject,
  episode: Episode,
  {
    id,
    at,
    before,
  }: { readonly id: string; readonly at: string; readonly before: AlertRecord | undefined },
): StoredAlert {
  const { kind, task, opened, closed, message, value, reference, threshold } = episode;
  return {
    ...{ schemaVersion: 1, id, kind, run, checkpoint: opened, suite, probe, task },
    ...{ message, value, reference, threshold },
    openedAt: before?.openedAt ?? at,
    lastSeenAt: at,
    closedAt: closed === null ? null : (before?.closedAt ?? at),
    notified: before?.notified ?? [],
  };
}

/** When it was last seen is written with what else changed: a file a look would be much. */
function isChanged(before: StoredAlert, now: StoredAlert): boolean {
  const said = (alert: StoredAlert): string => {
    return canonicalJson({ ...alert, lastSeenAt: '', acknowledgedAt: null, acknowledgedBy: null });
  };
  return said(before) !== said(now);
}
