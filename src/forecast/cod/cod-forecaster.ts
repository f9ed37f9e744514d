import type { FittedForecaster, Replicate } from '../forecaster.ts';
import type { Ladder, Target } from '../ladder.ts';
import { evaluateLaw, type LawFit, lawGradient, quadraticForm } from '../laws/index.ts';
import { clip } from '../observations.ts';
import { clusterRates, fitCluster } from './cluster-laws.ts';
import type { CodFit, JudgedCluster } from './cod-fit.ts';
import { fullFromSubset, type Judgement, judgePart } from './whole.ts';

/** The fitted method behind a COD forecaster. */
export function codForecaster(fit: CodFit): FittedForecaster {
  const smallest = fit.ladder.models[0]!.flops;
  const judged = createJudge(fit);
  return {
    predict: (target) =>
      meanOver(fit.parts, (part, index) => fullFromSubset(fit, part, judged(target)[index]!)),
    predictableShare: (target) =>
      meanOver(fit.parts, (_, index) => keptShare(fit, judged(target)[index]!.clusters)),
    standardError: ({ flops }) =>
      Math.sqrt(
        meanOver(
          fit.parts,
          (_, index) =>
            lawVariance(judged({ flops })[index]!.clusters, flops / smallest, fit.ladder) /
            fit.parts.length,
        ),
      ),
    replicate: (draw) => replicateCod(fit, judged, draw),
  };
}

type Judge = (target: Pick<Target, 'flops'>) => readonly Judgement[];

/** Decisions are asked for at few targets, many times. */
function createJudge(fit: CodFit): Judge {
  const smallest = fit.ladder.models[0]!.flops;
  const known = new Map<number, readonly Judgement[]>();
  return ({ flops }) => {
    const before = known.get(flops);
    if (before !== undefined) return before;
    const judgements = fit.parts.map((part) => judgePart(fit, part, { target: flops, smallest }));
    known.set(flops, judgements);
    return judgements;
  };
}

/**
 * The same clusters, decisions and map; their rates from items drawn again (which brings the sampling of their answers with
 * it), with the model's shock on all of them; laws warm-started from where they were.
 */
function replicateCod(fit: CodFit, judged: Judge, draw: Replicate): FittedForecaster {
  const { input, settings } = fit;
  const smallest = fit.ladder.models[0]!.flops;
  const parts = fit.parts.map(({ assignment, laws }) => {
    const groups = clusterRates(assignment, draw.itemWeights).map((group) => ({
      ...group,
      rates: group.rates.map((rate, model) => clip(rate + draw.shocks[model]!)),
    }));
    const refitted = laws.map((law, at) =>
      fitCluster(groups[at]!, input, { ...settings, start: law.fit.parameters }),
    );
    return { laws: refitted, outliers: groups.at(-1)! };
  });
  return {
    predict: (target) =>
      meanOver(parts, (part, index) => {
        const { clusters, map } = judged(target)[index]!;
        const redrawn = part.laws.map((law, at) => ({
          ...law,
          decision: clusters[at]!.decision,
          rateAtTarget: evaluateLaw(law.fit.parameters, target.flops / smallest),
        }));
        return fullFromSubset(fit, part, { clusters: redrawn, map });
      }),
  };
}

function keptShare({ ladder }: CodFit, clusters: readonly JudgedCluster[]): number {
  const kept = clusters.filter(({ decision }) => decision.state !== 'dropped');
  const items = ladder.items?.ids.length ?? 1;
  return kept.reduce((sum, { size }) => sum + size, 0) / items;
}

/** Variance of the extrapolated part from the laws' parameters, clusters independent. */
function lawVariance(clusters: readonly JudgedCluster[], x: number, { items }: Ladder): number {
  const count = items?.ids.length ?? 1;
  return clusters
    .filter(({ decision }) => decision.state === 'extrapolated')
    .reduce((sum, { size, fit }) => sum + ((size / count) * errorOf(fit, x)) ** 2, 0);
}

function errorOf({ parameters, covariance }: LawFit, x: number): number {
  return covariance === null ? 0 : quadraticForm(covariance, lawGradient(parameters, x));
}

function meanOver<T>(parts: readonly T[], value: (part: T, index: number) => number): number {
  return parts.reduce((sum, part, index) => sum + value(part, index), 0) / parts.length;
}
