import { UserError } from '../../error/index.ts';
import { elementCount, float32 } from '../../graph/index.ts';
import { firstNonFinite } from '../../stats/index.ts';
import type { FittedProbe, NamedTensor, Probe, ProbeData, ProbeRows } from '../estimator.ts';
import type { Architecture, Plan, Sizes } from './architecture.ts';
import { TASK_LEVEL } from './head.ts';
import { drawWeights, partOf } from './packed.ts';
import { chunkRows, createScorer, type Scorer } from './scorer.ts';
import type { StepPlan } from './step-graph.ts';
import { negativeLogLikelihood, train } from './trainer.ts';
import { type TrainingOptions, trainingOf } from './training-options.ts';

/** What a fitted network consists of. */
type Network = {
  readonly sizes: Sizes;
  readonly plan: Plan;
  readonly weights: Float32Array;
  /** 1 for a task with rows in the fit, 0 for one without, which is scored as an unknown one. */
  readonly seen: Float32Array;
  readonly outcome: Pick<FittedProbe, 'iterations' | 'objective' | 'stopReason'>;
};

const STOP_REASONS = ['no-progress', 'max-iterations', 'early-stopped'] as const;

/** Numbers in front of the plan's in the tensor `facts`. */
const FACTS = 7;

/** An estimator from an architecture: the trainer, the scoring graph and the tensors are the same for all. */
export function neuralProbe<Options extends TrainingOptions, P extends Plan>(
  architecture: Architecture<Options, P>,
): Probe<Options> {
  const { name } = architecture;
  const keys = Object.keys(architecture.plan({}));

  const stepPlan = (sizes: Sizes, plan: P, rows: ProbeRows): StepPlan => {
    const positions = rows.sequences?.positions ?? 0;
    const numbers = sizes.layers * positions * sizes.hidden;
    return {
      sizes: { ...sizes, positions, steps: 1, rows: chunkRows(rows.rows, numbers) },
      parameters: architecture.parameters(sizes, plan),
      logit: (batch, weights) => architecture.logit(batch, weights, plan),
    };
  };

  const restored = (network: Network): FittedProbe => {
    const { sizes, weights, seen, outcome } = network;
    const plan = network.plan as P;
    return {
      estimator: name,
      width: sizes.width,
      tasks: sizes.tasks,
      converged: outcome.stopReason !== 'no-progress',
      ...outcome,
      async predict(given, kernel) {
        checkRows(name, sizes, sizesOf(architecture, given, sizes.tasks));
        if (given.rows === 0) return new Float64Array(0);
        const task = given.task.map((t) => (t >= 0 && seen[t] === 1 ? t : -1));
        const rows = { ...given, task, sequences: sizes.layers > 0 ? given.sequences : null };
        await using scorer = await createScorer(
          stepPlan(sizes, plan, rows),
          knownTasks(seen),
          kernel.threads,
        );
        const logits = await scorer.logits(rows, allRows(rows.rows), weights);
        return logits.map((z) => 1 / (1 + Math.exp(-z)));
      },
      toTensors: () => tensorsOf(network, architecture.parameters(sizes, plan)),
    };
  };

  return {
    name,
    async fit(given, options, kernel) {
      const training = trainingOf(options);
      const plan = architecture.plan(options);
      checkData(name, given);
      const sizes = sizesOf(architecture, given, given.tasks);
      const data = { ...given, sequences: sizes.layers > 0 ? given.sequences : null };
      const steps = stepPlan(sizes, plan, data);
      const seen = seenTasks(data);
      const known = knownTasks(seen);
      const weights = drawWeights(steps.parameters, training.seed);
      partOf(weights, steps.parameters, TASK_LEVEL).set(taskLevels(data));
      await using scorer = await createScorer(steps, known, kernel.threads);
      const trained = await train(data, training, {
        plan: steps,
        weights,
        known,
        scorer,
        threads: kernel.threads,
      });
      const objective = await objectiveOf(data, scorer, trained.weights);
      const { iterations, stopReason } = trained;
      const outcome = { iterations, objective, stopReason };
      return restored({ sizes, plan, weights: trained.weights, seen, outcome });
    },
    restore: (tensors) => {
      const network = networkOf(name, tensors, keys);
      const parameters = architecture.parameters(network.sizes, network.plan as P);
      const weights = drawWeights(
        parameters.map((parameter) => ({ ...parameter, deviation: 0 })),
        0,
      );
      for (const parameter of parameters) {
        const data = tensors.get(parameter.name)?.data;
        if (data?.length !== elementCount(parameter.shape)) throw foreign(name, parameter.name);
        partOf(weights, parameters, parameter.name).set(data);
      }
      return restored({ ...network, weights });
    },
  };
}

function sizesOf<Options, P extends Plan>(
  { name, pools }: Architecture<Options, P>,
  { width, sequences }: ProbeRows,
  tasks: number,
): Sizes {
  if (pools === 'nothing') return { width, tasks, layers: 0, hidden: 0 };
  if (sequences === null) throw new Error(`${name}: expected sequences to pool, got none`);
  if (pools === 'layers' && sequences.positions !== 1) {
    throw new Error(
      `${name}: expected layers of one position, got ${sequences.positions} positions`,
    );
  }
  return { width, tasks, layers: sequences.layers, hidden: sequences.hidden };
}

function checkRows(name: string, fitted: Sizes, given: Sizes): void {
  for (const key of ['width', 'layers', 'hidden'] as const) {
    if (fitted[key] !== given[key]) {
      throw new Error(`${name}: expected ${key} ${fitted[key]}, got ${given[key]}`);
    }
  }
}

function checkData(name: string, { features, width, rows, weight }: ProbeData): void {
  const at = firstNonFinite(features);
  if (at >= 0) {
    throw new UserError(
      `probe: expected finite features, got ${features[at]} in row ${Math.floor(at / width)}, column ${at % width}; ` +
        'check the activations',
    );
  }
  if (rows === 0 || !weight.some((value) => value > 0)) {
    throw new UserError(`probe: expected labelled rows to fit \`${name}\` on, got none`);
  }
}

function allRows(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => i);
}

async function objectiveOf(
  data: ProbeData,
  scorer: Scorer,
  weights: Float32Array,
): Promise<number> {
  const rows = allRows(data.rows).filter((row) => data.weight[row]! > 0);
  return negativeLogLikelihood(data, rows, await scorer.logits(data, rows, weights));
}

function seenTasks(data: ProbeData): Float32Array {
  const seen = new Float32Array(data.tasks);
  data.task.forEach((t, row) => {
    if (data.weight[row]! > 0) seen[t] = 1;
  });
  return seen;
}

function knownTasks(seen: Float32Array): ReturnType<typeof float32> {
  const count = seen.reduce((sum, value) => sum + value, 0);
  return float32(
    seen.map((value) => value / Math.max(count, 1)),
    [1, seen.length],
  );
}

/** Log-odds of each task's mean rate, with one question of even odds added. */
function taskLevels(data: ProbeData): Float64Array {
  const right = new Float64Array(data.tasks).fill(0.5);
  const all = new Float64Array(data.tasks).fill(1);
  data.task.forEach((t, row) => {
    right[t]! += data.weight[row]! * data.rate[row]!;
    all[t]! += data.weight[row]!;
  });
  return right.map((value, t) => Math.log(value / (all[t]! - value)));
}

function tensorsOf(
  { sizes, plan, weights, seen, outcome }: Network,
  parameters: ReturnType<Architecture<unknown, Plan>['parameters']>,
): NamedTensor[] {
  const facts = Float64Array.of(
    STOP_REASONS.findIndex((reason) => reason === outcome.stopReason),
    outcome.iterations,
    outcome.objective,
    sizes.width,
    sizes.tasks,
    sizes.layers,
    sizes.hidden,
    ...Object.values(plan),
  );
  return [
    ...parameters.map(({ name, shape }) => ({
      name,
      shape,
      data: partOf(weights, parameters, name).slice(),
    })),
    { name: 'seen', shape: [seen.length], data: seen },
    { name: 'facts', shape: [facts.length], data: facts },
  ];
}

function networkOf(
  name: string,
  tensors: ReadonlyMap<string, NamedTensor>,
  keys: readonly string[],
): Omit<Network, 'weights'> {
  const [facts, seen] = [tensors.get('facts')?.data, tensors.get('seen')?.data];
  if (facts?.length !== FACTS + keys.length) throw foreign(name, 'facts');
  const [stop, iterations, objective, width, tasks, layers, hidden] = [...facts] as [
    ...[number, number, number, number, number, number, number],
  ];
  if (seen?.length !== tasks) throw foreign(name, 'seen');
  return {
    sizes: { width, tasks, layers, hidden },
    plan: Object.fromEntries(keys.map((key, i) => [key, facts[FACTS + i]!])),
    seen: Float32Array.from(seen),
    outcome: { iterations, objective, stopReason: STOP_REASONS[stop] ?? 'no-progress' },
  };
}

function foreign(name: string, tensor: string): UserError {
  return new UserError(`probe: expected tensor \`${tensor}\` of a \`${name}\` probe; fit it again`);
}
