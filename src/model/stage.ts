import { GraphBuilder } from '../graph/index.ts';
import { embed, rotationInputs } from './blocks/frame.ts';
import { layer } from './blocks/layer.ts';
import { norm } from './blocks/norm.ts';
import { prefillAttention, type PrefillInputs } from './blocks/prefill-attention.ts';
import { givenWeights } from './int8.ts';
import type { ModelSpec } from './model-spec.ts';
import { placesOfRows, Pooling, type StatePool } from './pooling.ts';
import type { ModelGraph } from './prefill.ts';
import type { Tensors } from './weights.ts';

/** Names of the states (batch, sequence, hidden) that a stage takes, and of those that it gives to the next one. */
export const STATES_IN = 'statesIn';
export const STATES_OUT = 'statesOut';

/** Name of the output that holds the states of the tokens that `chosenFeeds` names. */
export const CHOSEN_STATES = 'chosenStates';

export type StageOptions = {
  /** The layer of states that it makes, 0 (embedding) to the number of blocks (after the final norm). */
  readonly layer: number;
  /** What is pooled of that layer. */
  readonly pool: readonly StatePool[];
  /** Adds `chosenStates` (chosen, hidden) of that layer. */
  readonly chosen: boolean;
  /** Adds `statesOut`, for the stage above. */
  readonly onward: boolean;
};

/**
 * One layer of whole prompts, padded on the right, as a graph of its own. Inputs as `prefillFeeds` and `chosenFeeds` make
 * them, and from layer 1 on the `statesIn` of the layer below; outputs `last` and `mean` (batch, 1, hidden),
 * `chosenStates` and `statesOut`, those asked for.
 */
export function buildStage(spec: ModelSpec, tensors: Tensors, options: StageOptions): ModelGraph {
  const graph = new GraphBuilder('stage');
  const context = { graph, tensors };
  const ids = graph.input('ids', 'int64', ['batch', 'sequence']);
  const positions = graph.input('positions', 'int64', ['batch', 'sequence']);
  const lastIndex = graph.input('lastIndex', 'int32', ['batch']);
  const total = graph.input('total', 'int32', []);
  const rotation = rotationInputs(context, spec, positions);
  const inputs: PrefillInputs = { rotation, lastIndex, total, masks: new Map() };
  const shape = ['batch', 'sequence', spec.hidden];

  const block = spec.layers[options.layer - 1];
  const made =
    block === undefined
      ? embed(context, spec, { ids, positions })
      : layer(context, graph.input(STATES_IN, 'float32', shape), {
          spec: block,
          attend: (x) => prefillAttention(context, x, { spec: block.attention, inputs }).output,
        });
  const isLast = options.layer === spec.layers.length;
  const states = isLast ? norm(context, made, spec.finalNorm) : made;

  if (options.onward) graph.output(STATES_OUT, states, shape);
  if (options.chosen) {
    const chosen = graph.input('chosen', 'int64', ['chosen', 2]);
    const picked = graph.op('GatherND', [states, chosen], { batch_dims: 0 });
    graph.output(CHOSEN_STATES, picked, ['chosen', spec.hidden]);
  }
  const pooling = new Pooling(
    graph,
    new Set(options.pool),
    placesOfRows(graph, { positions, lastIndex }),
  );
  pooling.tap(states);
  pooling.declare(spec.hidden);
  const given = givenWeights(graph, block === undefined ? [] : [block]);
  return { model: graph.build({ castsFirst: true }), outputs: outputsOf(options), given };
}

function outputsOf({ pool, chosen, onward }: StageOptions): string[] {
  return [...(onward ? [STATES_OUT] : []), ...(chosen ? [CHOSEN_STATES] : []), ...new Set(pool)];
}
