import {
  add,
  multiply,
  product,
  reduceSum,
  reshape,
  softmax,
  type Traced,
} from '../../graph/index.ts';
import { UserError } from '../../error/index.ts';
import type { Probe } from '../estimator.ts';
import type { Architecture } from './architecture.ts';
import { head, headParameters } from './head.ts';
import { neuralProbe } from './neural-probe.ts';
import { firstSlopes, placeLogits } from './place.ts';
import type { TrainingOptions } from './training-options.ts';

/**
 * Attention twice, with learned queries: in every layer over its tokens (queries of its own, and a learned slope of the
 * position), then over the layers. States are projected first; the pooled one goes with the features into a linear head.
 */
export type TwoStageOptions = TrainingOptions & {
  /** Numbers of a projected state, a multiple of `heads`. @default 64 */
  readonly size?: number;
  /** @default 4 */
  readonly heads?: number;
};

type TwoStagePlan = { readonly size: number; readonly heads: number };

const LINEAR = { hidden: 0, relu: 0 } as const;

const architecture: Architecture<TwoStageOptions, TwoStagePlan> = {
  name: 'two-stage',
  pools: 'positions',
  plan: ({ size = 64, heads = 4 }) => {
    if (size % heads !== 0) {
      throw new UserError(`probe: expected \`size\` as a multiple of ${heads} heads, got ${size}`);
    }
    return { size, heads };
  },
  parameters: ({ layers, hidden, width, tasks }, { size, heads }) => {
    const deviation = 1 / Math.sqrt(size);
    return [
      {
        name: 'state.weight',
        shape: [size, hidden],
        deviation: 1 / Math.sqrt(hidden),
        decay: true,
      },
      { name: 'tokens.queries', shape: [layers, size, heads], deviation, decay: true },
      {
        name: 'tokens.slopes',
        shape: [1, 1, heads],
        deviation: 0,
        level: firstSlopes(heads),
        decay: false,
      },
      // As large as a projected state's numbers: smaller, and layers are slow to be told apart.
      { name: 'layers.place', shape: [layers, size], deviation: 1, decay: false },
      { name: 'layers.queries', shape: [heads, size], deviation, decay: true },
      ...headParameters({ states: size, features: width }, { tasks }, LINEAR),
    ];
  },
  logit: (batch, weights, { size, heads }) => {
    if (batch.states === null) throw new Error('two-stage: a batch without states');
    const { values, layers, positions } = batch.states;
    const { rows } = batch;
    const x = product(values, weights('state.weight'), { b: true });
    const place = placeLogits(batch.states, weights('tokens.slopes'));
    const tokens = add(
      product(x, weights('tokens.queries')),
      reshape(place, [rows, 1, positions, heads]),
    );
    const perLayer = add(reshape(attend(x, tokens), [rows, layers, size]), weights('layers.place'));
    const over = product(perLayer, weights('layers.queries'), { b: true });
    const pooled = reshape(attend(perLayer, over), [rows, size]);
    return head({ states: pooled, features: batch.features }, { batch, weights, plan: LINEAR });
  },
};

export const twoStage: Probe<TwoStageOptions> = neuralProbe(architecture);

/**
 * Means of `x` (…, places, size) over the places, each head its own part of the numbers, weighted by the softmax of
 * `logits` (…, places, heads): (…, size).
 */
function attend(x: Traced, logits: Traced): Traced {
  const [places, size, heads] = [x.shape.at(-2)!, x.shape.at(-1)!, logits.shape.at(-1)!];
  const outer = x.shape.slice(0, -2);
  const axis = outer.length;
  const shares = reshape(softmax(logits, axis), [...outer, places, heads, 1]);
  const parts = reshape(x, [...outer, places, heads, size / heads]);
  return reshape(reduceSum(multiply(shares, parts), [axis]), [...outer, size]);
}
