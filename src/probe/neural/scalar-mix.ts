import { expand, multiply, product, reshape, softmax, type Traced } from '../../graph/index.ts';
import type { Probe } from '../estimator.ts';
import type { Architecture, States } from './architecture.ts';
import { head, headParameters, type HeadPlan } from './head.ts';
import { neuralProbe } from './neural-probe.ts';
import type { TrainingOptions } from './training-options.ts';

/**
 * A weighted mean of the layers, γ Σ_l softmax(s)_l h_l (Peters et al. 2018, equation 1), that goes with the features
 * into a linear head or one with a hidden layer.
 */
export type ScalarMixOptions = TrainingOptions & {
  /** Numbers of the hidden layer; 0 for a linear head. @default 0 */
  readonly hidden?: number;
};

const architecture: Architecture<ScalarMixOptions, HeadPlan> = {
  name: 'scalar-mix',
  pools: 'layers',
  plan: ({ hidden = 0 }) => ({ hidden, relu: 0 }),
  parameters: (sizes, plan) => [
    { name: 'mix.layers', shape: [1, sizes.layers], deviation: 0, decay: false },
    { name: 'mix.gain', shape: [1, 1], deviation: 0, level: 1, decay: false },
    ...headParameters({ states: sizes.hidden, features: sizes.width }, sizes, plan),
  ],
  logit: (batch, weights, plan) => {
    if (batch.states === null) throw new Error('scalar-mix: a batch without states');
    const shares = multiply(softmax(weights('mix.layers'), 1), weights('mix.gain'));
    const states = mixed(batch.states, shares, batch.rows);
    return head({ states, features: batch.features }, { batch, weights, plan });
  },
};

export const scalarMix: Probe<ScalarMixOptions> = neuralProbe(architecture);

/** Σ_l shares_l h_l: (rows, hidden). */
function mixed({ values, layers, hidden }: States, shares: Traced, rows: number): Traced {
  const grid = reshape(values, [rows, layers, hidden]);
  const each = expand(reshape(shares, [1, 1, layers]), [rows, 1, layers]);
  return reshape(product(each, grid), [rows, hidden]);
}
