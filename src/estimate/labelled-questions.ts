/** All questions of a task: a prediction of each, and k right of n answers of those that were asked (n is 0 elsewhere). */
export type LabelledQuestions = {
  readonly predicted: Float64Array;
  readonly k: Float64Array;
  readonly n: Float64Array;
};

/** The asked ones, in order. */
export type Labelled = {
  /** Places in the list of all questions. */
  readonly places: Int32Array;
  readonly rates: Float64Array;
  readonly predicted: Float64Array;
  /** Variance of each rate about the true one. */
  readonly noise: Float64Array;
};

/** Throws RangeError for lists of unequal length, predictions that are no numbers, and counts with k outside 0…n. */
export function labelledOf({ predicted, k, n }: LabelledQuestions): Labelled {
  if (predicted.length !== k.length || k.length !== n.length) {
    throw new RangeError(
      `estimate: expected lists of equal length, got ${predicted.length} predictions, ${k.length} k and ${n.length} n`,
    );
  }
  for (let i = 0; i < n.length; i += 1) {
    if (Number.isFinite(predicted[i]!) && k[i]! >= 0 && k[i]! <= n[i]!) continue;
    throw new RangeError(
      `estimate: expected a finite prediction and k from 0 to n, got ${predicted[i]}, ${k[i]} of ${n[i]} at ${i}`,
    );
  }
  const places = Int32Array.from([...n.keys()].filter((i) => n[i]! > 0));
  const pick = (values: Float64Array) => Float64Array.from(places, (i) => values[i]!);
  const answers = pick(n);
  const rates = pick(k).map((right, j) => right / answers[j]!);
  return { places, rates, predicted: pick(predicted), noise: samplingNoise(rates, answers) };
}

/**
 * Variance of each measured rate about the true one: r (1 − r)/(answers − 1), unbiased. One answer alone says nothing of
 * its own noise, and equal answers throughout say too little: there it is R (1 − R)/answers of the overall rate R, drawn
 * half an answer inside; it is not less, for p (1 − p) is concave.
 */
function samplingNoise(rates: Float64Array, answers: Float64Array): Float64Array {
  const variance = coarseVariance(rates, answers);
  const noise = rates.map((rate, j) => {
    const n = answers[j]!;
    return n < 2 ? variance / n : (rate * (1 - rate)) / (n - 1);
  });
  return noise.some((value) => value > 0) ? noise : answers.map((n) => variance / n);
}

/** R (1 − R) of the share of right answers, drawn half an answer inside. */
function coarseVariance(rates: Float64Array, answers: Float64Array): number {
  let right = 0.5;
  let all = 1;
  for (let j = 0; j < rates.length; j += 1) {
    right += rates[j]! * answers[j]!;
    all += answers[j]!;
  }
  return (right / all) * (1 - right / all);
}
