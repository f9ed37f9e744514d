import type { FrozenAnswer } from '../jobs/index.ts';
import type { EstimatedTask } from '../runner/index.ts';

/** A checkpoint of which a probe has said everything. */
export type CheckedCheckpoint = {
  readonly checkpoint: string;
  readonly run: string | null;
  readonly stage: string | null;
  readonly step: number | null;
  readonly tokens: number | null;
  /** Training FLOPs. */
  readonly flops: number | null;
  readonly suite: string;
  readonly probe: string;
  /** When its newest file was written, milliseconds since 1970; null where it is gone. */
  readonly modifiedAt: number | null;
  readonly tasks: readonly CheckedTask[];
};

export type CheckedTask = EstimatedTask & {
  /** What was forecast for this checkpoint, the latest one; null where nothing was, or it is no answer. */
  readonly expected: Pick<FrozenAnswer, 'forecast' | 'accuracy' | 'low' | 'high'> | null;
};
