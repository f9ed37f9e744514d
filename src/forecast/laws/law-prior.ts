export type Gaussian = { readonly mean: number; readonly sd: number };

/**
 * What is believed of a law before the data, as independent normal distributions that count like one point each. Their
 * standard deviations stand against residuals in units of their own: with a prior, the weights have to be inverse
 * variances. sd = Infinity says nothing.
 */
export type LawPrior = {
  readonly g: Gaussian;
  /** Of ln a. */
  readonly logA: Gaussian;
  /** Of ln b. */
  readonly logB: Gaussian;
  readonly c: Gaussian;
};

/**
 * A prior that only decides what the data leave open: four parameters on four points are not identifiable, and without
 * it b sits on a bound in most clusters. One sd of ln b is a factor of two around b = 0.4, one of ln a a factor of 4.5.
 */
export function weakLawPrior(chance: number): LawPrior {
  return {
    g: { mean: chance, sd: 0.05 },
    logA: { mean: 0, sd: 1.5 },
    logB: { mean: Math.log(0.4), sd: 0.7 },
    c: { mean: 0, sd: 0.5 },
  };
}
