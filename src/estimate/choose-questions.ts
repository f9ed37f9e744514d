import { keyedUniform } from '../stats/index.ts';
import { allocate } from './allocate.ts';

export type Design = 'random' | 'stratified' | 'pps';

export type ChooseInput = {
  readonly task: string;
  /** Id of each question; ids are unique within the task. */
  readonly ids: readonly string[];
  /** Predicted probability of each; made without labels of these questions at this checkpoint. */
  readonly predicted: Float64Array;
  /** Questions to label, at least 2. */
  readonly budget: number;
  readonly design: Design;
  readonly seed: number | string;
  /**
   * Of strata. In simulations 'neyman' gained nothing over 'proportional' and lost with a poor probe.
   * @default 'proportional'
   */
  readonly allocation?: 'proportional' | 'neyman';
};

/** Which questions to label. Equal input gives an equal choice; the order of the questions does not matter. */
export type Choice = {
  readonly task: string;
  readonly design: Design;
  /** Places of the chosen ones, ascending. */
  readonly places: Int32Array;
  /** Of every question of the task: the probability with which it is chosen, above 0. */
  readonly inclusion: Float64Array;
  /** Of every question: its stratum from 0, by ascending prediction; 0 throughout for other designs. */
  readonly stratum: Int32Array;
};

const MOST_STRATA = 5;
const LABELS_A_STRATUM = 4;
/** Predictions are drawn inside so far before they set a probability: a probe that is sure may be wrong. */
const SURE = 0.02;

/**
 * - random: every question with the same probability; a larger budget keeps the chosen ones.
 * - stratified: up to 5 strata of equal size by prediction, at least 4 labels each on average and 2 each always; labels go
 *   to strata by size ('proportional') or by N_h · √(mean f (1 − f)) ('neyman').
 * - pps: probabilities proportional to √(f (1 − f)), at most 1, by Pareto sampling (Rosén 1997): a fixed number of
 *   questions, with inclusion probabilities that are met to within about one in a hundred.
 */
export function chooseQuestions(input: ChooseInput): Choice {
  const { task, ids, predicted, budget, design, seed } = input;
  check(input);
  const all = ids.length;
  const labels = Math.min(budget, all);
  const random = Float64Array.from(ids, (id) => keyedUniform('choose', seed, task, id));
  const stratum = new Int32Array(all);
  if (design === 'pps') {
    const inclusion = proportionalTo(predicted.map(uncertainty), labels);
    return { task, design, stratum, inclusion, places: pareto(inclusion, random, labels) };
  }
  const order = [...ids.keys()].sort(
    (i, j) => predicted[i]! - predicted[j]! || random[i]! - random[j]!,
  );
  const count =
    design === 'random'
      ? 1
      : Math.max(1, Math.min(MOST_STRATA, Math.floor(labels / LABELS_A_STRATUM)));
  for (const [rank, i] of order.entries()) stratum[i] = Math.floor((rank * count) / all);
  const strata = Array.from({ length: count }, (_, h) => order.filter((i) => stratum[i] === h));
  const shares = strata.map((members) => ({
    size: members.length,
    weight:
      input.allocation === 'neyman'
        ? members.length * Math.sqrt(meanVariance(members, predicted))
        : members.length,
  }));
  const taken = allocate(shares, labels, 2);
  const inclusion = Float64Array.from(stratum, (h) => taken[h]! / shares[h]!.size);
  const places = strata.flatMap((members, h) => first(members, random, taken[h]!));
  return { task, design, stratum, inclusion, places: Int32Array.from(places).sort() };
}

export type TaskToShare = { readonly task: string; readonly predicted: Float64Array };

/**
 * Labels for each task of a suite, for the smallest mean variance of the tasks' accuracies: proportional to
 * √(mean f (1 − f)), at least `least` each (2 a stratum), at most the task's questions.
 */
export function shareBudget(
  tasks: readonly TaskToShare[],
  budget: number,
  least: number = 2 * MOST_STRATA,
): Int32Array {
  const shares = tasks.map(({ predicted }) => {
    const members = [...predicted.keys()];
    return { size: members.length, weight: Math.sqrt(meanVariance(members, predicted)) };
  });
  return allocate(shares, budget, least);
}

/** √(f (1 − f)) of a prediction drawn inside. */
function uncertainty(f: number): number {
  const inside = Math.min(1 - SURE, Math.max(SURE, f));
  return Math.sqrt(inside * (1 - inside));
}

function meanVariance(members: readonly number[], predicted: Float64Array): number {
  const sum = members.reduce((total, i) => total + uncertainty(predicted[i]!) ** 2, 0);
  return sum / Math.max(1, members.length);
}

/** Probabilities that add up to `labels`; those that would be above 1 are 1, and the rest share what is left. */
function proportionalTo(size: Float64Array, labels: number): Float64Array {
  const inclusion = new Float64Array(size.length);
  for (;;) {
    let certain = 0;
    let sum = 0;
    for (let i = 0; i < size.length; i += 1) {
      if (inclusion[i] === 1) certain += 1;
      else sum += size[i]!;
    }
    let more = false;
    for (let i = 0; i < size.length; i += 1) {
      if (inclusion[i] === 1) continue;
      inclusion[i] = Math.min(1, ((labels - certain) * size[i]!) / sum);
      more ||= inclusion[i] === 1;
    }
    if (!more) return inclusion;
  }
}

function pareto(inclusion: Float64Array, random: Float64Array, labels: number): Int32Array {
  const rank = inclusion.map((p, i) => {
    return p >= 1 ? -1 : (random[i]! / (1 - random[i]!)) * ((1 - p) / p);
  });
  return Int32Array.from(first([...rank.keys()], rank, labels)).sort();
}

function first(members: readonly number[], rank: Float64Array, count: number): number[] {
  return [...members].sort((i, j) => rank[i]! - rank[j]! || i - j).slice(0, count);
}

function check({ task, ids, predicted, budget }: ChooseInput): void {
  if (ids.length !== predicted.length) {
    throw new RangeError(
      `chooseQuestions: expected a prediction for each question of ${task}, got ${predicted.length} for ${ids.length}`,
    );
  }
  if (!Number.isInteger(budget) || budget < 2) {
    throw new RangeError(
      `chooseQuestions: expected a whole \`budget\` of 2 or more, got ${budget}`,
    );
  }
  const wrong = predicted.findIndex((f) => !(f >= 0 && f <= 1));
  if (wrong >= 0) {
    throw new RangeError(
      `chooseQuestions: expected predictions from 0 to 1, got ${predicted[wrong]} for ${ids[wrong]}`,
    );
  }
}
