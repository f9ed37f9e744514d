export { type BootstrapOptions, type BootstrapResult, clusterBootstrap } from './bootstrap.ts';
export {
  betaQuantile,
  incompleteBeta,
  logGamma,
  studentCdf,
  studentQuantile,
} from './distributions.ts';
export { digamma, trigamma } from './gamma-derivatives.ts';
export { firstNonFinite } from './finite.ts';
export { type Interval, wilsonInterval } from './intervals.ts';
export {
  createLeastSquaresWorkspace,
  type LeastSquaresProblem,
  type LeastSquaresWorkspace,
} from './least-squares-problem.ts';
export {
  type LeastSquaresOptions,
  type LeastSquaresResult,
  type LeastSquaresStop,
  minimiseLeastSquares,
} from './levenberg-marquardt.ts';
export { logOdds, sigmoid } from './log-odds.ts';
export {
  choleskyInPlace,
  choleskySolve,
  forwardSolve,
  symmetricEigen,
} from './linear-algebra.ts';
export { normalCdf, normalQuantile } from './normal.ts';
export { principalComponents } from './principal-components.ts';
export { oracleAuroc, rankingSkill, softAuroc } from './ranking.ts';
export { keyedUniform, type RandomStream, randomStream } from './rng.ts';
export { brierScore, levelError, mean, meanOfKnown, meanSquaredError } from './scores.ts';
