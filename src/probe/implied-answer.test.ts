import { expect, test } from 'vitest';
import { NEXT_TOKENS } from '../model/index.ts';
import { answerFeatures, impliedAnswers, pickAnswers } from './implied-answer.ts';

/** (items, 16) of the probabilities of some tokens. */
function nextTokens(items: readonly Readonly<Record<number, number>>[]): Float32Array {
  const out = new Float32Array(items.length * 2 * NEXT_TOKENS);
  items.forEach((tokens, item) => {
    const at = item * 2 * NEXT_TOKENS;
    out.fill(-1, at, at + NEXT_TOKENS);
    Object.entries(tokens).forEach(([token, probability], i) => {
      out[at + i] = Number(token);
      out[at + NEXT_TOKENS + i] = probability;
    });
  });
  return out;
}

/** One question at three checkpoints: token 7 rises with the rate of right answers, token 5 falls. */
const series = [
  nextTokens([{ 5: 0.7, 7: 0.1 }]),
  nextTokens([{ 5: 0.5, 7: 0.4 }]),
  nextTokens([{ 7: 0.8, 5: 0.1 }]),
];
const outcomes = { k: Float64Array.of(10, 40, 80), n: Float64Array.of(100, 100, 100) };

test('the token whose probability went with the rate is believed, the more checkpoints the more', () => {
  const answers = impliedAnswers(series, outcomes);
  const likeliest = [0, 1, 2].map((c) => answers.tokens[c * NEXT_TOKENS]!);
  const belief = [0, 1, 2].map((c) => answers.belief[c * NEXT_TOKENS]!);
  expect(likeliest).toEqual([7, 7, 7]);
  expect(belief[0]).toBeLessThan(belief[2]!);
  expect(belief[2]).toBeGreaterThan(0.99);
  expect(answers.probability[2]).toBeCloseTo(0.8, 2);
});

test('belief is the softmax of the misfits, a token that was never among the likeliest beside them', () => {
  const answers = impliedAnswers(series.slice(0, 1), {
    k: Float64Array.of(1),
    n: Float64Array.of(2),
  });
  // Two answers: 4 · (rate − probability)², half of it where the rate lies below, one and a half where above.
  const scores = [-4 * 1.5 * 0.4 ** 2, -4 * 0.5 * 0.2 ** 2, -4 * 1.5 * 0.5 ** 2].map(Math.exp);
  const total = scores.reduce((sum, score) => sum + score, 0);
  const [seven, five] = scores.map((score) => score / total);
  expect([...answers.tokens.subarray(0, 3)]).toEqual([5, 7, -1]);
  expect(answers.belief[0]).toBeCloseTo(five!, 6);
  expect(answers.belief[1]).toBeCloseTo(seven!, 6);
});

test('features say where the implied token went since the cut', () => {
  const answers = impliedAnswers(series, outcomes);
  const [logit, moved, probability, belief] = answerFeatures(answers, 1, {
    nextTokens: series[2]!,
    items: Int32Array.of(0),
  });
  const odds = (p: number) => Math.log(p / (1 - p));
  expect(probability).toBeGreaterThan(0.75);
  expect(logit).toBeCloseTo(odds(probability!), 4);
  expect(moved).toBeCloseTo(odds(probability!) - odds(answers.probability[1]!), 4);
  expect(belief).toBe(answers.belief[NEXT_TOKENS]);
});

test('without outcomes nothing is believed, and what was not known up to the cut plays no part', () => {
  const unlabelled = impliedAnswers(series, { k: new Float64Array(3), n: new Float64Array(3) });
  expect([...unlabelled.belief]).toEqual(Array.from({ length: 24 }, () => 0));
  const later = impliedAnswers(series, { ...outcomes, k: Float64Array.of(10, 40, 0) });
  const cut = { nextTokens: series[2]!, items: Int32Array.of(0) };
  expect(answerFeatures(later, 1, cut)).toEqual(
    answerFeatures(impliedAnswers(series, outcomes), 1, cut),
  );
});

test('rows are picked with an empty one for a question that is not known', () => {
  const answers = impliedAnswers(series, outcomes);
  const picked = pickAnswers(answers, [-1, 0]);
  expect(picked.items).toBe(2);
  expect([...picked.probability]).toEqual([...answers.probability].flatMap((p) => [0, p]));
  expect([...picked.belief.subarray(0, NEXT_TOKENS)]).toEqual(Array.from({ length: 8 }, () => 0));
  expect([...picked.tokens.subarray(NEXT_TOKENS, 2 * NEXT_TOKENS)]).toEqual([
    ...answers.tokens.subarray(0, NEXT_TOKENS),
  ]);
});
