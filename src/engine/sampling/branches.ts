import type { PromptTokenizer } from '../../checkpoint/index.ts';
import { type RandomStream, randomStream } from '../../stats/index.ts';
import { cutAtStop } from '../../suite/index.ts';
import type { SampledAnswers, SampleOptions, SamplePrompt } from '../provider.ts';
import { argmax, draw, nucleus } from './nucleus.ts';

/** What sampling needs of a tokenizer. */
export type AnswerTokenizer = Pick<PromptTokenizer, 'decode' | 'vocabularySize' | 'eosTokenIds'>;

/** A prompt with the numbers of the answers wanted of it. */
export type NumberedPrompt = SamplePrompt & { readonly numbers: readonly number[] };

/** Tokens that several samples of one prompt have drawn alike so far: one row of a decode run serves them all. */
export type Branch = {
  /** Index of the prompt in its batch. */
  readonly prompt: number;
  readonly tokens: readonly number[];
  /** Samples on this branch, as places in the prompt's `numbers`. */
  readonly samples: readonly number[];
};

/**
 * The answers of one batch of prompts while they grow. Every sample draws from a stream of its own, keyed by seed,
 * prompt id and sample number, one number a token: who shares a branch or a batch with it changes nothing.
 */
export class Branches {
  readonly #prompts: readonly NumberedPrompt[];
  readonly #options: SampleOptions;
  readonly #tokenizer: AnswerTokenizer;
  readonly #eos: ReadonlySet<number>;
  readonly #answers: string[][];
  readonly #tokens: number[][];
  readonly #streams: RandomStream[][];

  constructor(
    prompts: readonly NumberedPrompt[],
    options: SampleOptions,
    tokenizer: AnswerTokenizer,
  ) {
    this.#prompts = prompts;
    this.#options = options;
    this.#tokenizer = tokenizer;
    this.#eos = new Set(tokenizer.eosTokenIds);
    this.#answers = prompts.map(({ numbers }) => numbers.map(() => ''));
    this.#tokens = prompts.map(({ numbers }) => numbers.map(() => 0));
    this.#streams = prompts.map(({ id, numbers }) =>
      options.temperature > 0 ? numbers.map((n) => randomStream(options.seed, id, n)) : [],
    );
  }

  /** The branch of each prompt before anything was drawn: all samples together. */
  roots(): Branch[] {
    return this.#prompts.map(({ numbers }, prompt) => ({
      prompt,
      tokens: [],
      samples: [...numbers.keys()],
    }));
  }

  /**
   * Draws one token for every sample of `branch`: the branches that go on. `values` (tokens) are logits at temperature 0,
   * else probabilities, which may have any sum.
   */
  grow(branch: Branch, values: Float32Array): Branch[] {
    if (branch.samples.length === 0) return [];
    const next: Branch[] = [];
    for (const [token, samples] of this.#split(branch, values)) {
      const child = { prompt: branch.prompt, tokens: [...branch.tokens, token], samples };
      if (this.#eos.has(token)) this.#finish(child, branch.tokens);
      else if (this.#isComplete(child)) this.#finish(child, child.tokens);
      else next.push(child);
    }
    return next;
  }

  /** The answers of all prompts, once no branch is left. */
  answers(): SampledAnswers[] {
    return this.#prompts.map(({ id, ids, numbers }, i) => ({
      id,
      numbers,
      answers: this.#answers[i]!,
      tokens: this.#tokens[i]!,
      cost: {
        promptTokens: ids.length,
        completionTokens: this.#tokens[i]!.reduce((sum, tokens) => sum + tokens, 0),
      },
    }));
  }

  /** Samples by the token they draw, in order of the token. */
  #split(branch: Branch, values: Float32Array): [number, readonly number[]][] {
    const { temperature, topP, topK = null } = this.#options;
    if (temperature === 0) return [[argmax(values), branch.samples]];
    const distribution = nucleus(values, { topP, topK });
    const byToken = new Map<number, number[]>();
    for (const sample of branch.samples) {
      const token = draw(distribution, this.#streams[branch.prompt]![sample]!.uniform());
      const samples = byToken.get(token);
      if (samples === undefined) byToken.set(token, [sample]);
      else samples.push(sample);
    }
    return [...byToken].sort(([a], [b]) => a - b);
  }

  #isComplete({ prompt, tokens }: Branch): boolean {
    const { maxTokens, stop } = this.#prompts[prompt]!;
    if (tokens.length >= maxTokens) return true;
    if (stop.length === 0) return false;
    const text = this.#tokenizer.decode(tokens.slice(-stopWindow(stop)));
    return stop.some((word) => text.includes(word));
  }

  /** `kept` are the tokens of the answer: those of the branch without the one that ends the text. */
  #finish({ prompt, tokens, samples }: Branch, kept: readonly number[]): void {
    const answer = cutAtStop(this.#tokenizer.decode(kept), this.#prompts[prompt]!.stop);
    for (const sample of samples) {
      this.#answers[prompt]![sample] = answer;
      this.#tokens[prompt]![sample] = tokens.length;
    }
  }
}

/**
 * A stop string that the newest token completes lies within this many last tokens: a token is at least a byte, a UTF-16
 * unit at most three bytes, and a few special tokens, which have no text, may stand between.
 */
function stopWindow(stop: readonly string[]): number {
  return 3 * Math.max(...stop.map((word) => word.length)) + 8;
}
