import { GraphBuilder, int64, type Tensor, type Value } from '../graph/index.ts';
import type { BlockContext } from './blocks/context.ts';
import { embed, rotationInputs } from './blocks/frame.ts';
import { layer } from './blocks/layer.ts';
import { norm } from './blocks/norm.ts';
import { prefillAttention, type PrefillInputs } from './blocks/prefill-attention.ts';
import { SharedRows } from './blocks/shared-rows.ts';
import { givenWeights } from './int8.ts';
import type { ModelSpec } from './model-spec.ts';
import type { ModelGraph } from './prefill.ts';
import type { Tensors } from './weights.ts';

/** Name of the one output of `buildTokenStates`. */
export const TOKEN_STATES = 'tokens';

export type TokenStatesOptions = {
  readonly layers: readonly number[];
  /** @default false */
  readonly shared?: boolean;
};

/**
 * A graph of whole prompts, padded on the right, that gives the states of chosen tokens: `tokens` (chosen, layers,
 * hidden). Inputs as `prefillFeeds` and `chosenFeeds` make them. `layers` is ascending, 0 (embedding) to the number of
 * blocks (after the final norm); blocks above the highest one are left out. With `shared`, rows stand behind a prefix as in
 * `buildPrefill`.
 */
export function buildTokenStates(
  spec: ModelSpec,
  tensors: Tensors,
  { layers, shared: behind = false }: TokenStatesOptions,
): ModelGraph {
  const graph = new GraphBuilder('token-states');
  const context = { graph, tensors };
  const ids = graph.input('ids', 'int64', ['batch', 'sequence']);
  const positions = graph.input('positions', 'int64', ['batch', 'sequence']);
  const inputs: PrefillInputs = {
    rotation: rotationInputs(context, spec, positions),
    lastIndex: graph.input('lastIndex', 'int32', ['batch']),
    total: graph.input('total', 'int32', []),
    masks: new Map(),
  };
  const chosen = graph.input('chosen', 'int64', ['chosen', 2]);
  const shared = behind ? new SharedRows(graph, positions) : null;
  const depth = Math.max(...layers);
  const taps: Value[] = [];
  let states = embed(context, spec, { ids, positions });
  for (const [i, layerSpec] of spec.layers.slice(0, depth).entries()) {
    if (layers.includes(i)) taps.push(states);
    states = layer(context, states, {
      spec: layerSpec,
      attend: (x) => {
        const { attention: spec } = layerSpec;
        const prefix = shared?.prefix(i, spec);
        const attention = prefillAttention(context, x, { spec, inputs, prefix });
        shared?.keep(i, attention);
        return attention.output;
      },
    });
  }
  taps.push(states);
  const gathered = gather(context, taps, {
    chosen,
    finalNorm: depth === spec.layers.length ? spec.finalNorm : null,
  });
  graph.output(TOKEN_STATES, gathered, ['chosen', layers.length, spec.hidden]);
  const given = givenWeights(graph, spec.layers.slice(0, depth));
  return { model: graph.build(), outputs: [TOKEN_STATES], given };
}

/**
 * (chosen, layers, hidden). Added from the last layer to the first, so that the runtime takes each layer's tokens as soon
 * as they are there and frees the rest of it (see `Pooling`). The final norm works on a token alone: it comes after.
 */
function gather(
  context: BlockContext,
  taps: readonly Value[],
  {
    chosen,
    finalNorm,
  }: { readonly chosen: Value; readonly finalNorm: ModelSpec['finalNorm'] | null },
): Value {
  const { graph } = context;
  const rows: Value[] = [];
  for (const [fromLast, states] of taps.toReversed().entries()) {
    const picked = graph.op('GatherND', [states, chosen], { batch_dims: 0 });
    const normed = norm(context, picked, fromLast === 0 ? finalNorm : null);
    rows.unshift(graph.op('Unsqueeze', [normed, graph.ints(1)]));
  }
  return graph.op('Concat', rows, { axis: 1 });
}

/** Chooses of each prompt of a batch the tokens `first[row]` to its last one, in order. */
export function chosenFeeds(
  lengths: ArrayLike<number>,
  first: ArrayLike<number>,
): { readonly chosen: Tensor } {
  const pairs: number[] = [];
  for (let row = 0; row < lengths.length; row += 1) {
    for (let token = first[row]!; token < lengths[row]!; token += 1) pairs.push(row, token);
  }
  return { chosen: int64(pairs, [pairs.length / 2, 2]) };
}
