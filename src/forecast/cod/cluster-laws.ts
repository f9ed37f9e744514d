import {
  evaluateLaw,
  fitExponentialLaw,
  type LawFit,
  lawGradient,
  quadraticForm,
  weakLawPrior,
} from '../laws/index.ts';
import { defaultShock } from '../observations.ts';
import type { Assignment } from './assignment.ts';
import { filterCluster, type FilterDecision, type FilterInput, type FilterRule } from './filter.ts';

export type LawSettings = {
  /** The guess level g: a parameter of each cluster, or the task's chance. */
  readonly guess: 'free' | 'fixed';
  readonly prior: 'weak' | 'none';
};

/** Means of a cluster's items. */
export type ClusterRates = {
  /** Items of the cluster. */
  readonly size: number;
  /** Mean pass rate per model. */
  readonly rates: Float64Array;
  /** Sampling variance of each mean. */
  readonly variance: Float64Array;
};

export type ClusterLaw = ClusterRates & {
  readonly fit: LawFit;
};

/** Mean rates of every cluster, and of the outliers last; `itemWeights` counts items more than once in a bootstrap. */
export function clusterRates(
  { labels, clusters, counts }: Assignment,
  itemWeights: Float64Array | null,
): ClusterRates[] {
  const models = labels.length;
  const groups = clusters + 1;
  const sizes = new Float64Array(groups);
  const weight = new Float64Array(groups * models);
  const rates = new Float64Array(groups * models);
  const variance = new Float64Array(groups * models);
  for (let item = 0; item < counts.ids.length; item += 1) {
    const times = itemWeights?.[item] ?? 1;
    if (times === 0) continue;
    for (let model = 0; model < models; model += 1) {
      const label = labels[model]![item]!;
      const group = label < 0 ? clusters : label;
      const at = group * models + model;
      const k = counts.right[item * models + model]!;
      const n = counts.answers[item * models + model]!;
      const p = (k + 0.5) / (n + 1);
      weight[at]! += times;
      rates[at]! += (times * k) / n;
      variance[at]! += (times * p * (1 - p)) / n;
      if (model === models - 1) sizes[group]! += times;
    }
  }
  return Array.from({ length: groups }, (_, group) => {
    const [from, to] = [group * models, (group + 1) * models];
    const total = weight.subarray(from, to);
    return {
      size: sizes[group]!,
      rates: rates.slice(from, to).map((sum, m) => (total[m]! > 0 ? sum / total[m]! : 0)),
      variance: variance
        .slice(from, to)
        .map((sum, m) => (total[m]! > 0 ? sum / total[m]! ** 2 : 1)),
    };
  });
}

/** What every cluster's law is fitted on: compute over the smallest model's, and the task's chance level. */
export type LawInput = { readonly x: Float64Array; readonly chance: number };

/** Fits a cluster's law. One that cannot be fitted is a law with its reason, dropped by every filter. */
export function fitCluster(
  cluster: ClusterRates,
  input: LawInput,
  settings: LawSettings & { readonly start?: LawFit['parameters'] },
): ClusterLaw {
  const { guess, prior, start } = settings;
  const weights = cluster.variance.map((value) => 1 / (value + defaultShock ** 2));
  const fit = fitExponentialLaw(
    { x: input.x, y: cluster.rates, weights },
    {
      chance: input.chance,
      guess,
      prior: prior === 'weak' ? weakLawPrior(input.chance) : null,
      ...(start === undefined ? {} : { start }),
    },
  );
  return { ...cluster, fit };
}

/** Whether a cluster is extrapolated to a target, x in compute over the smallest model's. */
export function decide(
  law: ClusterLaw,
  { x, chance }: LawInput,
  { rule, target }: { readonly rule: FilterRule; readonly target: number },
): FilterDecision {
  const { fit, rates } = law;
  const { parameters, residuals } = fit;
  const squares = residuals.reduce((sum, residual) => sum + residual ** 2, 0);
  const input: FilterInput = {
    fit,
    first: evaluateLaw(parameters, x[0]!),
    last: evaluateLaw(parameters, x.at(-1)!),
    target: evaluateLaw(parameters, target),
    asymptote: evaluateLaw(parameters, Infinity),
    riseError: riseError(fit, x),
    rmse: Math.sqrt(squares / residuals.length),
    measured: rates.at(-1)!,
    chance,
  };
  return filterCluster(rule, input);
}

/** Standard error of law(last) − law(first) by the delta method over the parameter covariance. */
function riseError({ parameters, covariance }: LawFit, x: Float64Array): number {
  const [low, high] = [lawGradient(parameters, x[0]!), lawGradient(parameters, x.at(-1)!)];
  return covariance === null
    ? Infinity
    : quadraticForm(
        covariance,
        high.map((value, k) => value - low[k]!),
      );
}
