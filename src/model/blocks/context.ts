import type { GraphBuilder } from '../../graph/index.ts';
import type { Tensors } from '../weights.ts';

/** What every block needs to add itself to a graph. */
export type BlockContext = {
  readonly graph: GraphBuilder;
  readonly tensors: Tensors;
  /** Axes of what linear layers read: (batch, sequence, ·), or (rows, ·) inside an expert. @default 3 */
  readonly axes?: 2 | 3;
};
