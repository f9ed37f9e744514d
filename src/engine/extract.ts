import { UserError } from '../error/index.ts';
import type { Tensor } from '../graph/index.ts';
import {
  buildPrefill,
  chosenFeeds,
  NORMED_STATES,
  prefillFeeds,
  type StatePool,
} from '../model/index.ts';
import { checkFiniteOutputs, checkFiniteStates } from './check-finite.ts';
import { checkLayers } from './check-layers.ts';
import { checkPrompts } from './check-prompts.ts';
import { checkTokenIds, HEAD_WIDTHS, headPools, scoredFrom } from './head-pools.ts';
import type { LoadedModel } from './loaded-model.ts';
import { planBatches } from './plan-batches.ts';
import type { ExtractOptions, HeadPool, PooledBatch, TokenisedPrompt } from './provider.ts';
import { headSession, runHead } from './run-head.ts';

const STATE_POOLS: readonly StatePool[] = ['last', 'mean'];
const HEAD_POOLS: readonly HeadPool[] = ['output', 'nextTokens', 'likelihood'];

/** What is asked of a model, checked. */
type Asked = {
  readonly layers: readonly number[];
  readonly states: readonly StatePool[];
  readonly head: ReadonlySet<HeadPool>;
  /** First token of each prompt whose likelihood counts, the prompt's length where none does. */
  readonly scored: Int32Array;
};

/** One run a batch of the plan; batches that are there already are left out. */
export async function* extractStates(
  model: LoadedModel,
  prompts: readonly TokenisedPrompt[],
  options: ExtractOptions & { readonly tokenBudget: number },
): AsyncGenerator<PooledBatch> {
  checkPrompts(prompts, model.limits);
  const lengths = Int32Array.from(prompts, ({ ids }) => ids.length);
  const asked = checkAsked(model, lengths, options);
  if (asked.head.size > 0) await headSession(model);
  for (const [batch, rows] of planBatches(lengths, options).batches.entries()) {
    if (options.skipBatches?.has(batch) === true) continue;
    const chosen = Array.from(rows, (row) => prompts[row]!);
    const scored = rows.map((row) => asked.scored[row]!);
    yield {
      batch,
      rows,
      ...(await runBatch(model, { prompts: chosen, scored }, asked)),
      tokens: chosen.reduce((sum, { ids }) => sum + ids.length, 0),
    };
  }
}

function checkAsked(model: LoadedModel, lengths: Int32Array, options: ExtractOptions): Asked {
  const depth = model.spec.layers.length;
  const all = Array.from({ length: depth + 1 }, (_, i) => i);
  const layers = checkLayers(options.layers ?? all, depth);
  const states = STATE_POOLS.filter((pool) => options.pool.includes(pool));
  const head = new Set(HEAD_POOLS.filter((pool) => options.pool.includes(pool)));
  if (states.length + head.size === 0) {
    throw new UserError('`extract`: expected at least one pooling, got none');
  }
  if (head.has('nextTokens')) checkTokenIds(model.limits);
  const scored = head.has('likelihood') ? scoredFrom(lengths, options.first) : lengths;
  return { layers, states, head, scored };
}

type Batch = { readonly prompts: readonly TokenisedPrompt[]; readonly scored: Int32Array };
type Pools = Pick<PooledBatch, StatePool | HeadPool>;

async function runBatch(model: LoadedModel, batch: Batch, asked: Asked): Promise<Pools> {
  const { layers, states: pool } = asked;
  const normed = asked.head.size > 0;
  const session = await model.session(`extract ${pool.join()} ${layers.join()} ${normed}`, () =>
    buildPrefill(model.spec, model.tensors, { pool, layers, normed }),
  );
  const prompts = batch.prompts.map(({ ids }) => ids);
  const lengths = prompts.map((ids) => ids.length);
  // A token's prediction stands at the token before it; the prompt's last token predicts what follows.
  const predicting = batch.scored.map((token) => token - 1);
  const outputs = await session.run(
    {
      ...prefillFeeds(prompts),
      ...(normed ? chosenFeeds(lengths, predicting) : {}),
      ...model.ropes.upTo(Math.max(...lengths)),
    },
    [...pool, ...(normed ? [NORMED_STATES] : [])],
  );
  const states = checkedStates(model, outputs, { batch, layers });
  if (!normed) return { ...states, output: null, nextTokens: null, likelihood: null };
  const values = await runHead(model, floats(outputs[NORMED_STATES])!, nextTokens(batch));
  const scored = batch.scored.map((token, row) => lengths[row]! - token);
  return { ...states, ...checkedHead(model, headPools(values, scored, asked.head), batch) };
}

/** What follows each token of the batch whose prediction is looked at; 0 behind a prompt. */
function nextTokens({ prompts, scored }: Batch): Int32Array {
  return Int32Array.from(prompts.flatMap(({ ids }, row) => [...ids.subarray(scored[row]), 0]));
}

function checkedStates(
  model: LoadedModel,
  outputs: Readonly<Record<string, Tensor>>,
  { batch, layers }: { readonly batch: Batch; readonly layers: readonly number[] },
): Pick<PooledBatch, StatePool> {
  const ids = batch.prompts.map(({ id }) => id);
  const states = (pool: StatePool): Float32Array | null => {
    const data = floats(outputs[pool]);
    if (data !== null) {
      const { hidden } = model.spec;
      checkFiniteStates(data, { checkpoint: model.checkpoint.id, ids, layers, hidden });
    }
    return data;
  };
  return { last: states('last'), mean: states('mean') };
}

function checkedHead(
  model: LoadedModel,
  pools: Pick<PooledBatch, HeadPool>,
  { prompts }: Batch,
): Pick<PooledBatch, HeadPool> {
  const ids = prompts.map(({ id }) => id);
  for (const pool of HEAD_POOLS) {
    const place = pool === 'likelihood' ? 'in' : 'after';
    const names = {
      checkpoint: model.checkpoint.id,
      ids,
      width: HEAD_WIDTHS[pool],
      place,
    } as const;
    if (pools[pool] !== null) checkFiniteOutputs(pools[pool], names);
  }
  return pools;
}

function floats(tensor: Tensor | undefined): Float32Array | null {
  if (tensor === undefined) return null;
  if (!(tensor.data instanceof Float32Array)) throw new Error('engine: states not float32');
  return tensor.data;
}
