import { UserError } from '../../error/index.ts';
import type { Session } from '../../graph/index.ts';
import {
  buildDecode,
  buildPrefill,
  cacheNames,
  type ModelSpec,
  prefillFeeds,
} from '../../model/index.ts';
import { checkSamplePrompts } from '../check-prompts.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { planBatches } from '../plan-batches.ts';
import type { SampledAnswers, SampleOptions, SamplePrompt } from '../provider.ts';
import { type AnswerTokenizer, Branches } from './branches.ts';
import { decodeBranches } from './decode-branches.ts';

/** Samples of a batch of prompts together: with most answers alike, far fewer rows than this are computed. */
const SAMPLES_PER_BATCH = 4096;

export type SamplingSetup = SampleOptions & {
  readonly tokenBudget: number;
  /** What the caches of answers may take. */
  readonly memoryBytes: number;
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
  const { spec, tensors } = model;
  const prefill = await model.session('prefill', () =>
    buildPrefill(spec, tensors, { pool: [], cache: true }),
  );
  const decode = await model.session('decode', () => buildDecode(spec, tensors));
  const together = samplesTogether(spec, prompts, setup.memoryBytes);
  const plan = planBatches(
    prompts.map(({ ids }) => ids.length),
    {
      tokenBudget: setup.tokenBudget,
      rowBudget: Math.max(1, Math.floor(together / setup.samples)),
    },
  );
  for (const rows of plan.batches) {
    const batch = Array.from(rows, (row) => prompts[row]!);
    yield* await sampleBatch(model, batch, { ...setup, prefill, decode, together });
  }
}

/** Samples whose caches fit into the memory if all of them differ; at least one. */
function samplesTogether(
  spec: ModelSpec,
  prompts: readonly SamplePrompt[],
  memoryBytes: number,
): number {
  const mostTokens = prompts.reduce((most, { maxTokens }) => Math.max(most, maxTokens), 1);
  const perToken = spec.layers.reduce(
    (sum, { attention }) => sum + 2 * attention.keyValueHeads * attention.headDim,
    0,
  );
  // Two generations of the cache stand side by side while rows move, and so do logits here and in the runtime.
  const bytes = 2 * 4 * (perToken * mostTokens + spec.vocabulary);
  return Math.min(SAMPLES_PER_BATCH, Math.max(1, Math.floor(memoryBytes / bytes)));
}

type BatchSetup = SamplingSetup & {
  readonly prefill: Session;
  readonly decode: Session;
  readonly together: number;
};

/** All answers of a batch of prompts; those of one prompt in turns where they do not fit together. */
async function sampleBatch(
  model: LoadedModel,
  prompts: readonly SamplePrompt[],
  setup: BatchSetup,
): Promise<SampledAnswers[]> {
  const longest = Math.max(...prompts.map(({ ids }) => ids.length));
  const caches = model.spec.layers.flatMap((_, i) => Object.values(cacheNames(i)));
  const prefilled = await setup.prefill.run(
    { ...prefillFeeds(prompts.map(({ ids }) => ids)), ...model.ropes.upTo(longest) },
    ['logits', ...caches],
  );
  let answers: SampledAnswers[] | null = null;
  for (let first = 0; first < setup.samples; first += setup.together) {
    const samples = Math.min(setup.together, setup.samples - first);
    const more = new Branches(prompts, { ...setup, samples, firstSample: first }, setup.tokenizer);
    await decodeBranches(model, more, { prompts, prefilled, decode: setup.decode });
    const next = more.answers();
    answers = answers === null ? next : answers.map((each, i) => joined(each, next[i]!));
  }
  return answers ?? [];
}

function joined(a: SampledAnswers, b: SampledAnswers): SampledAnswers {
  return { id: a.id, answers: [...a.answers, ...b.answers], tokens: [...a.tokens, ...b.tokens] };
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
