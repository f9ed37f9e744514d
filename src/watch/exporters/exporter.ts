import type { AlertRecord } from '../../store/index.ts';
import type { CheckedCheckpoint } from '../checked-checkpoint.ts';

/** All that is known when it is written: checkpoints by suite, probe and run, in training order. */
export type WatchSnapshot = {
  readonly checkpoints: readonly CheckedCheckpoint[];
  readonly alerts: readonly AlertRecord[];
};

/** Writes what the watcher found for another tool. Writing the same again changes nothing. */
export interface Exporter {
  /** For messages. */
  readonly name: string;
  write(snapshot: WatchSnapshot): Promise<void>;
}
