import type { GraphBuilder } from '../../graph/index.ts';
import type { Tensors } from '../weights.ts';

/** What every block needs to add itself to a graph. */
export type BlockContext = {
  readonly graph: GraphBuilder;
  readonly tensors: Tensors;
};
