/**
 * The verdict: answer, or say that it cannot be said. Evidence from the ladder alone; the thresholds were tuned
 * leave-one-source-out on public cases and are frozen (docs/forecasting.md has the tables). The gate picks no method.
 */

export type Verdict = 'predictable' | 'not-predictable';

/** The numbers behind a verdict. */
export type Evidence = {
  readonly models: number;
  /** Target compute over the largest ladder model's. */
  readonly extrapolation: number;
  /** Highest less lowest forecast of four different methods, in points; null for a ladder too short to compare them. */
  readonly spreadPoints: number | null;
  /** Error of the back-test on the largest ladder model, in points; null where the ladder is too short. */
  readonly backtestPoints: number | null;
  /** Mean absolute back-test error over the rise of the ladder. */
  readonly backtestShare: number | null;
  /** Highest less lowest accuracy of the ladder. */
  readonly risePoints: number;
  /** Accuracy of the largest ladder model above chance. */
  readonly aboveChancePoints: number;
  /** Slope in log compute over its standard error. */
  readonly trend: number;
  /** Share of the items that Clustering-On-Difficulty extrapolates or finds solved; null without items. */
  readonly predictableShare: number | null;
  /** Width of the 95 % interval. */
  readonly widthPoints: number | null;
};

/** Limits of the evidence, each inclusive. */
export type GateLimits = {
  readonly models: number;
  readonly extrapolation: number;
  readonly spreadPoints: number;
  readonly backtestShare: number;
  readonly aboveChancePoints: number;
  readonly trend: number;
  readonly widthPoints: number;
};

export const gate: GateLimits = {
  models: 4,
  extrapolation: 35,
  spreadPoints: 7,
  backtestShare: 0.4,
  aboveChancePoints: 5,
  trend: 4,
  // A cut against answers that are none: no tuned case is near it.
  widthPoints: 50,
};

/** Fewer models than this and no forecast is called predictable. */
export const minLadder: number = gate.models;

/** The verdict with its reason in words and numbers: what failed, or what it rests on. */
export function judge(evidence: Evidence): { verdict: Verdict; reason: string } {
  const failed = objections(evidence);
  if (failed.length > 0) return { verdict: 'not-predictable', reason: failed.join('; ') };
  return { verdict: 'predictable', reason: support(evidence) };
}

function objections(evidence: Evidence): string[] {
  const { models, extrapolation, spreadPoints, backtestPoints, backtestShare } = evidence;
  if (models < gate.models) {
    return [
      `a ladder of ${models} model${models === 1 ? '' : 's'}: ${gate.models} or more are needed`,
    ];
  }
  const reasons: string[] = [];
  const { aboveChancePoints, trend, risePoints, widthPoints } = evidence;
  if (!(extrapolation >= 1)) {
    reasons.push('the target has less compute than the largest model: nothing to forecast');
  }
  if (!(aboveChancePoints >= gate.aboveChancePoints)) {
    reasons.push(
      `the largest model is ${signed(aboveChancePoints)} points from chance, ${gate.aboveChancePoints} above it are needed`,
    );
  }
  if (!(trend >= gate.trend)) {
    reasons.push(
      `no clear rise over the ladder (slope ${trend.toFixed(1)} standard errors, ${gate.trend} are needed)`,
    );
  }
  if (backtestPoints === null || backtestShare === null) {
    reasons.push('too few models to forecast one of them from the others');
  } else if (!(backtestShare <= gate.backtestShare)) {
    reasons.push(
      `the ladder does not forecast its own largest models (off by ${backtestPoints.toFixed(1)} points at the last, ${percent(backtestShare)} of the ladder’s rise of ${risePoints.toFixed(1)} on average)`,
    );
  }
  if (spreadPoints === null) reasons.push('too few models to compare methods');
  else if (!(spreadPoints <= gate.spreadPoints)) {
    reasons.push(
      `methods differ by ${spreadPoints.toFixed(1)} points, ${gate.spreadPoints} are allowed`,
    );
  }
  if (!(extrapolation <= gate.extrapolation)) {
    reasons.push(
      `${times(extrapolation)} the compute of the largest model, ${gate.extrapolation} × is the limit`,
    );
  }
  if (widthPoints !== null && !(widthPoints <= gate.widthPoints)) {
    reasons.push(`a 95 % interval of ${widthPoints.toFixed(0)} points says nothing`);
  }
  return reasons;
}

function support(evidence: Evidence): string {
  const { extrapolation, spreadPoints, backtestPoints, predictableShare, widthPoints } = evidence;
  const parts = [
    `${times(extrapolation)} the compute of the largest model`,
    `methods differ by ${(spreadPoints ?? 0).toFixed(1)} points`,
    `back-test off by ${(backtestPoints ?? 0).toFixed(1)} points`,
  ];
  if (predictableShare !== null)
    parts.push(`${percent(predictableShare)} of the items follow a law`);
  if (widthPoints !== null) parts.push(`95 % interval ${widthPoints.toFixed(1)} points wide`);
  return parts.join(', ');
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`;
}

function times(ratio: number): string {
  if (ratio >= 1e5) return `${ratio.toExponential(1)} ×`;
  return `${ratio < 10 ? ratio.toFixed(1) : ratio.toFixed(0)} ×`;
}

function signed(points: number): string {
  return points >= 0 ? points.toFixed(1) : `−${(-points).toFixed(1)}`;
}
