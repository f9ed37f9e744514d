import type { AlertRecord, Store } from '../../store/index.ts';
import type { Notifier } from './notifier.ts';

type Context = { readonly note: (text: string) => void; readonly signal: AbortSignal };

/**
 * Tells every notifier of the open alerts that nobody has acknowledged and that it has not been told of, each once. A
 * process that dies between telling and writing that down tells again: the alert's id says that it is the same.
 */
export async function notifyAll(
  store: Store,
  alerts: readonly AlertRecord[],
  notifiers: readonly Notifier[],
  { note, signal }: Context,
): Promise<void> {
  for (const { id } of alerts) {
    const alert = await store.alerts.read(id);
    if (alert === null || alert.closedAt !== null || alert.acknowledgedAt !== null) continue;
    const told: string[] = [];
    for (const notifier of notifiers) {
      if (alert.notified.includes(notifier.name) || !notifier.wants(alert)) continue;
      try {
        await notifier.tell(alert, signal);
        told.push(notifier.name);
      } catch (error) {
        signal.throwIfAborted();
        const reason = error instanceof Error ? error.message : String(error);
        note(
          `notify ${notifier.name}: alert ${alert.id} was not delivered (${reason}); tried again at the next look`,
        );
      }
    }
    if (told.length > 0)
      await store.alerts.write({ ...alert, notified: [...alert.notified, ...told] });
  }
}
