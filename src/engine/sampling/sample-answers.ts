import { UserError } from '../../error/index.ts';
import type { Session, Tensor } from '../../graph/index.ts';
import {
  buildDecode,
  buildPrefill,
  cacheNames,
  newNames,
  prefillFeeds,
} from '../../model/index.ts';
import { firstNonFinite } from '../check-finite.ts';
import { checkSamplePrompts } from '../check-prompts.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { planBatches } from '../plan-batches.ts';
import type { SampledAnswers, SampleOptions, SamplePrompt } from '../provider.ts';
import { type AnswerTokenizer, type Branch, Branches } from './branches.ts';
import { decodeFeeds } from './decode-feeds.ts';
import { SuffixCache } from './suffix-cache.ts';

/** Samples of a batch of prompts together: with most answers alike, far fewer rows than this are computed. */
const SAMPLES_PER_BATCH = 4096;

export type SamplingSetup = SampleOptions & {
  readonly tokenBudget: number;
  readonly tokenizer: AnswerTokenizer;
};

/** Reads each prompt once, then decodes all distinct answers of a batch side by side. */
export async function* sampleAnswers(
  model: LoadedModel,
  prompts: readonly SamplePrompt[],
  setup: SamplingSetup,
): AsyncGenerator<SampledAnswers> {
  checkOptions(setup);
  checkSamplePrompts(prompts, model.limits);
  const { spec, checkpoint } = model;
  const prefill = await model.session('prefill', () =>
    buildPrefill(spec, checkpoint.tensors, { pool: [], cache: true }),
  );
  const decode = await model.session('decode', () => buildDecode(spec, checkpoint.tensors));
  const plan = planBatches(
    prompts.map(({ ids }) => ids.length),
    {
      tokenBudget: setup.tokenBudget,
      rowBudget: Math.max(1, Math.floor(SAMPLES_PER_BATCH / setup.samples)),
    },
  );
  for (const rows of plan.batches) {
    const batch = Array.from(rows, (row) => prompts[row]!);
    yield* await sampleBatch(model, batch, { ...setup, prefill, decode });
  }
}

type BatchSetup = SamplingSetup & { readonly prefill: Session; readonly decode: Session };

async function sampleBatch(
  model: LoadedModel,
  prompts: readonly SamplePrompt[],
  setup: BatchSetup,
): Promise<SampledAnswers[]> {
  const { spec } = model;
  const longest = Math.max(...prompts.map(({ ids }) => ids.length));
  const mostTokens = Math.max(...prompts.map(({ maxTokens }) => maxTokens));
  const caches = spec.layers.flatMap((_, i) => Object.values(cacheNames(i)));
  const fresh = spec.layers.flatMap((_, i) => Object.values(newNames(i)));
  const { logits, ...promptCache } = await setup.prefill.run(
    { ...prefillFeeds(prompts.map(({ ids }) => ids)), ...model.ropes.upTo(longest) },
    ['logits', ...caches],
  );
  const branches = new Branches(prompts, setup, setup.tokenizer);
  const suffix = new SuffixCache(spec, mostTokens);
  const names = { model, prompts };
  let live = grow(branches, branches.roots(), floats(logits, names));
  while (live.next.length > 0) {
    suffix.follow(live.parents);
    const rows = live.next.length;
    const feeds = decodeFeeds({
      branches: live.next,
      promptLengths: prompts.map(({ ids }) => ids.length),
      promptTokens: longest,
      suffixTokens: suffix.room,
    });
    // The rotation takes the rows for a sequence, and wants a table as long as that.
    const tables = model.ropes.upTo(Math.max(longest + mostTokens, rows));
    const outputs = await setup.decode.run(
      { ...feeds, ...tables, ...promptCache, ...suffix.feeds(rows) },
      ['logits', ...fresh],
    );
    suffix.append(outputs, rows);
    live = grow(branches, live.next, floats(outputs['logits'], names));
  }
  return branches.answers();
}

/** Grows every branch by a token; `parents` says which old row a new one continues. */
function grow(
  branches: Branches,
  rows: readonly Branch[],
  logits: Float32Array,
): { next: Branch[]; parents: Int32Array } {
  const vocabulary = logits.length / rows.length;
  const next: Branch[] = [];
  const parents: number[] = [];
  for (const [row, branch] of rows.entries()) {
    const children = branches.grow(
      branch,
      logits.subarray(row * vocabulary, (row + 1) * vocabulary),
    );
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
  if (!(tensor?.data instanceof Float32Array)) throw new Error('engine: logits not float32');
  if (firstNonFinite(tensor.data) !== -1) {
    const ids = prompts.map(({ id }) => `\`${id}\``);
    throw new UserError(
      `\`${model.checkpoint.id}\`: expected finite logits, got NaN or infinity in the batch of items ` +
        `${ids.slice(0, 3).join(', ')}; the weights hold NaN or infinity, or the model overflows float32`,
    );
  }
  return tensor.data;
}

function checkOptions({ samples, temperature, topP, seed }: SampleOptions): void {
  const rules: [string, number, boolean, string][] = [
    ['samples', samples, Number.isSafeInteger(samples) && samples >= 1, 'a whole number from 1'],
    ['temperature', temperature, Number.isFinite(temperature) && temperature >= 0, '0 or above'],
    ['topP', topP, topP > 0 && topP <= 1, 'above 0 and at most 1'],
    ['seed', seed, Number.isSafeInteger(seed), 'a whole number'],
  ];
  for (const [name, value, valid, expected] of rules) {
    if (!valid)
      throw new UserError(`\`sample\`: expected \`${name}\` to be ${expected}, got ${value}`);
  }
}
