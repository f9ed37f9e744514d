export { type BootstrapOptions, type BootstrapResult, clusterBootstrap } from './bootstrap.ts';
export { studentQuantile } from './distributions.ts';
export type { Interval } from './intervals.ts';
export {
  choleskyInPlace,
  choleskySolve,
  forwardSolve,
  subtractGram,
} from './linear-algebra.ts';
export { principalComponents } from './principal-components.ts';
export { keyedUniform, randomStream, type RandomStream } from './rng.ts';
export { oracleAuroc, rankingSkill, softAuroc } from './ranking.ts';
export { brierScore, levelError, mean, meanOfKnown, meanSquaredError } from './scores.ts';
export { firstNonFinite } from './finite.ts';
