export { type BootstrapOptions, type BootstrapResult, clusterBootstrap } from './bootstrap.ts';
export {
  incompleteBeta,
  logGamma,
  normalQuantile,
  studentCdf,
  studentQuantile,
} from './distributions.ts';
export { type Interval, quantile, wilsonInterval } from './intervals.ts';
export {
  choleskyInPlace,
  choleskySolve,
  type Eigen,
  forwardSolve,
  subtractGram,
  symmetricEigen,
} from './linear-algebra.ts';
export {
  type PrincipalComponents,
  principalComponents,
  type SymmetricProduct,
} from './principal-components.ts';
export { keyedUniform, randomStream, type RandomStream, shuffle } from './rng.ts';
export { oracleAuroc, rankingSkill, softAuroc } from './ranking.ts';
export { brierScore, levelError, mean, meanOfKnown, meanSquaredError } from './scores.ts';
