import { choleskyInPlace, choleskySolve, symmetricEigen } from '../../stats/index.ts';
import type { FittedForecaster, Forecaster } from '../forecaster.ts';
import { type Ladder, relativeCompute } from '../ladder.ts';
import { clip, perturb, samplingVariance, defaultShock } from '../observations.ts';
import { chanceLogit, fromChanceLogit } from './chance-logit.ts';
import { weightedLine } from './weighted-line.ts';

/** Fewer other benchmarks say nothing of capabilities that they would share. */
const fewestBenchmarks = 3;

/**
 * Observational scaling (arXiv 2405.10938): principal components of the accuracies on the other benchmarks, over the
 * ladder and its anchors; each component a line in log compute along the ladder; the benchmark's accuracy a logistic
 * function of the components.
 */
export const observational: Forecaster = {
  name: 'observational',
  description: 'principal components over the other benchmarks, extrapolated in log compute',
  minModels: 4,
  missing: (ladder) => {
    const known = completeBenchmarks(ladder).length;
    return known >= fewestBenchmarks
      ? null
      : `needs ${fewestBenchmarks} other benchmarks measured at every model, found ${known}`;
  },
  fit(ladder) {
    const { scores, count } = capabilityScores(ladder);
    const logCompute = relativeCompute(ladder).map(Math.log);
    const smallest = ladder.models[0]?.flops ?? 1;
    const models = ladder.models.length;
    const flat = new Float64Array(models).fill(1);
    const lines = Array.from({ length: count }, (_, component) =>
      weightedLine(logCompute, column(scores, count, { component, rows: models }), flat),
    );
    const forecast = (accuracy: Float64Array): FittedForecaster => {
      const beta = fitLogistic(ladder, accuracy, { scores, count });
      return {
        predict: ({ flops }) => {
          const at = Math.log(flops / smallest);
          const eta = lines.reduce((sum, line, k) => sum + beta[k + 1]! * line(at), beta[0]!);
          return clip(fromChanceLogit(eta, ladder.chance));
        },
      };
    };
    return {
      ...forecast(ladder.accuracy),
      replicate: (draw) => forecast(perturb(ladder, draw)),
    };
  },
};

/** The other benchmarks that every model and anchor was measured on. */
function completeBenchmarks({ panel, task }: Ladder): Ladder['panel'] {
  return panel.filter(
    (one) =>
      one.task !== task && ![...one.accuracy, ...one.anchors].some((value) => value === null),
  );
}

type Scores = {
  /** (models + anchors, count) row-major. */
  readonly scores: Float64Array;
  readonly count: number;
};

/** One component for short ladders, up to three for long ones. */
function capabilityScores(ladder: Ladder): Scores {
  const benchmarks = completeBenchmarks(ladder);
  const size = benchmarks.length;
  const rows = ladder.models.length + ladder.anchors.length;
  const matrix = new Float64Array(rows * size);
  benchmarks.forEach(({ accuracy, anchors }, at) => {
    const values = [...accuracy, ...anchors].map((value) => value ?? 0);
    const mean = values.reduce((sum, value) => sum + value, 0) / rows;
    values.forEach((value, row) => (matrix[row * size + at] = value - mean));
  });
  const count = Math.max(1, Math.min(3, Math.floor(rows / 6), size));
  // The smaller of the two Gram matrices has the same leading components.
  const gram = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i += 1) {
    for (let j = 0; j < rows; j += 1) {
      for (let k = 0; k < size; k += 1) {
        gram[i * rows + j]! += matrix[i * size + k]! * matrix[j * size + k]!;
      }
    }
  }
  const { values, vectors } = symmetricEigen(gram, rows);
  const scores = new Float64Array(rows * count);
  for (let row = 0; row < rows; row += 1) {
    for (let k = 0; k < count; k += 1) {
      scores[row * count + k] = vectors[row * rows + k]! * Math.sqrt(Math.max(0, values[k]!));
    }
  }
  return { scores, count };
}

function column(
  scores: Float64Array,
  count: number,
  { component, rows }: { component: number; rows: number },
): Float64Array {
  return Float64Array.from({ length: rows }, (_, row) => scores[row * count + component]!);
}

/** Weighted least squares of the logit of the share above chance on the components; a light ridge keeps it solvable. */
function fitLogistic(
  ladder: Ladder,
  accuracy: Float64Array,
  { scores, count }: Scores,
): Float64Array {
  const variance = samplingVariance(ladder);
  const all = [...accuracy, ...ladder.anchors.map((anchor) => anchor.accuracy)];
  const width = count + 1;
  const gram = new Float64Array(width * width);
  const moment = new Float64Array(width);
  all.forEach((value, row) => {
    const { logit, slope } = chanceLogit(value, ladder.chance);
    const weight = slope ** 2 / ((variance[row] ?? defaultShock ** 2) + defaultShock ** 2);
    const inputs = [1, ...scores.subarray(row * count, (row + 1) * count)];
    inputs.forEach((a, i) => {
      moment[i]! += weight * a * logit;
      inputs.forEach((b, j) => (gram[i * width + j]! += weight * a * b));
    });
  });
  for (let k = 0; k < width; k += 1) gram[k * width + k]! += 1e-3;
  if (!choleskyInPlace(gram, width)) return new Float64Array(width);
  choleskySolve(gram, width, moment);
  return moment;
}
