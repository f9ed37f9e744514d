import { UserError } from '../../../error/index.ts';
import { firstNonFinite } from '../../../stats/index.ts';
import { checkLayers } from '../../check-layers.ts';
import { checkPrompts } from '../../check-prompts.ts';
import { extractStates } from '../../extract.ts';
import { planBatches, type PlanOptions } from '../../plan-batches.ts';
import type { ExtractOptions, PooledBatch, TokenisedPrompt } from '../../provider.ts';
import { runTogether } from '../run-together.ts';
import type { Identity } from './identify.ts';
import { BatchQueue, type Job } from './batch-queue.ts';
import { type PooledRow, type Pools, TokenPooler } from './pool-tokens.ts';
import { fetchStates, type ServedModel, visitTokens } from './served-model.ts';

/** A server whose model is known to be the checkpoint. */
export type IdentifiedModel = ServedModel & {
  readonly identity: Identity;
  readonly plan: PlanOptions & { readonly rowBudget: number };
  readonly signal: AbortSignal | undefined;
};

/** Layers that can be had: those of the server, and the embedding, which is looked up here. */
export function offeredLayers({ source, identity }: IdentifiedModel): readonly number[] {
  const { layers } = identity;
  // What comes after the final norm alone is all that such a server is for.
  return layers[0] === 0 || source.isNormed ? layers : [0, ...layers];
}

/** Prompts are asked for side by side, in the order of the plan; so are the batches yielded. */
export async function* extractFromServer(
  served: IdentifiedModel,
  prompts: readonly TokenisedPrompt[],
  options: ExtractOptions,
): AsyncGenerator<PooledBatch> {
  checkPrompts(prompts, served.model.limits);
  const work = {
    served,
    prompts,
    pools: poolsOf(options),
    layers: layersOf(served, options),
    spare: [],
  };
  const lengths = prompts.map(({ ids }) => ids.length);
  const planned = [...planBatches(lengths, served.plan).batches.entries()];
  const left = planned.filter(([batch]) => options.skipBatches?.has(batch) !== true);
  const width = work.layers.length * served.model.spec.hidden;
  const batches = new BatchQueue(left, { lengths, width, pools: work.pools });
  const { signal } = served;
  const { concurrency } = served.server;
  const asked = runTogether(
    async (job: Job, ending) => {
      const row = batches.rowOf(job);
      await poolPrompt(work, { prompt: prompts[job.row]!, row }, ending);
      return job;
    },
    { next: () => batches.next(2 * concurrency + served.plan.rowBudget), concurrency, signal },
  );
  for await (const job of asked) {
    batches.finish(job);
    for (let ready = batches.takeReady(); ready !== null; ready = batches.takeReady()) {
      await addEmbeddings(work, ready);
      yield ready;
    }
  }
}

type Work = {
  readonly served: IdentifiedModel;
  readonly prompts: readonly TokenisedPrompt[];
  readonly pools: Pools;
  readonly layers: readonly number[];
  /** Scratch space that no prompt uses now. */
  readonly spare: Float64Array[];
};

function poolsOf({ pool }: ExtractOptions): Pools {
  const other = pool.find((name) => name !== 'last' && name !== 'mean');
  if (other !== undefined) {
    throw new UserError(
      `\`extract\`: expected poolings \`last\` and \`mean\` of a server, got \`${other}\`; servers give hidden states, not what the output head makes of them`,
    );
  }
  if (pool.length === 0) {
    throw new UserError('`extract`: expected at least one pooling, got none');
  }
  return { last: pool.includes('last'), mean: pool.includes('mean') };
}

function layersOf(served: IdentifiedModel, { layers }: ExtractOptions): readonly number[] {
  const offered = offeredLayers(served);
  if (layers === undefined) return offered;
  const checked = checkLayers(layers, served.model.spec.layers.length);
  const missing = checked.filter((layer) => !offered.includes(layer));
  if (missing.length === 0) return checked;
  throw new UserError(
    `--layers: expected layers that ${served.server.client.baseUrl} gives (${offered.join(',')}), got ${missing.join(',')}`,
  );
}

/** What is asked for of the server: all layers but an embedding that it does not give. */
function servedOf({ served, layers }: Work): readonly number[] {
  return served.identity.layers[0] === 0 ? layers : layers.filter((layer) => layer > 0);
}

async function poolPrompt(
  work: Work,
  { prompt, row }: { readonly prompt: TokenisedPrompt; readonly row: PooledRow },
  signal: AbortSignal,
): Promise<void> {
  const { served, pools, layers: all, spare } = work;
  const layers = servedOf(work);
  if (layers.length === 0) return;
  const { hidden } = served.model.spec;
  const asked = { layers, lastOnly: !pools.mean };
  await using states = await fetchStates(served, prompt, { ...asked, signal });
  const given = served.source.layersIn(layers) ?? served.identity.layers;
  const sum = spare.pop() ?? new Float64Array(pools.mean ? all.length * hidden : 0);
  const pooler = new TokenPooler(row, sum);
  const offset = (all.length - layers.length) * hidden;
  const visit = (token: readonly Float32Array[]): void => {
    pooler.add(token, offset);
  };
  await visitTokens(served, states, { prompt, given, ...asked, visit });
  pooler.finish();
  spare.push(sum);
  for (const values of [row.last, row.mean]) {
    if (values !== null) checkStates(work, prompt, values);
  }
}

/** A layer of zeros is no state: it is memory that was never written. */
function checkStates(work: Work, { id }: TokenisedPrompt, values: Float32Array): void {
  const { served, layers } = work;
  const { hidden } = served.model.spec;
  const refusal = (what: string, layer: number): UserError =>
    new UserError(
      `item \`${id}\`: expected finite hidden states from ${served.server.client.baseUrl}, got ${what} at layer ${layer}`,
    );
  const at = firstNonFinite(values);
  if (at !== -1) throw refusal(`${values[at]!}`, layers[Math.floor(at / hidden)]!);
  for (const layer of servedOf(work)) {
    const start = layers.indexOf(layer) * hidden;
    if (values.subarray(start, start + hidden).every((value) => value === 0)) {
      throw refusal('nothing but zeros', layer);
    }
  }
}

/** What the embedding table holds of the tokens, where the server does not give it. */
async function addEmbeddings(work: Work, batch: PooledBatch): Promise<void> {
  const { served, prompts, pools, layers } = work;
  if (layers[0] !== 0 || servedOf(work)[0] === 0) return;
  const own = Array.from(batch.rows, (row) => prompts[row]!);
  const pool = (['last', 'mean'] as const).filter((name) => pools[name]);
  const { hidden } = served.model.spec;
  const options = { pool, layers: [0], tokenBudget: embeddingTokens };
  for await (const found of extractStates(served.model, own, options)) {
    for (const name of pool) {
      for (const [i, row] of found.rows.entries()) {
        const state = found[name]!.subarray(i * hidden, (i + 1) * hidden);
        batch[name]!.set(state, row * layers.length * hidden);
      }
    }
  }
}

/** Tokens that are looked up at once. */
const embeddingTokens = 1024;
