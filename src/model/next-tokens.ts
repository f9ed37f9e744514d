import type { Value } from '../graph/index.ts';
import type { BlockContext } from './blocks/context.ts';
import { logits } from './blocks/frame.ts';
import type { ModelSpec } from './model-spec.ts';

/** Name of the output that holds what sampling needs of the next token. */
export const NEXT_VALUES = 'next';

export type NextTokens = {
  /** Logits, or the softmax of logits / `temperature`, an input float32 []. */
  readonly values: 'logits' | 'probabilities';
  /** Tokens that there are, of the vocabulary at most: rows of the table beyond them are padding. */
  readonly known: number;
};

/** Declares `next` (rows, known) of normed states (rows, hidden). */
export function declareNext(
  context: BlockContext,
  spec: ModelSpec,
  { normed, next }: { readonly normed: Value; readonly next: NextTokens },
): void {
  const { graph } = context;
  const all = logits(context, spec, normed);
  const { known } = next;
  const real =
    known === spec.vocabulary
      ? all
      : graph.op('Slice', [all, graph.ints(0), graph.ints(known), graph.ints(-1)]);
  graph.output(NEXT_VALUES, valuesOf(context, real, next), ['rows', known]);
}

function valuesOf({ graph }: BlockContext, logits: Value, { values }: NextTokens): Value {
  if (values === 'logits') return logits;
  const temperature = graph.input('temperature', 'float32', []);
  return graph.op('Softmax', [graph.op('Div', [logits, temperature])], { axis: -1 });
}
