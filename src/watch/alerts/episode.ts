import type { AlertKind } from '../../wire/index.ts';

/** From where something needed a person to where it did not any more; accuracies from 0 to 1. */
export type Episode = {
  readonly kind: AlertKind;
  readonly task: string | null;
  /** All that it has been about since it opened. */
  readonly tasks: readonly string[];
  /** Ids of checkpoints. */
  readonly opened: string;
  readonly lastSeen: string;
  /** Null while it lasts. */
  readonly closed: string | null;
  readonly message: string;
  readonly value: number | null;
  readonly reference: number | null;
  readonly threshold: number | null;
};

export function points(share: number): string {
  return (100 * share).toFixed(1);
}
