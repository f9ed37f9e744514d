import { UserError } from '../error/index.ts';
import { buildTokenStates, chosenFeeds, prefillFeeds, TOKEN_STATES } from '../model/index.ts';
import { checkFiniteStates } from './check-finite.ts';
import { checkLayers } from './check-layers.ts';
import { checkPrompts } from './check-prompts.ts';
import type { LoadedModel } from './loaded-model.ts';
import { planBatches } from './plan-batches.ts';
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
  options: TokenOptions & { readonly tokenBudget: number },
): AsyncGenerator<TokenBatch> {
  checkPrompts(prompts, model.limits);
  const layers = checkLayers(options.layers, model.spec.layers.length);
  const lengths = Int32Array.from(prompts, ({ ids }) => ids.length);
  const kept = keptLengths(lengths, options);
  const session = await model.session(`tokens ${layers.join()}`, () =>
    buildTokenStates(model.spec, model.tensors, layers),
  );
  for (const [batch, rows] of planBatches(lengths, options).batches.entries()) {
    if (options.skipBatches?.has(batch) === true) continue;
    const chosen = Array.from(rows, (row) => prompts[row]!);
    const rowLengths = rows.map((row) => lengths[row]!);
    const outputs = await session.run(
      {
        ...prefillFeeds(chosen.map(({ ids }) => ids)),
        ...chosenFeeds(
          rowLengths,
          rows.map((row) => lengths[row]! - kept[row]!),
        ),
        ...model.ropes.upTo(rowLengths[0]!),
      },
      [TOKEN_STATES],
    );
    const values = outputs[TOKEN_STATES]?.data;
    if (!(values instanceof Float32Array)) throw new Error('engine: token states not float32');
    const ids = Array.from(rows).flatMap((row) => Array<string>(kept[row]!).fill(prompts[row]!.id));
    const { hidden } = model.spec;
    checkFiniteStates(values, { checkpoint: model.checkpoint.id, ids, layers, hidden });
    yield {
      batch,
      rows,
      lengths: rows.map((row) => kept[row]!),
      values,
      tokens: rowLengths.reduce((sum, length) => sum + length, 0),
    };
  }
}
