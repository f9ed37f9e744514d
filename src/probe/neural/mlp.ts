import type { Probe } from '../estimator.ts';
import type { Architecture } from './architecture.ts';
import { head, headParameters, type HeadPlan } from './head.ts';
import { neuralProbe } from './neural-probe.ts';
import type { TrainingOptions } from './training-options.ts';

/** Features → one hidden layer, with an embedding of the task → log-odds, with a level of the task. */
export type MlpOptions = TrainingOptions & {
  /** Numbers of the hidden layer. @default 256 */
  readonly hidden?: number;
  /** @default 'gelu' */
  readonly activation?: 'gelu' | 'relu';
};

const architecture: Architecture<MlpOptions, HeadPlan> = {
  name: 'mlp',
  pools: 'nothing',
  plan: ({ hidden = 256, activation = 'gelu' }) => ({
    hidden,
    relu: activation === 'relu' ? 1 : 0,
  }),
  parameters: (sizes, plan) => headParameters({ features: sizes.width }, sizes, plan),
  logit: (batch, weights, plan) => head({ features: batch.features }, { batch, weights, plan }),
};

export const mlp: Probe<MlpOptions> = neuralProbe(architecture);
