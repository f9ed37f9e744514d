import type { AlertRecord, Store } from '../../store/index.ts';
import type { News } from '../news.ts';
import { type Notifier, NotReached } from './notifier.ts';

/** Tells of alerts; within one look nobody is tried again who could not be told. */
export type Telling = {
  startLook(): void;
  tell(alerts: readonly AlertRecord[]): Promise<void>;
};

/**
 * Tells every notifier of the open alerts that nobody has acknowledged and that it has not been told of, each once. A
 * process that dies between telling and writing that down tells again: the alert's id says that it is the same.
 */
export function createTelling(
  store: Store,
  notifiers: readonly Notifier[],
  { news, signal }: { readonly news: News; readonly signal: AbortSignal },
): Telling {
  // Who could not be reached is not tried with another alert; an alert that was refused keeps no other one back.
  const unreached = new Set<string>();
  const undelivered = new Set<string>();

  /** Whether it was told. */
  const deliver = async (notifier: Notifier, alert: AlertRecord): Promise<boolean> => {
    const delivery = JSON.stringify([notifier.name, alert.id]);
    if (alert.notified.includes(notifier.name) || !notifier.wants(alert)) return false;
    if (unreached.has(notifier.name) || undelivered.has(delivery)) return false;
    try {
      await notifier.tell(alert, signal);
      return true;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof NotReached) unreached.add(notifier.name);
      else undelivered.add(delivery);
      const reason = error instanceof Error ? error.message : String(error);
      news.say(
        `notify ${notifier.name}: alert ${alert.id} was not delivered (${reason}); tried again at the next look`,
      );
      return false;
    }
  };

  return {
    startLook() {
      unreached.clear();
      undelivered.clear();
    },
    async tell(alerts) {
      for (const { id } of alerts) {
        const alert = await store.alerts.read(id);
        if (alert === null || alert.closedAt !== null || alert.acknowledgedAt !== null) continue;
        const told = await Promise.all(
          notifiers.map(async (one) => ((await deliver(one, alert)) ? [one.name] : [])),
        );
        const notified = [...alert.notified, ...told.flat()];
        if (told.flat().length > 0) await store.alerts.write({ ...alert, notified });
      }
    },
  };
}
