import { join } from 'node:path';
import { z } from 'zod';
import { UserError } from '../error/index.ts';
import { type Alert, type StoredAlert, storedAlertSchema } from '../wire/index.ts';
import { type CheckedList, createCheckedFolder } from './checked-folder.ts';

/** What needs a person; as the HTTP API gives it. */
export type AlertRecord = Alert;
export type { StoredAlert };
type Acknowledgement = { id: string; acknowledgedAt: string; acknowledgedBy: string | null };

const acknowledgementSchema: z.ZodType<Acknowledgement> = z.object({
  id: z.string(),
  acknowledgedAt: z.string(),
  acknowledgedBy: z.string().nullable(),
});

/**
 * Alerts of a store. What the watcher says of one and that a person has seen it stand in two files, so that neither
 * process overwrites what the other wrote.
 */
export interface AlertFolder {
  /** What the watcher says; whether it was acknowledged is kept. */
  write(alert: StoredAlert): Promise<void>;
  read(id: string): Promise<AlertRecord | null>;
  /** Ordered by the time at which they opened, then by id. */
  list(options?: Pick<CheckedList, 'onDamaged'>): Promise<AlertRecord[]>;
  /**
   * That a person has seen it; said again, the first time stays. Returns the alert as it is then.
   *
   * @throws UserError where there is no such alert.
   */
  acknowledge(
    id: string,
    by: { readonly at: Date; readonly name: string | null },
  ): Promise<AlertRecord>;
}

export function createAlertFolder(folder: string): AlertFolder {
  const alerts = createCheckedFolder(folder, storedAlertSchema);
  const acknowledgements = createCheckedFolder(
    join(folder, 'acknowledgements'),
    acknowledgementSchema,
  );
  const read = async (id: string): Promise<AlertRecord | null> => {
    // Ids are made by us: another name is nobody's, and no path.
    if (!/^[a-z0-9-]+$/.test(id)) return null;
    const alert = await alerts.read(id);
    return alert === null ? null : withSeen(alert, await acknowledgements.read(id));
  };
  return {
    // What an acknowledgement says is not the watcher's to write.
    write: (alert) => alerts.write(storedAlertSchema.parse(alert)),
    read,
    async list(options) {
      const seen = new Map((await acknowledgements.list(options)).map((one) => [one.id, one]));
      const all = (await alerts.list(options)).map((one) =>
        withSeen(one, seen.get(one.id) ?? null),
      );
      return all.sort((a, b) => order(a.openedAt, b.openedAt) || order(a.id, b.id));
    },
    async acknowledge(id, { at, name }) {
      const alert = await read(id);
      if (alert === null)
        throw new UserError(`alerts: no alert \`${id}\`; sonde alerts lists them`);
      if (alert.acknowledgedAt !== null) return alert;
      const seen = { id, acknowledgedAt: at.toISOString(), acknowledgedBy: name };
      await acknowledgements.write(seen);
      return withSeen(alert, seen);
    },
  };
}

function withSeen(alert: StoredAlert, seen: Acknowledgement | null): AlertRecord {
  const { acknowledgedAt = null, acknowledgedBy = null } = seen ?? {};
  return { ...alert, acknowledgedAt, acknowledgedBy };
}

function order(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
