import { readFileSync } from 'node:fs';

type Counts = { k: number[]; n: number[] };
type Interval = { low: number; high: number; p: number };

type ComparisonGolden = {
  singleAnswers: (Interval & { a: number[]; b: number[]; won: number; lost: number })[];
  adjusted: { p: number[]; holm: number[]; fdr: number[] }[];
  welch: (Interval & { a: Counts; b: Counts; difference: number })[];
  /** `formula` is the paper's product, `exact` the ratio of whole binomial coefficients. */
  passAtK: [answers: number, right: number, k: number, formula: number, exact: number][];
  betaBinomial: {
    right: number[];
    answers: number[];
    alpha: number;
    beta: number;
    logLikelihood: number;
    posteriors: {
      right: number;
      answers: number;
      k: number;
      mean: number;
      low: number;
      high: number;
    }[];
  }[];
  gammaDerivatives: [x: number, digamma: number, trigamma: number][];
  betaQuantiles: [p: number, a: number, b: number, quantile: number][];
};

/** Written by scripts/make-comparison-goldens.py. */
export const comparisonGolden: ComparisonGolden = JSON.parse(
  readFileSync(new URL('../../../test/golden/comparison.json', import.meta.url), 'utf8'),
) as ComparisonGolden;
