export {
  type BrokenLawOptions,
  type BrokenLawParameters,
  fitBrokenLaw,
} from './broken-law.ts';
export type { CurveFit } from './curve-fit.ts';
export { evaluateLaw, LAW_BOUNDS, type LawParameters, lawGradient } from './exponential-law.ts';
export { fitExponentialLaw, type LawFit, type LawFitOptions } from './fit-exponential-law.ts';
export { type AxisPoints, isConstant } from './fittable.ts';
export {
  fitLadderLoss,
  type LadderLossData,
  type LadderLossFit,
  type LadderLossOptions,
  type LadderLossParameters,
} from './ladder-loss-law.ts';
export { type Gaussian, type LawPrior, weakLawPrior } from './law-prior.ts';
export type { GuessRange, LawData } from './law-problem.ts';
export {
  fitLogAccuracyLaw,
  type LogAccuracyOptions,
  type LogAccuracyParameters,
} from './log-accuracy-law.ts';
export { fitLossLaw, type LossLawOptions, type LossLawParameters } from './loss-law.ts';
export {
  fitLossToAccuracy,
  type LossAccuracyData,
  type LossAccuracyParameters,
} from './loss-to-accuracy.ts';
export { quadraticForm } from './quadratic-form.ts';
export {
  evaluateSigmoid,
  fitSigmoid,
  type SigmoidOptions,
  type SigmoidParameters,
  type SigmoidPrior,
  weakSigmoidPrior,
} from './sigmoid-curve.ts';
