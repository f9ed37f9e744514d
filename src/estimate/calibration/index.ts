export {
  applyCalibration,
  type CalibrationMap,
  type CalibrationMethod,
  fitCalibration,
} from './calibrate.ts';
export { thinSteps } from './isotonic.ts';
export { estimatePrior, shiftPrior } from './prior-shift.ts';
export {
  calibrationLine,
  type Reliability,
  reliability,
  type ReliabilityBin,
} from './reliability.ts';
