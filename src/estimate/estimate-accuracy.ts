import { accuracyEstimate, type AccuracyEstimate, type Target } from './accuracy-estimate.ts';
import { type Labelled, labelledOf, type LabelledQuestions } from './labelled-questions.ts';
import { average, spreadOf } from './moments.ts';
import { lambdas, meanLambda, type Tuning } from './power-tuning.ts';

export type EstimateOptions = {
  /** Of the interval, for example 0.9. */
  readonly level: number;
  /** @default 'questions' */
  readonly target?: Target;
  /** 1 is the difference estimator, 0 the plain mean. @default 'cross-fitted' */
  readonly lambda?: Tuning;
};

/**
 * Accuracy from labelled questions that are a random subset of all N:
 *   λ · mean over all (f) + mean over the m labelled (rate − λ f).
 * For these very questions the variance is (1 − m/N) s²(rate − λ f)/m and what sampling adds, noise/N (`samplingNoise`);
 * λ is the slope of rates on predictions, cut to 0…1, so useless predictions give the plain mean. For all questions that
 * might have been asked it is s²(rate − λ f)/m + λ² s²(f of the others)/(N − m) (PPI++, Angelopoulos, Duchi and Zrnic
 * 2023, with n − 1 variances; λ has the factor 1 − m/N, and the predictions' mean is that of the others). Student's t
 * with m − 1 degrees. Labels that are all alike do not prove that the next one will be: there s² is at least the noise.
 * The predictions must not have been fitted to these labels. Null below two labelled questions.
 */
export function estimateAccuracy(
  questions: LabelledQuestions,
  options: EstimateOptions,
): AccuracyEstimate | null {
  const { level, target = 'questions', lambda: tuning = 'cross-fitted' } = options;
  const labelled = labelledOf(questions);
  const [m, all] = [labelled.rates.length, questions.predicted.length];
  if (m < 2) return null;
  const { lambda, used } = tuned(questions, { labelled, target, tuning });
  const others = target === 'population' && m < all ? othersOf(questions) : null;
  const level0 = average(others ?? questions.predicted);
  const residuals = labelled.rates.map((rate, j) => {
    return rate - lambda[j]! * (labelled.predicted[j]! - level0);
  });
  const noise = average(labelled.noise);
  const spread = alikeOr(labelled, spreadOf(residuals));
  const variance =
    target === 'questions'
      ? (1 - m / all) * (spread / m) + noise / all
      : spread / m + (others === null ? 0 : (used ** 2 * spreadOf(others)) / others.length);
  return accuracyEstimate({
    centre: average(residuals),
    variance,
    level,
    degrees: m - 1,
    lambda: used,
    labelled: m,
    questions: all,
    target,
    rates: alikeOr(labelled, spreadOf(labelled.rates)),
    noise,
    method: methodOf(target, tuning, { m, all, used }),
  });
}

/** The mean of the labelled rates alone: what the estimates above are to be compared with. */
export function plainMean(
  questions: LabelledQuestions,
  options: Omit<EstimateOptions, 'lambda'>,
): AccuracyEstimate | null {
  return estimateAccuracy(questions, { ...options, lambda: 0 });
}

function tuned(
  { predicted, n }: LabelledQuestions,
  of: { readonly labelled: Labelled; readonly target: Target; readonly tuning: Tuning },
): { readonly lambda: Float64Array; readonly used: number } {
  const { labelled, target, tuning } = of;
  const m = labelled.rates.length;
  const weights = new Float64Array(m).fill(1);
  const block = new Int32Array(m);
  const variance = spreadOf(predicted);
  const slopes = lambdas({ ...labelled, weights, block, variance }, tuning);
  const share = m / n.length;
  // Predictions of no others say nothing of a population.
  const factor =
    target === 'questions' || (typeof tuning === 'number' && share < 1) ? 1 : 1 - share;
  const lambda = slopes.map((value) => value * factor);
  return { lambda, used: meanLambda(lambda, weights) };
}

/** The spread, or the sampling noise where that is more and all labelled rates are the same. */
export function alikeOr({ rates, noise }: Labelled, spread: number): number {
  return rates.every((rate) => rate === rates[0]) ? Math.max(spread, average(noise)) : spread;
}

function othersOf({ predicted, n }: LabelledQuestions): Float64Array {
  return predicted.filter((_, i) => n[i] === 0);
}

function methodOf(
  target: Target,
  tuning: Tuning,
  { m, all, used }: { readonly m: number; readonly all: number; readonly used: number },
): string {
  const about = target === 'questions' ? '' : ', about all questions that might have been asked';
  if (tuning === 0) return `mean of ${m} labelled questions${about}`;
  if (tuning === 1) {
    return `difference estimator: predictions of ${all} questions corrected by ${m} labelled ones, taken to be a random subset${about}`;
  }
  const how = typeof tuning === 'number' ? 'given' : tuning;
  return `power-tuned difference estimator: ${used.toFixed(2)} of the predictions of ${all} questions (${how}), corrected by ${m} labelled ones, taken to be a random subset${about}`;
}
