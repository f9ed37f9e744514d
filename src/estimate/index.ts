export type { AccuracyEstimate, Spread, Target } from './accuracy-estimate.ts';
export {
  applyCalibration,
  calibrationLine,
  type CalibrationMap,
  type CalibrationMethod,
  estimatePrior,
  fitCalibration,
  type Reliability,
  reliability,
  type ReliabilityBin,
  shiftPrior,
  thinSteps,
} from './calibration/index.ts';
export {
  type Choice,
  chooseQuestions,
  type ChooseInput,
  type Design,
  shareBudget,
  type TaskToShare,
} from './choose-questions.ts';
export {
  type EquivalentLabels,
  equivalentLabels,
  labelsForWidth,
} from './equivalent-labels.ts';
export { estimateAccuracy, type EstimateOptions, plainMean } from './estimate-accuracy.ts';
export { estimateFromDesign } from './estimate-from-design.ts';
export { benjaminiHochberg } from './benjamini-hochberg.ts';
export { type BetaPrior, fitBetaPrior } from './beta-binomial.ts';
export { holm } from './holm.ts';
export type { LabelledQuestions } from './labelled-questions.ts';
export {
  type Counts,
  type PairedComparison,
  pairedComparison,
  type PairedInput,
  predictedComparison,
  type PredictedInput,
} from './paired-comparison.ts';
export {
  type CountedQuestions,
  type MeanPassAtK,
  meanPassAtK,
  passAtK,
} from './pass-at-k.ts';
export type { Tuning } from './power-tuning.ts';
export {
  type PredictionPowered,
  predictionPowered,
  type PredictionPoweredInput,
} from './prediction-powered.ts';
export {
  type PassAtKPosterior,
  posteriorPassAtK,
  type ShrunkPassAtK,
  shrunkPassAtK,
} from './shrunk-pass-at-k.ts';
export {
  type AccuracySample,
  answersSample,
  questionsSample,
  unpairedComparison,
} from './unpaired-comparison.ts';
export { questionSpread } from './question-spread.ts';
export { clusteredMean } from './clustered-mean.ts';
export {
  adaptAlpha,
  adaptiveInterval,
  type AdaptiveInterval,
  type Residual,
  residualInterval,
  type ResidualInterval,
  type ResidualOptions,
} from './residual-intervals/index.ts';
