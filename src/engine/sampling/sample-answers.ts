import type { Session } from '../../graph/index.ts';
import { buildDecode, type ModelSpec } from '../../model/index.ts';
import { checkSamplePrompts } from '../check-prompts.ts';
import { checkSampleOptions } from '../check-sample-options.ts';
import type { LoadedModel } from '../loaded-model.ts';
import { cacheBytesPerToken } from '../pass-memory.ts';
import { type PassOptions, planPass } from '../plan-pass.ts';
import type { SampledAnswers, SampleOptions, SamplePrompt } from '../provider.ts';
import { type AnswerTokenizer, Branches, type NumberedPrompt } from './branches.ts';
import { type AskedNext, askNext } from './asked-next.ts';
import { decodeBranches } from './decode-branches.ts';
import { planGroups } from './plan-groups.ts';
import { openPrefill, type Prefilled } from './prefill-group.ts';

/** Samples of a group of prompts together: with most answers alike, far fewer rows than this are computed. */
const MOST_SAMPLES = 4096;
/** Prompts whose answers grow side by side: enough to keep the cores busy, few enough that answers come now and then. */
const MOST_PROMPTS = 64;
/** Share of the memory for prefixes; the rest is for prompts and answers. */
const PREFIX_SHARE = 0.25;

export type SamplingSetup = SampleOptions &
  Pick<PassOptions, 'tokenBudget' | 'prefixSharing'> & {
    /** What the caches of prompts and answers may take. */
    readonly memoryBytes: number;
    readonly tokenizer: AnswerTokenizer;
  };

/** Reads each prompt once, then decodes all distinct answers of a group of prompts side by side. */
export async function* sampleAnswers(
  model: LoadedModel,
  prompts: readonly SamplePrompt[],
  setup: SamplingSetup,
): AsyncGenerator<SampledAnswers> {
  checkSampleOptions(setup);
  checkSamplePrompts(prompts, model.limits);
  const { spec, tensors } = model;
  const { tokenBudget, prefixSharing = 'paying' } = setup;
  const bytesPerToken = cacheBytesPerToken(spec);
  const plan = planPass(
    prompts.map(({ ids }) => ids),
    {
      ...{ tokenBudget, prefixSharing },
      mostPrefixTokens: Math.floor((setup.memoryBytes * PREFIX_SHARE) / bytesPerToken),
    },
  );
  const next = askNext(spec, setup);
  const prefill = await openPrefill(model, { prompts, plan, tokenBudget, next });
  const decode = await model.session(`decode ${next.values} ${next.known}`, () =>
    buildDecode(spec, tensors, next),
  );
  const memoryBytes = setup.memoryBytes * (1 - PREFIX_SHARE);
  const bytesPerSample = sampleBytes(spec, prompts);
  const numbered = prompts.map((prompt) => ({ ...prompt, numbers: numbersOf(prompt, setup) }));
  const groups = planGroups(plan, {
    promptTokens: prompts.map(({ ids }) => ids.length),
    samples: numbered.map(({ numbers }) => numbers.length),
    ...{ bytesPerToken, bytesPerSample, memoryBytes },
    ...{ mostSamples: MOST_SAMPLES, mostPrompts: MOST_PROMPTS },
  });
  const together = Math.min(MOST_SAMPLES, Math.max(1, Math.floor(memoryBytes / bytesPerSample)));
  for (const batches of groups) {
    const group = batches.flatMap(({ rows }) => Array.from(rows, (row) => numbered[row]!));
    const prefilled = await prefill(batches);
    yield* await sampleGroup(model, group, { ...setup, prefilled, next, decode, together });
  }
}

function numbersOf({ numbers }: SamplePrompt, { samples }: SampleOptions): readonly number[] {
  return numbers ?? Array.from({ length: samples }, (_, number) => number);
}

/** What an answer of the most tokens takes if it is like no other. */
function sampleBytes(spec: ModelSpec, prompts: readonly SamplePrompt[]): number {
  const mostTokens = prompts.reduce((most, { maxTokens }) => Math.max(most, maxTokens), 1);
  // Two generations of the cache stand side by side while rows move, and so do logits here and in the runtime.
  return 2 * (cacheBytesPerToken(spec) * mostTokens + 4 * spec.vocabulary);
}

type GroupSetup = SamplingSetup & {
  readonly prefilled: Prefilled;
  readonly next: AskedNext;
  readonly decode: Session;
  /** Most answers of a prompt at once. */
  readonly together: number;
};

/** All answers of a group of prompts; those of one prompt in turns where they do not fit together. */
async function sampleGroup(
  model: LoadedModel,
  prompts: readonly NumberedPrompt[],
  { prefilled, next, decode, together, ...setup }: GroupSetup,
): Promise<SampledAnswers[]> {
  const most = Math.max(...prompts.map(({ numbers }) => numbers.length));
  let answers: SampledAnswers[] | null = null;
  for (let first = 0; first < most; first += together) {
    const turn = prompts.map((prompt) => {
      return { ...prompt, numbers: prompt.numbers.slice(first, first + together) };
    });
    const more = new Branches(turn, setup, setup.tokenizer);
    await decodeBranches(model, more, { prompts, prefilled, next, decode });
    const turned = more.answers();
    answers = answers === null ? turned : answers.map((each, i) => joined(each, turned[i]!));
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
