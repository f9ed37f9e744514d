import { UserError } from '../error/index.ts';
import type { Tensor } from '../graph/index.ts';
import { buildPrefill, OUTPUT_FEATURES, type Pool, prefillFeeds } from '../model/index.ts';
import { checkFiniteOutputs, checkFiniteStates } from './check-finite.ts';
import { checkLayers } from './check-layers.ts';
import { checkPrompts } from './check-prompts.ts';
import type { LoadedModel } from './loaded-model.ts';
import { planBatches } from './plan-batches.ts';
import type { ExtractOptions, PooledBatch, TokenisedPrompt } from './provider.ts';

/** One run a batch of the plan; batches that are there already are left out. */
export async function* extractStates(
  model: LoadedModel,
  prompts: readonly TokenisedPrompt[],
  options: ExtractOptions & { readonly tokenBudget: number },
): AsyncGenerator<PooledBatch> {
  checkPrompts(prompts, model.limits);
  const depth = model.spec.layers.length;
  const layers = checkLayers(
    options.layers ?? Array.from({ length: depth + 1 }, (_, i) => i),
    depth,
  );
  const pool = (['last', 'mean', 'output'] as const).filter((each) => options.pool.includes(each));
  if (pool.length === 0) throw new UserError('`extract`: expected at least one pooling, got none');
  const plan = planBatches(
    prompts.map(({ ids }) => ids.length),
    options,
  );
  const session = await model.session(`extract ${pool.join()} ${layers.join()}`, () =>
    buildPrefill(model.spec, model.checkpoint.tensors, { pool, layers }),
  );
  for (const [batch, rows] of plan.batches.entries()) {
    if (options.skipBatches?.has(batch) === true) continue;
    const chosen = Array.from(rows, (row) => prompts[row]!);
    const feeds = prefillFeeds(chosen.map(({ ids }) => ids));
    const longest = chosen[0]!.ids.length;
    const outputs = await session.run({ ...feeds, ...model.ropes.upTo(longest) }, pool);
    const ids = chosen.map(({ id }) => id);
    yield {
      batch,
      rows,
      ...checkedPools(model, outputs, { ids, layers }),
      tokens: chosen.reduce((sum, prompt) => sum + prompt.ids.length, 0),
    };
  }
}

function checkedPools(
  model: LoadedModel,
  outputs: Readonly<Record<string, Tensor>>,
  { ids, layers }: { readonly ids: readonly string[]; readonly layers: readonly number[] },
): Pick<PooledBatch, Pool> {
  const checkpoint = model.checkpoint.id;
  const states = (pool: Pool): Float32Array | null => {
    const data = floats(outputs[pool]);
    if (data !== null) {
      checkFiniteStates(data, { checkpoint, ids, layers, hidden: model.spec.hidden });
    }
    return data;
  };
  const output = floats(outputs['output']);
  if (output !== null) checkFiniteOutputs(output, { checkpoint, ids, width: OUTPUT_FEATURES });
  return { last: states('last'), mean: states('mean'), output };
}

function floats(tensor: Tensor | undefined): Float32Array | null {
  if (tensor === undefined) return null;
  if (!(tensor.data instanceof Float32Array)) throw new Error('engine: pooled states not float32');
  return tensor.data;
}
