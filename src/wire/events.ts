/** What `GET /events` sends: that something of the store is new, and which answers to ask for again. */
import { z } from 'zod';
import { type Alert, alertSchema } from './alert.ts';
import { textOrNull } from './values.ts';

/** A checkpoint was registered, or known facts of it changed. */
export type CheckpointEvent = { readonly checkpoint: string; readonly run: string | null };

/** New estimates or predictions (`estimate`), or new outcomes (`outcome`); `run` is null for a file about several. */
export type PartEvent = { readonly run: string | null };

/** A file was refused by an import, or one that was refused came in. */
export type ImportEvent = { readonly id: string };

/** A matrix of transfer was made, or made anew. */
export type TransferEvent = { readonly id: string };

export type ForecastEvent = { readonly id: string };

/** A job of the watcher changed its state. */
export type JobEvent = {
  readonly id: string;
  readonly kind: string | null;
  readonly state: string | null;
  readonly run: string | null;
  readonly checkpoint: string | null;
};

export type StoreEvent =
  | { readonly event: 'checkpoint'; readonly data: CheckpointEvent }
  | { readonly event: 'estimate'; readonly data: PartEvent }
  | { readonly event: 'outcome'; readonly data: PartEvent }
  | { readonly event: 'forecast'; readonly data: ForecastEvent }
  | { readonly event: 'transfer'; readonly data: TransferEvent }
  | { readonly event: 'import'; readonly data: ImportEvent }
  | { readonly event: 'alert'; readonly data: Alert }
  | { readonly event: 'job'; readonly data: JobEvent };

const part = z.strictObject({ run: textOrNull });

export const eventSchema: z.ZodType<StoreEvent> = z
  .discriminatedUnion('event', [
    z.strictObject({
      event: z.literal('checkpoint'),
      data: z.strictObject({ checkpoint: z.string(), run: textOrNull }),
    }),
    z.strictObject({ event: z.literal('estimate'), data: part }),
    z.strictObject({ event: z.literal('outcome'), data: part }),
    z.strictObject({ event: z.literal('forecast'), data: z.strictObject({ id: z.string() }) }),
    z.strictObject({ event: z.literal('transfer'), data: z.strictObject({ id: z.string() }) }),
    z.strictObject({ event: z.literal('import'), data: z.strictObject({ id: z.string() }) }),
    z.strictObject({ event: z.literal('alert'), data: alertSchema }),
    z.strictObject({
      event: z.literal('job'),
      data: z.strictObject({
        id: z.string(),
        kind: textOrNull,
        state: textOrNull,
        run: textOrNull,
        checkpoint: textOrNull,
      }),
    }),
  ])
  .meta({ id: 'StoreEvent' });
