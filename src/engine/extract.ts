import { UserError } from '../error/index.ts';
import type { StatePool } from '../model/index.ts';
import { openPass } from './batch-pass.ts';
import { checkFiniteOutputs, checkFiniteStates } from './check-finite.ts';
import { checkLayers } from './check-layers.ts';
import { checkPrompts } from './check-prompts.ts';
import { checkTokenIds, HEAD_WIDTHS, headPools, scoredFrom } from './head-pools.ts';
import type { LoadedModel } from './loaded-model.ts';
import type { BatchStates } from './pass-request.ts';
import { type PassOptions, planPass } from './plan-pass.ts';
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
  options: ExtractOptions & PassOptions,
): AsyncGenerator<PooledBatch> {
  checkPrompts(prompts, model.limits);
  const lengths = Int32Array.from(prompts, ({ ids }) => ids.length);
  const asked = checkAsked(model, lengths, options);
  if (asked.head.size > 0 && model.streaming === null) await headSession(model);
  const plan = planPass(
    prompts.map(({ ids }) => ids),
    options,
  );
  const pass = await openPass(model, {
    ...{ prompts, plan, layers: asked.layers, tokenBudget: options.tokenBudget },
    ...{ pool: asked.states, chosen: asked.head.size > 0 ? 'normed' : null },
    // A token's prediction stands at the token before it; the prompt's last token predicts what follows.
    first: asked.scored.map((token) => token - 1),
    ...{ skipped: options.skipBatches, onWork: options.onWork },
  });
  for (const [batch, planned] of plan.batches.entries()) {
    if (options.skipBatches?.has(batch) === true) continue;
    const { rows } = planned;
    const chosen = Array.from(rows, (row) => prompts[row]!);
    const scored = rows.map((row) => asked.scored[row]!);
    const states = await pass(planned);
    yield {
      batch,
      rows,
      ...(await poolsOf(model, states, { batch: { prompts: chosen, scored }, asked })),
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

async function poolsOf(
  model: LoadedModel,
  states: BatchStates,
  { batch, asked }: { readonly batch: Batch; readonly asked: Asked },
): Promise<Pools> {
  const pooled = checkedStates(model, states, { batch, layers: asked.layers });
  if (states.chosen === null) {
    return { ...pooled, output: null, nextTokens: null, likelihood: null };
  }
  const values = await runHead(model, states.chosen, nextTokens(batch));
  const scored = batch.scored.map((token, row) => batch.prompts[row]!.ids.length - token);
  return { ...pooled, ...checkedHead(model, headPools(values, scored, asked.head), batch) };
}

/** What follows each token of the batch whose prediction is looked at; 0 behind a prompt. */
function nextTokens({ prompts, scored }: Batch): Int32Array {
  return Int32Array.from(prompts.flatMap(({ ids }, row) => [...ids.subarray(scored[row]), 0]));
}

function checkedStates(
  model: LoadedModel,
  { last, mean }: BatchStates,
  { batch, layers }: { readonly batch: Batch; readonly layers: readonly number[] },
): Pick<PooledBatch, StatePool> {
  const ids = batch.prompts.map(({ id }) => id);
  const { hidden } = model.spec;
  for (const data of [last, mean]) {
    if (data !== null) {
      checkFiniteStates(data, { checkpoint: model.checkpoint.id, ids, layers, hidden });
    }
  }
  return { last, mean };
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
