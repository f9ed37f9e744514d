import { accuracyEstimate, type AccuracyEstimate } from './accuracy-estimate.ts';
import type { Choice } from './choose-questions.ts';
import { alikeOr, estimateAccuracy, type EstimateOptions } from './estimate-accuracy.ts';
import { type Labelled, labelledOf, type LabelledQuestions } from './labelled-questions.ts';
import { average, spreadOf } from './moments.ts';
import { lambdas, meanLambda } from './power-tuning.ts';

/**
 * Accuracy of these very questions from labels of those that `chooseQuestions` named, with predictions power-tuned as in
 * `estimateAccuracy` (which it is for a random choice). Labels of other questions are left out; chosen ones without a
 * label are taken to be missing at random. Null below two labelled ones.
 *
 * - stratified: Σ_h N_h/N · [mean_h f λ + mean of the labelled (rate − λ f)], variance Σ_h (N_h/N)² (1 − m_h/N_h) s²_h/m_h,
 *   m less the strata degrees of freedom. A stratum with fewer than two labels is taken together with the next.
 * - pps: mean f λ + the mean of rate − λ f, weighted by 1/π (Hájek's ratio: it does not move when all predictions are off
 *   by the same; its bias shrinks as 1/m), variance of a fixed-size sample of high entropy (Deville 1999):
 *   Σ (1 − π) m/(m − 1) (u − ū)², u = residual/(π Σ 1/π), ū weighted by 1 − π.
 *
 * Both add what sampling the answers adds, the mean noise over N.
 */
export function estimateFromDesign(
  choice: Choice,
  questions: LabelledQuestions,
  options: Omit<EstimateOptions, 'target'>,
): AccuracyEstimate | null {
  if (choice.stratum.length !== questions.n.length) {
    throw new RangeError(
      `estimateFromDesign: expected the ${choice.stratum.length} questions of the choice, got ${questions.n.length}`,
    );
  }
  const chosen = onlyChosen(choice, questions);
  if (choice.design === 'random') return estimateAccuracy(chosen, options);
  const labelled = labelledOf(chosen);
  if (labelled.rates.length < 2) return null;
  const sample = { labelled, predicted: questions.predicted, options };
  return choice.design === 'pps'
    ? fromProbabilities(choice.inclusion, sample)
    : fromStrata(choice.stratum, sample);
}

type Sample = {
  readonly labelled: Labelled;
  readonly predicted: Float64Array;
  readonly options: Omit<EstimateOptions, 'target'>;
};

function fromStrata(stratum: Int32Array, sample: Sample): AccuracyEstimate {
  const { labelled, predicted, options } = sample;
  const merged = mergedStrata(stratum, labelled.places);
  const all = predicted.length;
  const count = merged.reduce((most, h) => Math.max(most, h + 1), 0);
  const block = Int32Array.from(labelled.places, (i) => merged[i]!);
  const [sizes, taken] = [countsOf(merged, count), countsOf(block, count)];
  const weights = Float64Array.from(block, (h) => sizes[h]! / taken[h]!);
  const level = meansOf(predicted, merged, sizes);
  const away = predicted.map((f, i) => f - level[merged[i]!]!);
  const lambda = lambdas(
    { ...labelled, weights, block, variance: spreadOf(away) },
    options.lambda ?? 'cross-fitted',
  );
  const residuals = labelled.rates.map((rate, j) => rate - lambda[j]! * away[labelled.places[j]!]!);
  let [centre, sum, noise] = [0, 0, 0];
  for (let h = 0; h < count; h += 1) {
    const own = residuals.filter((_, j) => block[j] === h);
    const share = sizes[h]! / all;
    centre += share * average(own);
    noise += share * average(labelled.noise.filter((_, j) => block[j] === h));
    sum += (share ** 2 * (1 - own.length / sizes[h]!) * spreadOf(own)) / own.length;
  }
  const used = meanLambda(lambda, weights);
  const m = residuals.length;
  const { variance, degrees } = floored(sample, { variance: sum, degrees: m - count });
  return accuracyEstimate({
    centre,
    variance: variance + noise / all,
    degrees,
    level: options.level,
    lambda: used,
    labelled: m,
    questions: all,
    target: 'questions',
    rates: weightedSpread(labelled, weights),
    noise,
    method: `stratified: ${count} strata by prediction, ${m} of ${all} questions labelled, ${used.toFixed(2)} of the predictions used within strata`,
  });
}

function fromProbabilities(inclusion: Float64Array, sample: Sample): AccuracyEstimate {
  const { labelled, predicted, options } = sample;
  const m = labelled.rates.length;
  const all = predicted.length;
  const expected = inclusion.reduce((total, p) => total + p, 0);
  // Missing at random: what was chosen with probability π was labelled with π · m / chosen.
  const reached = Float64Array.from(labelled.places, (i) =>
    Math.min(1, (inclusion[i]! * m) / expected),
  );
  const weights = reached.map((p) => 1 / p);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const level = average(predicted);
  const lambda = lambdas(
    { ...labelled, weights, block: new Int32Array(m), variance: spreadOf(predicted) },
    options.lambda ?? 'cross-fitted',
  );
  const residuals = labelled.rates.map((rate, j) => {
    return rate - lambda[j]! * (labelled.predicted[j]! - level);
  });
  const centre = weightedMean(residuals, weights);
  const parts = residuals.map((value, j) => ((value - centre) * weights[j]!) / total);
  const free = reached.map((p) => ((1 - p) * m) / (m - 1));
  const middle = free.some((c) => c > 0) ? weightedMean(parts, free) : 0;
  const design = parts.reduce((sum, u, j) => sum + free[j]! * (u - middle) ** 2, 0);
  const noise = weightedMean(labelled.noise, weights);
  const { variance, degrees } = floored(sample, { variance: design, degrees: m - 1 });
  const used = meanLambda(lambda, weights);
  return accuracyEstimate({
    centre,
    variance: variance + noise / all,
    degrees,
    level: options.level,
    lambda: used,
    labelled: m,
    questions: all,
    target: 'questions',
    rates: weightedSpread(labelled, weights),
    noise,
    method: `probability proportional to √(f (1 − f)): ${m} of ${all} questions labelled, weighted by the inverse of their probability, ${used.toFixed(2)} of the predictions used`,
  });
}

/** Labels that are all alike do not prove that the next one will be. */
function floored(
  { labelled, predicted }: Sample,
  of: { readonly variance: number; readonly degrees: number },
): { readonly variance: number; readonly degrees: number } {
  const m = labelled.rates.length;
  const floor = (1 / m - 1 / predicted.length) * alikeOr(labelled, 0);
  return floor > of.variance ? { variance: floor, degrees: m - 1 } : of;
}

function onlyChosen(choice: Choice, { predicted, k, n }: LabelledQuestions): LabelledQuestions {
  const kept = new Float64Array(n.length);
  for (const i of choice.places) kept[i] = n[i]!;
  return { predicted, k: k.map((right, i) => (kept[i]! > 0 ? right : 0)), n: kept };
}

/** Strata renumbered so that each has two labels or more: a poor one is taken together with the next, the last with the one before. */
function mergedStrata(stratum: Int32Array, places: Int32Array): Int32Array {
  const count = stratum.reduce((most, h) => Math.max(most, h + 1), 0);
  const taken = countsOf(
    Int32Array.from(places, (i) => stratum[i]!),
    count,
  );
  const to = new Int32Array(count);
  let own = 0;
  let at = 0;
  for (let h = 0; h < count; h += 1) {
    to[h] = at;
    own += taken[h]!;
    if (own < 2) continue;
    at += 1;
    own = 0;
  }
  // What is left over after the last full one.
  return stratum.map((h) => Math.min(to[h]!, at - 1));
}

function countsOf(codes: Int32Array, count: number): Int32Array {
  const sizes = new Int32Array(count);
  for (const code of codes) sizes[code]! += 1;
  return sizes;
}

function meansOf(values: Float64Array, codes: Int32Array, sizes: Int32Array): Float64Array {
  const sums = new Float64Array(sizes.length);
  for (let i = 0; i < values.length; i += 1) sums[codes[i]!]! += values[i]!;
  return sums.map((sum, h) => sum / sizes[h]!);
}

function weightedMean(values: Float64Array, weights: Float64Array): number {
  let sum = 0;
  let total = 0;
  for (let i = 0; i < values.length; i += 1) {
    sum += weights[i]! * values[i]!;
    total += weights[i]!;
  }
  return sum / total;
}

/** Variance of the rates over all questions, from labelled ones that stand for `weights` each. */
function weightedSpread(labelled: Labelled, weights: Float64Array): number {
  const { rates } = labelled;
  const centre = weightedMean(rates, weights);
  const squares = rates.map((rate) => (rate - centre) ** 2);
  return alikeOr(labelled, (weightedMean(squares, weights) * rates.length) / (rates.length - 1));
}
