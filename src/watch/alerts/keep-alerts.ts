import { createHash } from 'node:crypto';
import {
  type AlertRecord,
  canonicalJson,
  type Store,
  type StoredAlert,
} from '../../store/index.ts';
import type { Episode } from './episode.ts';
import { looksFor, type Reach, speaksOf } from './reach.ts';

/** What an alert is about, beside its episode. */
export type AlertSubject = {
  readonly run: string | null;
  readonly suite: string | null;
  readonly probe: string | null;
};

/** A look at one subject. */
export type Look = { readonly reach: Reach; readonly now: Date };

/**
 * Writes what changed of the alerts about one subject, and closes those that nothing speaks for any more, as far as the
 * look went. Returns them as they stand, with open ones that it did not come to; the same episodes have the same alerts,
 * whenever and by whom they are found.
 */
export async function keepAlerts(
  store: Store,
  subject: AlertSubject,
  found: readonly Episode[],
  { reach, now }: Look,
): Promise<AlertRecord[]> {
  const before = (await store.alerts.list()).filter(
    ({ run, suite, probe }) =>
      run === subject.run && suite === subject.suite && probe === subject.probe,
  );
  const known = new Map(before.map((alert) => [alert.id, alert]));
  const at = now.toISOString();
  const wanted = found.map((episode) => ({
    episode,
    ...place(episode, { subject, known, reach }),
  }));
  const ids = new Set(wanted.map(({ id }) => id));
  const left = before.filter(
    (alert) => !ids.has(alert.id) && alert.closedAt === null && looksFor(reach, alert),
  );
  const over = left.filter(({ checkpoint }) => reach.checkpoints.has(checkpoint ?? ''));
  const changed = [
    ...wanted
      .filter(({ alert, episode }) => alert === null || isToTell(alert, episode, reach))
      .map(({ id, alert, episode }) => toAlert(subject, episode, { id, at, before: alert })),
    ...over.map((alert): StoredAlert => ({ ...alert, closedAt: at, lastSeenAt: at })),
  ];
  for (const alert of changed) {
    const old = known.get(alert.id);
    if (old === undefined || isChanged(old, alert)) await store.alerts.write(alert);
  }
  for (const { id } of left) if (!over.some((one) => one.id === id)) ids.add(id);
  const all = new Map((await store.alerts.list()).map((alert) => [alert.id, alert]));
  return [...ids].flatMap((id) => all.get(id) ?? []);
}

type Placed = { readonly id: string; readonly alert: AlertRecord | null };

/**
 * The alert of an episode. Where one of a wider look says the same, it is that one; where it is about other tasks, which
 * are not this look's to speak of, one of its own.
 */
function place(
  episode: Episode,
  {
    subject,
    known,
    reach,
  }: { subject: AlertSubject; known: ReadonlyMap<string, AlertRecord>; reach: Reach },
): Placed {
  const id = alertId(subject, episode);
  const alert = known.get(id) ?? null;
  if (alert === null || looksFor(reach, alert) || speaksOf(alert, episode.tasks)) {
    return { id, alert };
  }
  const own = alertId({ ...subject, tasks: [...(reach.tasks ?? [])].sort() }, episode);
  return { id: own, alert: known.get(own) ?? null };
}

/**
 * Not what is about more tasks than were looked at; and while later checkpoints are to come that an earlier look has seen,
 * nothing but an end: they may have more to say, and have closed it.
 */
function isToTell(alert: AlertRecord, { closed }: Episode, reach: Reach): boolean {
  return looksFor(reach, alert) && (reach.isWhole || closed !== null);
}

function alertId(
  subject: AlertSubject & { readonly tasks?: readonly string[] },
  { kind, task, opened }: Episode,
): string {
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
  }: { readonly id: string; readonly at: string; readonly before: AlertRecord | null },
): StoredAlert {
  const { kind, task, tasks, opened, closed, message, value, reference, threshold } = episode;
  return {
    ...{ schemaVersion: 1, id, kind, run, checkpoint: opened, suite, probe, task },
    ...{ tasks, message, value, reference, threshold },
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
