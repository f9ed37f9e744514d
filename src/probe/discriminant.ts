import { UserError } from '../error/index.ts';
import { choleskyInPlace, choleskySolve } from '../stats/index.ts';
import type { FittedProbe, NamedTensor, Probe, ProbeData, ProbeRows } from './estimator.ts';
import type { Kernel } from './kernel.ts';
import { logistic } from './logistic.ts';

/** How a direction in the features is found. */
type Direction = (data: ProbeData, kernel: Kernel) => Promise<Float32Array>;

/** One direction for all tasks, then a logistic regression of the rate on the score along it, with an intercept per task. */
export type DiscriminantOptions = {
  /** Ridge on the score's deviation per task, in questions. @default 30 */
  readonly deviation?: number;
};

/** Mean of right answers minus mean of wrong ones (Marks and Tegmark 2023), soft labels as weights; no covariance. */
export const massMean: Probe<DiscriminantOptions> = discriminant('massMean', (data) =>
  Promise.resolve(Float32Array.from(meanDifference(data))),
);

/**
 * Linear discriminant: the same difference times the inverse of the covariance, shrunk towards its diagonal by a share
 * that grows with columns over rows (Friedman 1989 takes it from validation; here it is width / (width + rows)).
 */
export const lda: Probe<DiscriminantOptions> = discriminant('lda', async (data, kernel) => {
  const { matrix, shrinkage } = await covariance(data, kernel);
  for (let i = 0; i < data.width; i += 1) {
    for (let j = 0; j < data.width; j += 1) {
      if (i !== j) matrix[i * data.width + j]! *= 1 - shrinkage;
    }
  }
  return Float32Array.from(solved(matrix, data.width, meanDifference(data)));
});

/** Least squares of the rate with an L2 penalty of 100 questions: linear, but not in log odds. */
export const ridge: Probe<DiscriminantOptions> = discriminant('ridge', async (data, kernel) => {
  const { width, rows, features, rate, weight } = data;
  const matrix = await kernel.gram(features, Float32Array.from(weight), width);
  const target = new Float64Array(width);
  const level = weightedMean(rate, weight);
  for (let i = 0; i < rows; i += 1) {
    const residual = weight[i]! * (rate[i]! - level);
    for (let j = 0; j < width; j += 1) target[j]! += residual * features[i * width + j]!;
  }
  for (let j = 0; j < width; j += 1) matrix[j * width + j]! += 100;
  return Float32Array.from(solved(matrix, width, target));
});

function discriminant(name: string, find: Direction): Probe<DiscriminantOptions> {
  return {
    name,
    async fit(data, { deviation = 30 }, kernel) {
      const direction = await find(data, kernel);
      const scores = alongDirection(data, direction);
      const deviationOfScores = deviationOf(scores);
      // Rates that are all alike, or features, have no direction: the level alone is left.
      const scale = deviationOfScores > 1e-9 ? 1 / deviationOfScores : 0;
      for (let j = 0; j < direction.length; j += 1) direction[j]! *= scale;
      const along = { ...data, ...scored(data, direction) };
      const level = await logistic.fit(along, { shared: 1, deviation }, kernel);
      return together(name, direction, level);
    },
    restore(tensors) {
      const direction = tensors.get('direction')?.data;
      if (direction === undefined) {
        throw new UserError(
          `probe: expected tensor \`direction\` of a ${name} probe; fit it again`,
        );
      }
      return together(name, Float32Array.from(direction), logistic.restore(tensors));
    },
  };
}

function together(name: string, direction: Float32Array, level: FittedProbe): FittedProbe {
  const tensors: NamedTensor[] = [
    { name: 'direction', shape: [direction.length], data: direction },
    ...level.toTensors(),
  ];
  return {
    ...level,
    estimator: name,
    width: direction.length,
    predict: (rows, kernel) => level.predict({ ...rows, ...scored(rows, direction) }, kernel),
    toTensors: () => tensors,
  };
}

function scored(
  rows: ProbeRows,
  direction: Float32Array,
): Pick<ProbeRows, 'features' | 'width' | 'sequences'> {
  return { features: alongDirection(rows, direction), width: 1, sequences: null };
}

function alongDirection(
  { features, rows, width }: ProbeRows,
  direction: Float32Array,
): Float32Array {
  const scores = new Float32Array(rows);
  for (let i = 0; i < rows; i += 1) {
    let sum = 0;
    for (let j = 0; j < width; j += 1) sum += features[i * width + j]! * direction[j]!;
    scores[i] = sum;
  }
  return scores;
}

/** (width): weighted mean with weights w · rate less that with weights w · (1 − rate). */
function meanDifference({ features, rows, width, rate, weight }: ProbeData): Float64Array {
  const right = new Float64Array(width);
  const wrong = new Float64Array(width);
  let [sumRight, sumWrong] = [0, 0];
  for (let i = 0; i < rows; i += 1) {
    const [yes, no] = [weight[i]! * rate[i]!, weight[i]! * (1 - rate[i]!)];
    sumRight += yes;
    sumWrong += no;
    for (let j = 0; j < width; j += 1) {
      const value = features[i * width + j]!;
      right[j]! += yes * value;
      wrong[j]! += no * value;
    }
  }
  return right.map(
    (sum, j) => sum / Math.max(1e-12, sumRight) - wrong[j]! / Math.max(1e-12, sumWrong),
  );
}

async function covariance(
  data: ProbeData,
  kernel: Kernel,
): Promise<{ matrix: Float64Array; shrinkage: number }> {
  const { features, rows, width, weight } = data;
  const total = weight.reduce((sum, value) => sum + value, 0);
  const matrix = await kernel.gram(
    features,
    Float32Array.from(weight, (w) => w / Math.max(1e-12, total)),
    width,
  );
  // Columns are centred or nearly so; a little on the diagonal keeps constant ones out of the inverse.
  for (let j = 0; j < width; j += 1) matrix[j * width + j]! += 1e-3;
  return { matrix, shrinkage: width / (width + rows) };
}

function solved(matrix: Float64Array, width: number, right: Float64Array): Float64Array {
  const factor = Float64Array.from(matrix);
  for (let lift = 1e-6; !choleskyInPlace(factor, width); lift *= 10) {
    factor.set(matrix);
    for (let j = 0; j < width; j += 1) factor[j * width + j]! += lift;
  }
  const out = Float64Array.from(right);
  choleskySolve(factor, width, out);
  return out;
}

function weightedMean(values: Float64Array, weight: Float64Array): number {
  let [sum, total] = [0, 0];
  values.forEach((value, i) => {
    sum += weight[i]! * value;
    total += weight[i]!;
  });
  return sum / Math.max(1e-12, total);
}

function deviationOf(values: Float32Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return Math.sqrt(
    values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, values.length),
  );
}
