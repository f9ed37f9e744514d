import { UserError } from '../../error/index.ts';
import type { Session, Tensor } from '../../graph/index.ts';
import { NEXT_VALUES, newNames } from '../../model/index.ts';
import { firstNonFinite } from '../../stats/index.ts';
import type { LoadedModel } from '../loaded-model.ts';
import type { SamplePrompt } from '../provider.ts';
import type { Branch, Branches } from './branches.ts';
import type { AskedNext } from './asked-next.ts';
import { decodeFeeds } from './decode-feeds.ts';
import type { Prefilled } from './prefill-group.ts';
import { SuffixCache } from './suffix-cache.ts';

export type DecodeSetup = {
  readonly prompts: readonly SamplePrompt[];
  readonly prefilled: Prefilled;
  readonly next: AskedNext;
  readonly decode: Session;
};

/** Grows the branches token by token until none is left. */
export async function decodeBranches(
  model: LoadedModel,
  branches: Branches,
  { prompts, prefilled, next, decode }: DecodeSetup,
): Promise<void> {
  const promptLengths = prompts.map(({ ids }) => ids.length);
  const promptTokens = Math.max(...promptLengths);
  const mostTokens = Math.max(...prompts.map(({ maxTokens }) => maxTokens));
  const fresh = model.spec.layers.flatMap((_, i) => Object.values(newNames(i)));
  const { [NEXT_VALUES]: first, ...promptCache } = prefilled;
  const suffix = new SuffixCache(model.spec, mostTokens);
  const names = { model, prompts };
  let live = grow(branches, branches.roots(), floats(first, names));
  while (live.next.length > 0) {
    suffix.follow(live.parents);
    const rows = live.next.length;
    const suffixTokens = suffix.room;
    const feeds = decodeFeeds({ branches: live.next, promptLengths, promptTokens, suffixTokens });
    // The rotation takes the rows for a sequence, and wants a table as long as that.
    const tables = model.ropes.upTo(Math.max(promptTokens + mostTokens, rows));
    const outputs = await decode.run(
      { ...feeds, ...tables, ...promptCache, ...suffix.feeds(rows), ...next.feeds },
      [NEXT_VALUES, ...fresh],
    );
    suffix.append(outputs, rows);
    live = grow(branches, live.next, floats(outputs[NEXT_VALUES], names));
  }
}

/** Grows every branch by a token; `parents` says which old row a new one continues. */
function grow(
  branches: Branches,
  rows: readonly Branch[],
  values: Float32Array,
): { next: Branch[]; parents: Int32Array } {
  const known = values.length / rows.length;
  const next: Branch[] = [];
  const parents: number[] = [];
  for (const [row, branch] of rows.entries()) {
    const children = branches.grow(branch, values.subarray(row * known, (row + 1) * known));
    for (const child of children) {
      next.push(child);
      parents.push(row);
    }
  }
  return { next, parents: Int32Array.from(parents) };
}

function floats(
  tensor: Tensor | undefined,
  { model, prompts }: { readonly model: LoadedModel; readonly prompts: readonly SamplePrompt[] },
): Float32Array {
  if (!(tensor?.data instanceof Float32Array)) throw new Error('engine: next tokens not float32');
  if (firstNonFinite(tensor.data) !== -1) {
    const ids = prompts.map(({ id }) => `\`${id}\``);
    throw new UserError(
      `\`${model.checkpoint.id}\`: expected finite logits, got NaN or infinity in the batch of items ` +
        `${ids.slice(0, 3).join(', ')}; the weights hold NaN or infinity, or the model overflows float32`,
    );
  }
  return tensor.data;
}
