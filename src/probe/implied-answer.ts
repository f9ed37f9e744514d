import { NEXT_TOKENS } from '../model/index.ts';
import { logOdds } from '../stats/index.ts';
import type { NamedTensor } from './estimator.ts';

/** Columns of `answerFeatures`. */
export const ANSWER_WIDTH = 4;

/**
 * What outcomes tell of the token that a question's right answer begins with. No answer begins with a token that is not
 * sampled: the rate of right answers cannot lie above that token's probability, and where the first token decides it lies
 * at it. A token whose probability went with the question's rate over several checkpoints is therefore likely the one,
 * and its probability at a later checkpoint says how the rate has moved. Nothing of this looks at the reference answer.
 */
export type ImpliedAnswers = {
  readonly items: number;
  /** (checkpoints, items, 8): tokens that the answer may begin with after the outcomes up to that checkpoint; −1 for none. */
  readonly tokens: Float32Array;
  /** The same: the share of belief in each; the rest goes to tokens that were never among the likeliest. */
  readonly belief: Float32Array;
  /** (checkpoints, items): the probability of such a token at that checkpoint. */
  readonly probability: Float32Array;
};

/** Answers to a question that count: sampling is seldom as the model's own distribution is, so more are no more exact. */
const MOST_ANSWERS = 20;

/** What an answer counts where the rate lies below the token's probability (what follows may be wrong), against above. */
const BELOW = 0.5;

/** A probability below this, or as near to 1, is drawn to it before its log odds are taken. */
const EDGE = 1e-4;

/**
 * Belief per checkpoint and question from the outcomes up to it. A token loses 2 · answers · (rate − probability)², the
 * normal log-likelihood at a rate of one half, and a share of that where the rate lies below.
 *
 * @param nextTokens by checkpoint, (items, 16): eight token ids, then their probabilities
 * @param outcomes (checkpoints, items), n = 0 where nothing is known or may be seen
 */
export function impliedAnswers(
  nextTokens: readonly Float32Array[],
  { k, n }: { readonly k: Float64Array; readonly n: Float64Array },
): ImpliedAnswers {
  const checkpoints = nextTokens.length;
  const items = n.length / Math.max(1, checkpoints);
  const answers = {
    items,
    tokens: new Float32Array(checkpoints * items * NEXT_TOKENS).fill(-1),
    belief: new Float32Array(checkpoints * items * NEXT_TOKENS),
    probability: new Float32Array(checkpoints * items),
  };
  for (let item = 0; item < items; item += 1) {
    const scores = new Map<number, number>();
    let unseen = 0;
    nextTokens.forEach((values, c) => {
      const at = c * items + item;
      const now = probabilities(values, item);
      if (n[at]! > 0) {
        const rate = k[at]! / n[at]!;
        const weight = 2 * Math.min(n[at]!, MOST_ANSWERS);
        for (const token of now.keys()) if (!scores.has(token)) scores.set(token, unseen);
        for (const [token, score] of scores) {
          scores.set(token, score - weight * misfit(rate, now.get(token) ?? 0));
        }
        unseen -= weight * misfit(rate, 0);
      }
      writeBelief(answers, at, { scores, unseen, now });
    });
  }
  return answers;
}

function misfit(rate: number, probability: number): number {
  const gap = rate - probability;
  return (gap > 0 ? 1 + BELOW : BELOW) * gap * gap;
}

function probabilities(nextTokens: Float32Array, item: number): Map<number, number> {
  const at = item * 2 * NEXT_TOKENS;
  const found = new Map<number, number>();
  for (let i = 0; i < NEXT_TOKENS; i += 1) {
    const token = nextTokens[at + i]!;
    if (token >= 0) found.set(token, nextTokens[at + NEXT_TOKENS + i]!);
  }
  return found;
}

function writeBelief(
  answers: ImpliedAnswers,
  at: number,
  {
    scores,
    unseen,
    now,
  }: { scores: ReadonlyMap<number, number>; unseen: number; now: ReadonlyMap<number, number> },
): void {
  const best = [...scores].sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, NEXT_TOKENS);
  const top = Math.max(unseen, best[0]?.[1] ?? unseen);
  const shares = best.map(([token, score]) => [token, Math.exp(score - top)] as const);
  const total = shares.reduce((sum, [, share]) => sum + share, Math.exp(unseen - top));
  let probability = 0;
  shares.forEach(([token, share], i) => {
    answers.tokens[at * NEXT_TOKENS + i] = token;
    answers.belief[at * NEXT_TOKENS + i] = share / total;
    probability += (share / total) * (now.get(token) ?? 0);
  });
  answers.probability[at] = probability;
}

/**
 * (rows, 4) for scoring with what was known at checkpoint `cut`: the log odds of the implied token's probability, how
 * far they moved since the cut, that probability, and the belief in the likeliest token.
 *
 * @param nextTokens (items, 16) at the scored checkpoint
 */
export function answerFeatures(
  answers: ImpliedAnswers,
  cut: number,
  { nextTokens, items }: { readonly nextTokens: Float32Array; readonly items: Int32Array },
): Float32Array {
  const features = new Float32Array(items.length * ANSWER_WIDTH);
  items.forEach((item, row) => {
    const at = cut * answers.items + item;
    const now = probabilities(nextTokens, item);
    let probability = 0;
    for (let i = 0; i < NEXT_TOKENS; i += 1) {
      const share = answers.belief[at * NEXT_TOKENS + i]!;
      if (share > 0) probability += share * (now.get(answers.tokens[at * NEXT_TOKENS + i]!) ?? 0);
    }
    const logit = logOdds(probability, EDGE);
    const moved = logit - logOdds(answers.probability[at]!, EDGE);
    features.set(
      [logit, moved, probability, answers.belief[at * NEXT_TOKENS]!],
      row * ANSWER_WIDTH,
    );
  });
  return features;
}

/** The rows of some items, in their order; −1 is an item of which nothing is known. */
export function pickAnswers(answers: ImpliedAnswers, places: readonly number[]): ImpliedAnswers {
  const checkpoints = answers.probability.length / Math.max(1, answers.items);
  const rows = places.length;
  const pick = (from: Float32Array, width: number, missing: number) => {
    const out = new Float32Array(checkpoints * rows * width).fill(missing);
    for (let c = 0; c < checkpoints; c += 1) {
      places.forEach((place, row) => {
        if (place < 0) return;
        const start = (c * answers.items + place) * width;
        out.set(from.subarray(start, start + width), (c * rows + row) * width);
      });
    }
    return out;
  };
  return {
    items: rows,
    tokens: pick(answers.tokens, NEXT_TOKENS, -1),
    belief: pick(answers.belief, NEXT_TOKENS, 0),
    probability: pick(answers.probability, 1, 0),
  };
}

/** Tensors (checkpoints, items, 8) and (checkpoints, items). */
export function impliedAnswersTensors(answers: ImpliedAnswers): NamedTensor[] {
  const { items, tokens, belief, probability } = answers;
  const shape = [probability.length / Math.max(1, items), items];
  return [
    { name: 'tokens', shape: [...shape, NEXT_TOKENS], data: tokens },
    { name: 'belief', shape: [...shape, NEXT_TOKENS], data: belief },
    { name: 'probability', shape, data: probability },
  ];
}
