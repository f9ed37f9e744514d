import { GraphBuilder, int32, int64, type Tensor, type Value } from '../graph/index.ts';
import { cacheNames, declareCache } from './blocks/cache-outputs.ts';
import type { BlockContext } from './blocks/context.ts';
import { embed, rotationInputs } from './blocks/frame.ts';
import { layer } from './blocks/layer.ts';
import { norm } from './blocks/norm.ts';
import { prefillAttention, type PrefillInputs } from './blocks/prefill-attention.ts';
import { type GivenWeights, givenWeights } from './int8.ts';
import type { ModelSpec } from './model-spec.ts';
import { declareNext, NEXT_VALUES, type NextTokens } from './next-tokens.ts';
import { SharedRows } from './blocks/shared-rows.ts';
import { givenPlaces, placesOfRows, Pooling, type PoolPlaces, type StatePool } from './pooling.ts';
import type { Tensors } from './weights.ts';

export type ModelGraph = {
  /** For `createSession`. */
  readonly model: Uint8Array;
  /** Names of all its outputs. */
  readonly outputs: readonly string[];
  /** What the session is given beside the model; null where its weights are mapped from their files. */
  readonly given: GivenWeights | null;
};

export type PrefillOptions = {
  /** What to pool inside the graph. */
  readonly pool: readonly StatePool[];
  /** Layers to pool, ascending, 0 (embedding) to the number of blocks (after the final norm). @default all */
  readonly layers?: readonly number[];
  /** Adds `normed` (chosen, hidden): states after the final norm of the tokens that `chosenFeeds` names. @default false */
  readonly normed?: boolean;
  /** Adds `next` of `declareNext` after each prompt's last token, and the caches of `cacheNames`. */
  readonly next?: NextTokens;
  /**
   * Rows stand behind a prefix, several prompts in one where `sharedFeeds` packs them; `mean` holds sums over their own
   * tokens. Adds the first `kept` tokens of the caches of `cacheNames`, those of the prefix among them. @default false
   */
  readonly shared?: boolean;
};

/** Name of the output that holds the normed states of chosen tokens: what `buildHead` reads. */
export const NORMED_STATES = 'normed';

/**
 * A graph of whole prompts, padded on the right. Inputs as `prefillFeeds` makes them; outputs `last` and `mean`
 * (batch, layers, hidden), those asked for. Blocks above the highest layer asked for are left out unless the normed
 * states or the cache need them. The head is in it for `next` alone: see `buildHead`.
 */
export function buildPrefill(
  spec: ModelSpec,
  tensors: Tensors,
  options: PrefillOptions,
): ModelGraph {
  const graph = new GraphBuilder('prefill');
  const context = { graph, tensors };
  const pools = new Set(options.pool);
  const layers = new Set(options.layers ?? spec.layers.map((_, i) => i).concat(spec.layers.length));
  const headed = options.next !== undefined || options.normed === true;
  const wholeDepth = headed || layers.has(spec.layers.length);
  const depth = wholeDepth ? spec.layers.length : Math.max(...layers);

  const ids = graph.input('ids', 'int64', ['batch', 'sequence']);
  const positions = graph.input('positions', 'int64', ['batch', 'sequence']);
  const lastIndex = graph.input('lastIndex', 'int32', ['batch']);
  const total = graph.input('total', 'int32', []);
  const rotation = rotationInputs(context, spec, positions);
  const inputs: PrefillInputs = { rotation, lastIndex, total, masks: new Map() };
  const shared = options.shared === true ? new SharedRows(graph, positions) : null;
  const places =
    shared === null ? placesOfRows(graph, { positions, lastIndex }) : givenPlaces(graph);
  const pooling = new Pooling(graph, pools, places);

  let states = embed(context, spec, { ids, positions });
  for (const [i, layerSpec] of spec.layers.slice(0, depth).entries()) {
    if (layers.has(i)) pooling.tap(states);
    states = layer(context, states, {
      spec: layerSpec,
      attend: (x) => {
        const { attention: spec } = layerSpec;
        const prefix = shared?.prefix(i, spec);
        const attention = prefillAttention(context, x, { spec, inputs, prefix });
        if (shared !== null) shared.keep(i, attention);
        else if (options.next !== undefined) declareCache(graph, i, attention);
        return attention.output;
      },
    });
  }
  if (depth < spec.layers.length) pooling.tap(states);
  else finish(context, spec, { states, pooling, places, tap: layers.has(depth), options });
  pooling.declare(spec.hidden);
  const given = givenWeights(graph, spec.layers.slice(0, depth));
  return { model: graph.build(), outputs: outputNames(spec, options), given };
}

type Finish = {
  readonly states: Value;
  readonly pooling: Pooling;
  readonly places: PoolPlaces;
  readonly tap: boolean;
  readonly options: PrefillOptions;
};

/** Final norm, and what reads it. */
function finish(
  context: BlockContext,
  spec: ModelSpec,
  { states, pooling, places, tap, options }: Finish,
): void {
  const { graph } = context;
  const normed = norm(context, states, spec.finalNorm);
  if (tap) pooling.tap(normed);
  if (options.normed === true) {
    const chosen = graph.input('chosen', 'int64', ['chosen', 2]);
    const picked = graph.op('GatherND', [normed, chosen], { batch_dims: 0 });
    graph.output(NORMED_STATES, picked, ['chosen', spec.hidden]);
  }
  if (options.next !== undefined) {
    declareNext(context, spec, { normed: places.last(normed), next: options.next });
  }
}

function outputNames(spec: ModelSpec, { pool, normed, next }: PrefillOptions): string[] {
  const caches = spec.layers.flatMap((_, i) => Object.values(cacheNames(i)));
  return [
    ...new Set(pool),
    ...(normed === true ? [NORMED_STATES] : []),
    ...(next === undefined ? [] : [NEXT_VALUES, ...caches]),
  ];
}

/** Feeds for a batch of prompts, none of them empty: right-padded with token 0 to the longest one. */
export function prefillFeeds(prompts: readonly Int32Array[]): Record<string, Tensor> {
  const longest = Math.max(...prompts.map((ids) => ids.length));
  const ids = new Int32Array(prompts.length * longest);
  const positions = new Int32Array(prompts.length * longest);
  for (const [row, prompt] of prompts.entries()) {
    ids.set(prompt, row * longest);
    for (let i = 0; i < longest; i += 1) positions[row * longest + i] = i;
  }
  return {
    ids: int64(ids, [prompts.length, longest]),
    positions: int64(positions, [prompts.length, longest]),
    lastIndex: int32(Int32Array.from(prompts, (prompt) => prompt.length - 1)),
    total: { dtype: 'int32', shape: [], data: Int32Array.of(longest) },
  };
}
