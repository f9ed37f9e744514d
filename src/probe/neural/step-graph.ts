import {
  GraphBuilder,
  gradients,
  multiply,
  reduceSum,
  softplus,
  subtract,
  Tape,
  type Traced,
  type Value,
} from '../../graph/index.ts';
import type { Batch, Parameter, Weights } from './architecture.ts';
import { type BatchSizes, batchInputs, stepped } from './batch-inputs.ts';
import { byName, pack, packedSize, unpack } from './packed.ts';

/** What a step's graph is built from. */
export type StepPlan = {
  readonly sizes: BatchSizes;
  readonly parameters: readonly Parameter[];
  readonly logit: (batch: Batch, weights: Weights) => Traced;
};

/** Decay rates of AdamW's two means. */
export const BETAS = [0.9, 0.999] as const;

/** A mask of dropout that a run is fed: its name and the shape of one step. */
export type Mask = { readonly name: string; readonly shape: readonly number[] };

/** The arrays that a run takes in and gives back, each all parameters packed. */
const STATE = ['weights', 'first', 'second'] as const;

/**
 * The graph of some steps of AdamW (Loshchilov and Hutter 2019, algorithm 2), one behind the other, on the loss
 *   Σ_i weight_i · [log(1 + exp z_i) − rate_i z_i].
 * Steps stay inside one run because each fetched array is copied: weights and means leave it once for all of them. Both
 * means are kept as plain sums (m ← β₁ m + g), their factors 1 − β are in the schedule.
 * Inputs beside `batchInputs`: `target` (steps, 2, rows, 1) rates and weights, `schedule` (steps, 3) with rate, 1 − decay
 * and ε, and `weights`, `first`, `second` (size), which are its outputs with `new-` in front.
 */
export function stepGraph(
  { sizes, parameters, logit }: StepPlan,
  dropout: boolean,
): { model: Uint8Array; masks: readonly Mask[] } {
  const graph = new GraphBuilder('training');
  const tape = new Tape(graph);
  const size = packedSize(parameters);
  const { steps, rows } = sizes;
  const inputs = batchInputs(tape, sizes);
  const target = stepped(tape, { name: 'target', dtype: 'float32', shape: [2, rows, 1] }, steps);
  const schedule = stepped(tape, { name: 'schedule', dtype: 'float32', shape: [3] }, steps);
  const drops = dropout ? new Dropout(tape, steps) : null;
  let [weights, first, second] = STATE.map((name) =>
    unpack(tape, graph.input(name, 'float32', [size]), parameters),
  ) as [Traced[], Traced[], Traced[]];
  for (let step = 0; step < steps; step += 1) {
    const drop = drops?.of(step) ?? ((x: Traced) => x);
    const batch = { ...inputs.batch(step), known: inputs.known, drop };
    const z = logit(batch, byName(parameters, weights));
    const slopes = gradients(lossOf(z, target(step)), weights);
    const moved = parameters.map(({ decay }, i) =>
      adamW([weights[i]!, first[i]!, second[i]!], slopes[i]!, {
        schedule: schedule(step),
        decay,
      }),
    );
    [weights, first, second] = [0, 1, 2].map((i) => moved.map((state) => state[i]!)) as [
      Traced[],
      Traced[],
      Traced[],
    ];
  }
  for (const [i, parts] of [weights, first, second].entries()) {
    graph.output(`new-${STATE[i]!}`, pack(parts), [size]);
  }
  return { model: graph.build(), masks: drops?.masks ?? [] };
}

function lossOf(z: Traced, target: Traced): Traced {
  const { tape } = z;
  const { graph } = tape;
  const [rate, weight] = [0, 1].map((i) =>
    tape.trace(graph.op('Gather', [target.value, graph.index(i)]), z.shape),
  );
  return reduceSum(multiply(weight!, subtract(softplus(z), multiply(rate!, z))), [0, 1]);
}

type State = readonly [weight: Traced, first: Traced, second: Traced];

function adamW(
  [weight, first, second]: State,
  slope: Traced,
  { schedule, decay }: { schedule: Traced; decay: boolean },
): State {
  const { graph } = slope.tape;
  const [rate, kept, epsilon] = [0, 1, 2].map((i) =>
    graph.op('Gather', [schedule.value, graph.index(i)]),
  );
  const summed = (sum: Traced, value: Value, beta: number) =>
    graph.op('Add', [graph.op('Mul', [sum.value, graph.number(beta)]), value]);
  const m = summed(first, slope.value, BETAS[0]);
  const v = summed(second, graph.op('Mul', [slope.value, slope.value]), BETAS[1]);
  const length = graph.op('Add', [graph.op('Sqrt', [v]), epsilon!]);
  const move = graph.op('Mul', [graph.op('Div', [m, length]), rate!]);
  const from = decay ? graph.op('Mul', [weight.value, kept!]) : weight.value;
  const traced = (value: Value) => slope.tape.trace(value, slope.shape);
  return [traced(graph.op('Sub', [from, move])), traced(m), traced(v)];
}

/** Masks of dropout as inputs, one a place where the network drops numbers. */
class Dropout {
  readonly masks: Mask[] = [];
  readonly #pick: ((step: number) => Traced)[] = [];
  readonly #tape: Tape;
  readonly #steps: number;

  constructor(tape: Tape, steps: number) {
    this.#tape = tape;
    this.#steps = steps;
  }

  of(step: number): (x: Traced) => Traced {
    let place = 0;
    return (x) => {
      if (place === this.masks.length) {
        const mask = { name: `mask${place}`, shape: x.shape };
        this.masks.push(mask);
        this.#pick.push(stepped(this.#tape, { ...mask, dtype: 'float32' }, this.#steps));
      }
      const pick = this.#pick[place]!;
      place += 1;
      return multiply(x, pick(step));
    };
  }
}
