import type { AlertRecord } from '../../store/index.ts';

/** Tells a person of an alert. */
export interface Notifier {
  /** Kept with the alerts that it has told: a name stands for one recipient. */
  readonly name: string;
  wants(alert: AlertRecord): boolean;
  /** Rejects where it could not be told, with `NotReached` where any alert would fare so; tried again at the next look. */
  tell(alert: AlertRecord, signal: AbortSignal): Promise<void>;
}

/** Nobody answered, whatever the alert. */
export class NotReached extends Error {
  override readonly name = 'NotReached';
}
