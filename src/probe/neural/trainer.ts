import {
  createSession,
  elementCount,
  float32,
  type Session,
  type Tensor,
} from '../../graph/index.ts';
import { type RandomStream, randomStream } from '../../stats/index.ts';
import type { ProbeData, StopReason } from '../estimator.ts';
import { feedsOf } from './batch-reader.ts';
import type { Scorer } from './scorer.ts';
import { splitUnits } from './split-units.ts';
import { BETAS, type Mask, stepGraph, type StepPlan } from './step-graph.ts';
import { scheduledRate, type Training } from './training-options.ts';

/** AdamW's guard against division by zero. */
const EPSILON = 1e-8;

/** Steps of one run where the rows need no reading: see bench/training.mjs. */
const STEPS = 8;

export type Trained = {
  readonly weights: Float32Array;
  /** Steps that were taken. */
  readonly iterations: number;
  readonly stopReason: StopReason;
};

/** What a fit starts from: the graph's plan without the sizes of batches, the first weights, the unknown task's mean. */
export type Start = {
  readonly plan: StepPlan;
  readonly weights: Float32Array;
  readonly known: Tensor;
  readonly scorer: Scorer;
  readonly threads: number | undefined;
};

/**
 * Fits a network by AdamW on shuffled batches. With units left out, the weights of the epoch that has the lowest loss on
 * them are kept; weights that are no longer finite end the fit with the best ones up to there. Equal data, options and
 * thread counts give equal bits.
 */
export async function train(data: ProbeData, training: Training, start: Start): Promise<Trained> {
  const { learned, left } = splitUnits(data, training);
  if (learned.length === 0)
    return { weights: start.weights, iterations: 0, stopReason: 'no-progress' };
  await using stepper = await createStepper(data, training, { start, learned });
  const lossOf = async (weights: Float32Array) =>
    negativeLogLikelihood(data, left, await start.scorer.logits(data, left, weights));
  let best = { weights: start.weights, loss: await lossOf(start.weights) };
  let sinceBest = 0;
  for (let epoch = 0; epoch < training.epochs; epoch += 1) {
    const weights = await stepper.epoch();
    const iterations = stepper.taken();
    if (!weights.every(Number.isFinite)) {
      return { weights: best.weights, iterations, stopReason: 'no-progress' };
    }
    if (left.length === 0) {
      best = { weights, loss: 0 };
      continue;
    }
    const loss = await lossOf(weights);
    sinceBest = loss < best.loss ? 0 : sinceBest + 1;
    if (loss < best.loss) best = { weights, loss };
    if (sinceBest >= training.patience) {
      return { weights: best.weights, iterations, stopReason: 'early-stopped' };
    }
  }
  return { weights: best.weights, iterations: stepper.taken(), stopReason: 'max-iterations' };
}

/** Σ weight · [log(1 + exp z) − rate z] over `rows`, in nats; `logits` in their order. */
export function negativeLogLikelihood(
  data: ProbeData,
  rows: Int32Array,
  logits: Float64Array,
): number {
  let sum = 0;
  rows.forEach((row, i) => {
    const z = logits[i]!;
    const softplus = Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
    sum += data.weight[row]! * (softplus - data.rate[row]! * z);
  });
  return sum;
}

type Stepper = AsyncDisposable & {
  /** Takes the steps of one pass over the rows and returns the weights. */
  readonly epoch: () => Promise<Float32Array>;
  readonly taken: () => number;
};

async function createStepper(
  data: ProbeData,
  training: Training,
  { start, learned }: { start: Start; learned: Int32Array },
): Promise<Stepper> {
  const rows = Math.min(training.batch, learned.length);
  const passes = Math.max(1, Math.floor(learned.length / rows));
  // What a reader returns may be overwritten by its next call, and states are large: one batch a run.
  const steps = data.sequences === null ? Math.min(STEPS, passes) : 1;
  const runs = Math.max(1, Math.round(passes / steps));
  const sizes = { ...start.plan.sizes, rows, steps };
  const { model, masks } = stepGraph({ ...start.plan, sizes }, training.dropout > 0);
  const { threads } = start;
  const session = await createSession(model, threads === undefined ? {} : { threads });
  const next = endlessRows(learned, randomStream('neural', 'order', training.seed));
  const drops = randomStream('neural', 'dropout', training.seed);
  const scale = 1 / (rows * meanWeight(data, learned));
  const total = training.epochs * runs * steps;
  let state = initialState(start.weights);
  let taken = 0;
  return {
    epoch: async () => {
      for (let run = 0; run < runs; run += 1) {
        const picked = next(rows * steps);
        const feeds = {
          ...(await feedsOf(data, picked, steps)),
          ...maskFeeds(masks, { steps, share: training.dropout, stream: drops }),
          target: targets(data, picked, { steps, scale }),
          schedule: schedule(taken, { steps, total, training }),
          known: start.known,
        };
        state = await takeSteps(session, feeds, state);
        taken += steps;
      }
      return state.weights;
    },
    taken: () => taken,
    [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
  };
}

type State = Readonly<Record<'weights' | 'first' | 'second', Float32Array>>;

function initialState(weights: Float32Array): State {
  const zeros = () => new Float32Array(weights.length);
  return { weights, first: zeros(), second: zeros() };
}

async function takeSteps(
  session: Session,
  feeds: Readonly<Record<string, Tensor>>,
  { weights, first, second }: State,
): Promise<State> {
  const found = await session.run(
    { ...feeds, weights: float32(weights), first: float32(first), second: float32(second) },
    ['new-weights', 'new-first', 'new-second'],
  );
  const part = (name: string) => found[name]!.data as Float32Array;
  return { weights: part('new-weights'), first: part('new-first'), second: part('new-second') };
}

/** Rows in shuffled order (Fisher and Yates), shuffled again behind each pass. */
function endlessRows(rows: Int32Array, stream: RandomStream): (count: number) => Int32Array {
  const order = Int32Array.from(rows);
  let at = order.length;
  return (count) =>
    Int32Array.from({ length: count }, () => {
      if (at === order.length) {
        for (let i = order.length - 1; i > 0; i -= 1) {
          const j = stream.integer(i + 1);
          [order[i], order[j]] = [order[j]!, order[i]!];
        }
        at = 0;
      }
      at += 1;
      return order[at - 1]!;
    });
}

function targets(
  data: ProbeData,
  rows: Int32Array,
  { steps, scale }: { steps: number; scale: number },
): Tensor {
  const each = rows.length / steps;
  const target = new Float32Array(2 * rows.length);
  rows.forEach((row, i) => {
    const at = 2 * each * Math.floor(i / each) + (i % each);
    target[at] = data.rate[row]!;
    target[at + each] = data.weight[row]! * scale;
  });
  return float32(target, [steps, 2, each, 1]);
}

/**
 * Rate, 1 − decay and ε of each step. The means are sums in the graph, m = M (1 − β₁) and v = V (1 − β₂): their factors
 * and the corrections of their bias are written into rate and ε.
 */
function schedule(
  taken: number,
  { steps, total, training }: { steps: number; total: number; training: Training },
): Tensor {
  const numbers = Array.from({ length: steps }, (_, k) => {
    const rate = scheduledRate(taken + k, total, training);
    const first = (1 - BETAS[0] ** (taken + k + 1)) / (1 - BETAS[0]);
    const second = Math.sqrt((1 - BETAS[1] ** (taken + k + 1)) / (1 - BETAS[1]));
    return [(rate * second) / first, 1 - rate * training.weightDecay, EPSILON * second];
  });
  return float32(Float32Array.from(numbers.flat()), [steps, 3]);
}

function maskFeeds(
  masks: readonly Mask[],
  { steps, share, stream }: { steps: number; share: number; stream: RandomStream },
): Record<string, Tensor> {
  const kept = 1 / (1 - share);
  return Object.fromEntries(
    masks.map(({ name, shape }) => {
      const data = Float32Array.from({ length: steps * elementCount(shape) }, () =>
        stream.uniform() < share ? 0 : kept,
      );
      return [name, float32(data, [steps, ...shape])];
    }),
  );
}

function meanWeight(data: ProbeData, rows: Int32Array): number {
  return rows.reduce((sum, row) => sum + data.weight[row]!, 0) / rows.length;
}
