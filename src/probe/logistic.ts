import { UserError } from '../error/index.ts';
import type { FittedProbe, NamedTensor, Probe, ProbeData, StopReason } from './estimator.ts';
import { firstNonFinite } from '../stats/index.ts';
import type { Kernel } from './kernel.ts';
import { pointAt, searchAlong } from './line-search.ts';
import { newtonDirections } from './newton-directions.ts';
import { groupByTask, type LogisticProblem, taskTotal } from './task-blocks.ts';

/**
 * Binomial logistic regression with L2 penalty and partial pooling over tasks: task t's weights are w + v_t, with a
 * ridge on the shared w and another on each deviation v_t, which is an ordinary L2 logistic regression in which every
 * feature stands once for all tasks and once for each. Minimised are
 *   Σ_i weight_i · [log(1 + exp z_i) − rate_i z_i] + ½ Σ_j shared w_j² + ½ Σ_tj deviation v_tj²,   z_i = x_i · (w + v_t)
 * by Newton's method with backtracking (`newtonDirections`), to where float64 sums see no decrease left. Rates are soft labels k/n: the likelihood of k right of n answers, in units of one question.
 */
export type LogisticOptions = {
  /** Ridge on the shared weights, in questions; Infinity leaves them out (each task on its own). */
  readonly shared: number;
  /** Ridge on a task's deviation from them; Infinity leaves it out (one set of weights, an intercept per task). */
  readonly deviation: number;
  /** Columns `from` … `to − 1` have shared weights only: saves work where tasks hardly differ. */
  readonly sharedOnly?: { readonly from: number; readonly to: number };
  /** Ridge on a task's intercept's deviation. @default 0.01 */
  readonly interceptDeviation?: number;
  /** Stops when the predicted decrease is below this share of the objective. @default 1e-10 */
  readonly tolerance?: number;
  /** @default 60 */
  readonly maxIterations?: number;
};

/** Ridge on the shared intercept: nothing but a guard against labels that are all alike. */
const INTERCEPT_RIDGE = 1e-6;

export const logistic: Probe<LogisticOptions> = {
  name: 'logistic',
  async fit(data, options, kernel, start) {
    checkData(data, options);
    const problem = createProblem(data, options);
    const state = await minimise(problem, options, { kernel, start: startOf(problem, start) });
    return fitted(state.weights, { width: data.width, tasks: data.tasks, ...state });
  },
  restore(tensors) {
    const weights = tensors.get('weights');
    const facts = tensors.get('facts');
    const [tasks, width] = [(weights?.shape[0] ?? 0) - 1, (weights?.shape[1] ?? 0) - 1];
    if (weights === undefined || facts?.data.length !== 3 || tasks < 1 || width < 0) {
      throw new UserError(
        'probe: expected tensors `weights` (tasks + 1, width + 1) and `facts` (3) of a logistic probe; fit it again',
      );
    }
    const [converged, iterations, objective] = [facts.data[0]!, facts.data[1]!, facts.data[2]!];
    const stopReason = STOP_REASONS[converged] ?? 'no-progress';
    return fitted(Float64Array.from(weights.data), {
      width,
      tasks,
      iterations,
      objective,
      stopReason,
    });
  },
};

const STOP_REASONS: readonly StopReason[] = ['no-progress', 'converged', 'max-iterations'];

function createProblem(data: ProbeData, options: LogisticOptions): LogisticProblem {
  const size = data.width + 1;
  const shared = Number.isFinite(options.shared)
    ? new Float64Array(size).fill(options.shared)
    : null;
  if (shared !== null) shared[size - 1] = INTERCEPT_RIDGE;
  const deviation = new Float64Array(size).fill(
    data.tasks === 1 && shared !== null ? Infinity : options.deviation,
  );
  if (shared === null || data.tasks > 1) {
    deviation[size - 1] = shared === null ? INTERCEPT_RIDGE : (options.interceptDeviation ?? 0.01);
  }
  if (shared !== null && options.sharedOnly !== undefined) {
    deviation.fill(Infinity, options.sharedOnly.from, options.sharedOnly.to);
  }
  return { blocks: groupByTask(data), size, shared, deviation };
}

type State = {
  /** (tasks + 1, size): row 0 the shared weights, row t + 1 the deviation of task t. */
  weights: Float64Array;
  iterations: number;
  objective: number;
  stopReason: StopReason;
};

async function minimise(
  problem: LogisticProblem,
  options: LogisticOptions,
  { kernel, start }: { kernel: Kernel; start: Float64Array },
): Promise<State> {
  const { tolerance = 1e-10, maxIterations = 60 } = options;
  const directionOf = newtonDirections(problem, kernel);
  let point = pointAt(problem, start);
  const stopped = (iterations: number, stopReason: StopReason): State => ({
    ...pointAt(problem, point.weights),
    iterations,
    stopReason,
  });
  for (let iterations = 0; iterations < maxIterations; iterations += 1) {
    const enough = 2 * tolerance * (1 + point.objective);
    const direction = await directionOf(point, enough);
    if (direction.decrease <= enough) return stopped(iterations, 'converged');
    const next = await searchAlong(problem, point, direction, kernel);
    if (next === null) return stopped(iterations, 'no-progress');
    point = next;
  }
  return stopped(maxIterations, 'max-iterations');
}

/** Weights of an earlier fit where they fit the problem, otherwise zeros. */
function startOf(problem: LogisticProblem, start: FittedProbe | undefined): Float64Array {
  const weights = new Float64Array((problem.blocks.length + 1) * problem.size);
  const known = start?.toTensors().find((tensor) => tensor.name === 'weights')?.data;
  if (known?.length !== weights.length) return weights;
  const { size, shared, deviation } = problem;
  return weights.map((_, i) => {
    const exists = i < size ? shared !== null : Number.isFinite(deviation[i % size]!);
    return exists ? known[i]! : 0;
  });
}

function fitted(
  weights: Float64Array,
  facts: Pick<FittedProbe, 'width' | 'tasks' | 'iterations' | 'objective' | 'stopReason'>,
): FittedProbe {
  const { width, tasks, iterations, objective, stopReason } = facts;
  const size = width + 1;
  const byTask = Array.from({ length: tasks + 1 }, (_, t) => taskTotal(weights, t - 1, size));
  return {
    estimator: 'logistic',
    width,
    tasks,
    converged: stopReason === 'converged',
    iterations,
    stopReason,
    objective,
    predict({ features, task }) {
      const p = Float64Array.from(task, (t, row) => {
        const w = byTask[t + 1]!;
        let z = w[width]!;
        for (let j = 0; j < width; j += 1) z += features[row * width + j]! * w[j]!;
        return 1 / (1 + Math.exp(-z));
      });
      return Promise.resolve(p);
    },
    toTensors(): NamedTensor[] {
      const reason = Math.max(0, STOP_REASONS.indexOf(stopReason));
      return [
        { name: 'weights', shape: [tasks + 1, size], data: weights },
        { name: 'facts', shape: [3], data: Float64Array.of(reason, iterations, objective) },
      ];
    },
  };
}

function checkData(data: ProbeData, options: LogisticOptions): void {
  const { features, rows, width, rate, weight, task } = data;
  if (features.length !== rows * width || [rate, weight, task].some((a) => a.length !== rows)) {
    throw new Error(`logistic: expected ${rows} rows of ${width} features, got ${features.length}`);
  }
  const bad = firstNonFinite(features);
  if (bad >= 0) {
    throw new UserError(
      `probe: expected finite features, got ${features[bad]!} in row ${Math.floor(bad / width)}, column ${bad % width}; check the activations`,
    );
  }
  if (!(options.shared > 0 && options.deviation > 0)) {
    throw new Error(
      `logistic: expected ridges above 0, got ${options.shared}, ${options.deviation}`,
    );
  }
}
