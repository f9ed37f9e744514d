import type { Session } from '../../graph/index.ts';
import {
  buildDecode,
  buildPrefill,
  cacheNames,
  type ModelSpec,
  prefillFeeds,
} from '../../model/index.ts';
import { checkSamplePrompts } from '../check-prompts.ts';
import { checkSampleOptions } from '../check-sample-options.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { planBatches } from '../plan-batches.ts';
import type { SampledAnswers, SampleOptions, SamplePrompt } from '../provider.ts';
import { type AnswerTokenizer, Branches, type NumberedPrompt } from './branches.ts';
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
  checkSampleOptions(setup);
  checkSamplePrompts(prompts, model.limits);
  const { spec, tensors } = model;
  const prefill = await model.session('prefill', () =>
    buildPrefill(spec, tensors, { pool: [], cache: true }),
  );
  const decode = await model.session('decode', () => buildDecode(spec, tensors));
  const together = samplesTogether(spec, prompts, setup.memoryBytes);
  const numbered = prompts.map((prompt) => ({ ...prompt, numbers: numbersOf(prompt, setup) }));
  const most = numbered.reduce((largest, { numbers }) => Math.max(largest, numbers.length), 1);
  const plan = planBatches(
    prompts.map(({ ids }) => ids.length),
    {
      tokenBudget: setup.tokenBudget,
      rowBudget: Math.max(1, Math.floor(together / most)),
    },
  );
  for (const rows of plan.batches) {
    const batch = Array.from(rows, (row) => numbered[row]!);
    yield* await sampleBatch(model, batch, { ...setup, prefill, decode, together });
  }
}

function numbersOf({ numbers }: SamplePrompt, { samples }: SampleOptions): readonly number[] {
  return numbers ?? Array.from({ length: samples }, (_, number) => number);
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
  prompts: readonly NumberedPrompt[],
  setup: BatchSetup,
): Promise<SampledAnswers[]> {
  const longest = Math.max(...prompts.map(({ ids }) => ids.length));
  const caches = model.spec.layers.flatMap((_, i) => Object.values(cacheNames(i)));
  const prefilled = await setup.prefill.run(
    { ...prefillFeeds(prompts.map(({ ids }) => ids)), ...model.ropes.upTo(longest) },
    ['logits', ...caches],
  );
  const most = Math.max(...prompts.map(({ numbers }) => numbers.length));
  let answers: SampledAnswers[] | null = null;
  for (let first = 0; first < most; first += setup.together) {
    const turn = prompts.map((prompt) => {
      return { ...prompt, numbers: prompt.numbers.slice(first, first + setup.together) };
    });
    const more = new Branches(turn, setup, setup.tokenizer);
    await decodeBranches(model, more, { prompts, prefilled, decode: setup.decode });
    const next = more.answers();
    answers = answers === null ? next : answers.map((each, i) => joined(each, next[i]!));
  }
  return answers ?? [];
}

function joined(a: SampledAnswers, b: SampledAnswers): SampledAnswers {
  return {
    id: a.id,
    numbers: [...a.numbers, ...b.numbers],
    answers: [...a.answers, ...b.answers],
    tokens: [...a.tokens, ...b.tokens],
    cost: {
      // The prompt is read once for all its turns.
      promptTokens: a.cost.promptTokens,
      completionTokens: (a.cost.completionTokens ?? 0) + (b.cost.completionTokens ?? 0),
    },
  };
}
