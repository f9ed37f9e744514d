/**
 * Clustering-On-Difficulty (arXiv 2502.17262): items of like difficulty share a scaling law; clusters whose law can be
 * extrapolated are, and what that says of the rest is carried over to the whole benchmark.
 */
import type { FitOptions } from '../forecaster.ts';
import { type Ladder, relativeCompute } from '../ladder.ts';
import { evaluateLaw } from '../laws/index.ts';
import { type Assignment, assignItems } from './assignment.ts';
import {
  type ClusterLaw,
  type ClusterRates,
  clusterRates,
  decide,
  fitCluster,
  type LawInput,
} from './cluster-laws.ts';
import type { CodSettings } from './cod-settings.ts';
import type { FilterDecision } from './filter.ts';

/** One way of assigning items, with its clusters' laws. */
export type CodPart = {
  readonly assignment: Assignment;
  readonly laws: readonly ClusterLaw[];
  /** Items that fit nowhere. */
  readonly outliers: ClusterRates;
};

export type CodFit = {
  readonly ladder: Ladder;
  readonly settings: CodSettings;
  readonly input: LawInput;
  /** Two with cross-fitting, whose answers are averaged. */
  readonly parts: readonly CodPart[];
};

/** Clusters the ladder's items and fits every cluster's law. */
export function fitCod(
  ladder: Ladder,
  settings: CodSettings,
  { seed = 0 }: FitOptions = {},
): CodFit {
  const { items } = ladder;
  if (items === null) throw new TypeError('fitCod: expected outcomes per item');
  const input = { x: relativeCompute(ladder), chance: ladder.chance };
  const parts = assignItems(ladder, items, { ...settings, seed }).map((assignment) => {
    const groups = clusterRates(assignment, null);
    const laws = groups.slice(0, -1).map((cluster) => fitCluster(cluster, input, settings));
    return { assignment, laws, outliers: groups.at(-1)! };
  });
  return { ladder, settings, input, parts };
}

/** A cluster with what is said of it at a target. */
export type JudgedCluster = ClusterLaw & {
  readonly decision: FilterDecision;
  /** Its law at the target. */
  readonly rateAtTarget: number;
};

/** Every cluster of a part with its decision at a target. */
export function judgeClusters(
  { input, settings }: CodFit,
  { laws }: CodPart,
  flops: { readonly target: number; readonly smallest: number },
): JudgedCluster[] {
  const target = flops.target / flops.smallest;
  return laws.map((law) => ({
    ...law,
    decision: decide(law, input, { rule: settings.filter, target }),
    rateAtTarget: evaluateLaw(law.fit.parameters, target),
  }));
}
