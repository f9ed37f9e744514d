import { UserError } from '../error/index.ts';
import { openPass } from './batch-pass.ts';
import { checkFiniteStates } from './check-finite.ts';
import { checkLayers } from './check-layers.ts';
import { checkPrompts } from './check-prompts.ts';
import type { LoadedModel } from './loaded-model.ts';
import { type PassOptions, planPass } from './plan-pass.ts';
import type { TokenBatch, TokenisedPrompt, TokenOptions } from './provider.ts';

/**
 * How many tokens of each prompt are kept: those from `max(from, length − maxTokens)` on.
 *
 * @throws UserError where `maxTokens` is no whole number from 1.
 */
export function keptLengths(
  lengths: ArrayLike<number>,
  { from, maxTokens }: Pick<TokenOptions, 'from' | 'maxTokens'>,
): Int32Array {
  if (maxTokens !== undefined && !(Number.isSafeInteger(maxTokens) && maxTokens >= 1)) {
    throw new UserError(
      `\`maxTokens\`: expected a whole number from 1, got ${maxTokens}; it is how many tokens of a prompt are kept at most`,
    );
  }
  if (from.length !== lengths.length) {
    throw new Error(`extractTokens: ${from.length} first tokens for ${lengths.length} prompts`);
  }
  return from.map((first, i) => {
    const length = lengths[i]!;
    if (first < 0 || first >= length) {
      throw new Error(`extractTokens: first token ${first} of prompt ${i}, which has ${length}`);
    }
    return Math.min(length - first, maxTokens ?? length);
  });
}

/** One run a batch of the plan; batches that are there already are left out. */
export async function* extractTokenStates(
  model: LoadedModel,
  prompts: readonly TokenisedPrompt[],
  options: TokenOptions & PassOptions,
): AsyncGenerator<TokenBatch> {
  checkPrompts(prompts, model.limits);
  const layers = checkLayers(options.layers, model.spec.layers.length);
  const lengths = Int32Array.from(prompts, ({ ids }) => ids.length);
  const kept = keptLengths(lengths, options);
  const plan = planPass(
    prompts.map(({ ids }) => ids),
    options,
  );
  const pass = await openPass(model, {
    ...{ prompts, plan, layers, tokenBudget: options.tokenBudget },
    ...{ pool: [], chosen: 'layers', first: lengths.map((length, i) => length - kept[i]!) },
    ...{ skipped: options.skipBatches, onWork: options.onWork },
  });
  for (const [batch, planned] of plan.batches.entries()) {
    if (options.skipBatches?.has(batch) === true) continue;
    const { rows } = planned;
    const { chosen: values } = await pass(planned);
    if (values === null) throw new Error('engine: no token states');
    const ids = Array.from(rows).flatMap((row) => Array<string>(kept[row]!).fill(prompts[row]!.id));
    const { hidden } = model.spec;
    checkFiniteStates(values, { checkpoint: model.checkpoint.id, ids, layers, hidden });
    yield {
      batch,
      rows,
      lengths: rows.map((row) => kept[row]!),
      values,
      tokens: rows.reduce((sum, row) => sum + lengths[row]!, 0),
    };
  }
}
