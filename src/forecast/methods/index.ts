import { codForecasters } from '../cod/index.ts';
import type { Forecaster } from '../forecaster.ts';
import { bnsl } from './bnsl.ts';
import { ensemble } from './ensemble.ts';
import { exponential } from './exponential.ts';
import { irt } from './irt.ts';
import { lastValue } from './last-value.ts';
import { linearLast3 } from './linear-last-3.ts';
import { logAccuracy } from './log-accuracy.ts';
import { logitLinear } from './logit-linear.ts';
import { lossIntermediate } from './loss-intermediate.ts';
import { observational } from './observational.ts';
import { passRate } from './pass-rate.ts';
import { sigmoid } from './sigmoid.ts';
import { taskLadder } from './task-ladder.ts';

/** Every method, baselines first. */
export const forecasters: readonly Forecaster[] = [
  lastValue,
  exponential,
  logAccuracy,
  passRate,
  linearLast3,
  logitLinear,
  sigmoid,
  bnsl,
  lossIntermediate,
  taskLadder,
  observational,
  irt,
  ensemble,
  ...codForecasters,
];

/** What Sonde answers with: a fixed choice, never the winner of a back-test. */
export const chosenMethod: Forecaster = ensemble;

/** Methods that differ in kind: how far they are apart says most of a forecast's error. */
export const spreadMethods: readonly Forecaster[] = [
  exponential,
  logAccuracy,
  linearLast3,
  logitLinear,
];

/** COD in its best honest configuration: also says which share of the items follows a law. */
export const coreCod: Forecaster = codForecasters[0]!;

/** `cod:<variant>`: computed only where it is asked for. */
export function isVariant(name: string): boolean {
  return name.includes(':');
}
