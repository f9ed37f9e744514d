import { z } from 'zod';
import { numberOrNull, textOrNull, time } from './values.ts';

export const alertKinds = [
  'drop',
  'below-forecast',
  'drift',
  'stage-break',
  'remeasure',
  'stalled',
] as const;
export type AlertKind = (typeof alertKinds)[number];

/** Something that a person should look at. Open until it is over; acknowledged when somebody said that they saw it. */
export type Alert = {
  readonly schemaVersion: 1;
  readonly id: string;
  readonly kind: AlertKind;
  readonly run: string | null;
  readonly checkpoint: string | null;
  readonly suite: string | null;
  /** Whose estimates it is about. */
  readonly probe: string | null;
  readonly task: string | null;
  /** All that it has been about since it opened; absent where it was written before this was kept. */
  readonly tasks?: readonly string[] | undefined;
  /** One sentence with the numbers in it. */
  readonly message: string;
  /** What was seen, what it is held against, and how far apart they may be; null where the kind has none. */
  readonly value: number | null;
  readonly reference: number | null;
  readonly threshold: number | null;
  readonly openedAt: string;
  readonly lastSeenAt: string;
  /** Null while it is open. */
  readonly closedAt: string | null;
  readonly acknowledgedAt: string | null;
  readonly acknowledgedBy: string | null;
  /** Names of the notifiers that sent it. */
  readonly notified: readonly string[];
};

/** What `alerts/<id>.json` of a store holds: what the watcher says. */
export type StoredAlert = Omit<Alert, 'acknowledgedAt' | 'acknowledgedBy'>;

const storedFields = {
  schemaVersion: z.literal(1),
  id: z.string().min(1),
  kind: z.enum(alertKinds),
  run: textOrNull,
  checkpoint: textOrNull,
  suite: textOrNull,
  probe: textOrNull,
  task: textOrNull,
  tasks: z.array(z.string()).optional(),
  message: z.string(),
  value: numberOrNull,
  reference: numberOrNull,
  threshold: numberOrNull,
  openedAt: time,
  lastSeenAt: time,
  closedAt: time.nullable(),
  notified: z.array(z.string()),
};

/** Other fields are left out. */
export const storedAlertSchema: z.ZodType<StoredAlert> = z.object(storedFields);

export const alertSchema: z.ZodType<Alert> = z
  .strictObject({
    ...storedFields,
    acknowledgedAt: time.nullable(),
    acknowledgedBy: textOrNull,
  })
  .meta({ id: 'Alert' });

/** Body of `POST /alerts/{id}/acknowledge`. */
export type Acknowledgement = {
  /** Who: a name for the others. */
  readonly by: string;
};

export const acknowledgementSchema: z.ZodType<Acknowledgement> = z
  .strictObject({ by: z.string().trim().min(1).max(200) })
  .meta({ id: 'Acknowledgement' });
