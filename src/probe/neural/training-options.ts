import { UserError } from '../../error/index.ts';

/** How a network is fitted. Plain data; what is left out has its default. */
export type TrainingOptions = {
  /** Keys all draws: starting weights, order of rows, units left out, dropout. @default 0 */
  readonly seed?: number;
  /** Passes over the rows at most. @default 30 */
  readonly epochs?: number;
  /** Rows of one step. @default 128 */
  readonly batch?: number;
  /** Highest rate of the schedule. @default 0.001 */
  readonly learningRate?: number;
  /** Decoupled decay, in units of the rate: a step shrinks weights by rate · decay. @default 0.01 */
  readonly weightDecay?: number;
  /** Share of the steps in which the rate rises from 0; then it falls to 0 along a cosine. @default 0.05 */
  readonly warmup?: number;
  /** Share of the units left out to choose the epoch by; 0 keeps the last epoch. @default 0.15 */
  readonly holdout?: number;
  /** Epochs without a better loss on these units before the fit ends. @default 6 */
  readonly patience?: number;
  /** Share of the last hidden layer that is zeroed in each step. @default 0 */
  readonly dropout?: number;
};

export type Training = Required<TrainingOptions>;

const DEFAULTS: Training = {
  seed: 0,
  epochs: 30,
  batch: 128,
  learningRate: 1e-3,
  weightDecay: 0.01,
  warmup: 0.05,
  holdout: 0.15,
  patience: 6,
  dropout: 0,
};

/** Options with defaults. Throws `UserError` for a value out of its range. */
export function trainingOf(options: TrainingOptions): Training {
  const known = Object.fromEntries(
    Object.entries(options).filter(([name]) => name in DEFAULTS),
  ) as Partial<Training>;
  const training = { ...DEFAULTS, ...known };
  for (const name of ['epochs', 'batch', 'patience'] as const) {
    const value = training[name];
    if (!Number.isInteger(value) || value < 1) {
      throw new UserError(
        `probe: expected a whole number of 1 or more for \`${name}\`, got ${value}`,
      );
    }
  }
  for (const name of ['warmup', 'holdout', 'dropout'] as const) {
    const value = training[name];
    if (!(value >= 0 && value < 1)) {
      throw new UserError(
        `probe: expected 0 or more and less than 1 for \`${name}\`, got ${value}`,
      );
    }
  }
  for (const name of ['learningRate', 'weightDecay'] as const) {
    const value = training[name];
    if (!(value >= 0 && value < Infinity)) {
      throw new UserError(`probe: expected 0 or more for \`${name}\`, got ${value}`);
    }
  }
  return training;
}

/** Rate of step `step` (0 …) of `steps`: a linear rise over the first `warmup` share, then half a cosine down to 0. */
export function scheduledRate(step: number, steps: number, training: Training): number {
  const rise = Math.ceil(training.warmup * steps);
  if (step < rise) return (training.learningRate * (step + 1)) / rise;
  const share = (step - rise) / Math.max(steps - rise, 1);
  return training.learningRate * 0.5 * (1 + Math.cos(Math.PI * share));
}
