import {
  add,
  multiply,
  product,
  reduceSum,
  reshape,
  softmax,
  type Traced,
  transpose,
} from '../../graph/index.ts';
import type { Probe } from '../estimator.ts';
import type { Architecture, States } from './architecture.ts';
import { firstSlopes, placeLogits } from './place.ts';
import { head, headParameters } from './head.ts';
import { neuralProbe } from './neural-probe.ts';
import type { TrainingOptions } from './training-options.ts';

/**
 * Attention over the tokens with learned queries: z = Σ_h Σ_t a_th (x_t · v_h) + features · w + level_task, with weights
 * a_th the softmax over t of x_t · q_h + m_h (t − last). A token's layers, if several, are read as one long state.
 */
export type AttentionPoolOptions = TrainingOptions & {
  /** @default 4 */
  readonly heads?: number;
};

type AttentionPoolPlan = { readonly heads: number };

const LINEAR = { hidden: 0, relu: 0 } as const;

const architecture: Architecture<AttentionPoolOptions, AttentionPoolPlan> = {
  name: 'attention-pool',
  pools: 'positions',
  plan: ({ heads = 4 }) => ({ heads }),
  parameters: ({ layers, hidden, width, tasks }, { heads }) => {
    const state = layers * hidden;
    const deviation = 0.1 / Math.sqrt(state);
    return [
      { name: 'pool.queries', shape: [heads, state], deviation, decay: true },
      { name: 'pool.values', shape: [heads, state], deviation: 0, decay: true },
      {
        name: 'pool.slopes',
        shape: [1, 1, heads],
        deviation: 0,
        level: firstSlopes(heads),
        decay: false,
      },
      ...headParameters({ features: width }, { tasks }, LINEAR),
    ];
  },
  logit: (batch, weights) => {
    if (batch.states === null) throw new Error('attention-pool: a batch without states');
    const tokens = tokensOf(batch.states, batch.rows);
    const dots = (name: string) => product(tokens, weights(name), { b: true });
    const logits = add(dots('pool.queries'), placeLogits(batch.states, weights('pool.slopes')));
    const pooled = reduceSum(multiply(softmax(logits, 1), dots('pool.values')), [1, 2]);
    return add(
      reshape(pooled, [batch.rows, 1]),
      head({ features: batch.features }, { batch, weights, plan: LINEAR }),
    );
  },
};

export const attentionPool: Probe<AttentionPoolOptions> = neuralProbe(architecture);

/** (rows, positions, layers · hidden). */
function tokensOf({ values, layers, positions, hidden }: States, rows: number): Traced {
  const moved = layers === 1 ? values : transpose(values, [0, 2, 1, 3]);
  return reshape(moved, [rows, positions, layers * hidden]);
}
