import type { Precision } from '../engine/index.ts';

/** A pass over a checkpoint that another process does; the states are in the store when it has ended well. */
export type PassApart = {
  /** The checkpoint's folder, and the suite's. */
  readonly dir: string;
  readonly suite: string;
  readonly tasks: readonly string[];
  readonly render: 'auto' | 'prompt' | 'messages';
  readonly precision: Precision;
  readonly threads: number;
};
