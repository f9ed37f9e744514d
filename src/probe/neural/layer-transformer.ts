import {
  add,
  gelu,
  layerNorm,
  linear,
  product,
  reduceMean,
  reshape,
  scale,
  slice,
  softmax,
  type Traced,
  transpose,
} from '../../graph/index.ts';
import { UserError } from '../../error/index.ts';
import type { Probe } from '../estimator.ts';
import type { Architecture, Parameter, Weights } from './architecture.ts';
import { head, headParameters } from './head.ts';
import { neuralProbe } from './neural-probe.ts';
import type { TrainingOptions } from './training-options.ts';

/**
 * A small transformer over the layers: one token a layer, projected and told which layer it is, then pre-norm blocks,
 * and the mean of the tokens with the features into a linear head.
 */
export type LayerTransformerOptions = TrainingOptions & {
  /** Numbers of a token, a multiple of `heads`. @default 64 */
  readonly size?: number;
  /** @default 1 */
  readonly blocks?: number;
  /** @default 4 */
  readonly heads?: number;
};

type LayerTransformerPlan = {
  readonly size: number;
  readonly blocks: number;
  readonly heads: number;
};

const LINEAR = { hidden: 0, relu: 0 } as const;

const architecture: Architecture<LayerTransformerOptions, LayerTransformerPlan> = {
  name: 'layer-transformer',
  pools: 'layers',
  plan: ({ size = 64, blocks = 1, heads = 4 }) => {
    if (size % heads !== 0) {
      throw new UserError(`probe: expected \`size\` as a multiple of ${heads} heads, got ${size}`);
    }
    return { size, blocks, heads };
  },
  parameters: ({ layers, hidden, width, tasks }, { size, blocks }) => [
    weight('token.weight', [size, hidden]),
    // As large as a projected state's numbers: smaller, and layers are slow to be told apart.
    { name: 'token.layer', shape: [layers, size], deviation: 1, decay: false },
    ...Array.from({ length: blocks }, (_, i) => blockParameters(`block${i}`, size)).flat(),
    ...norm('last', size),
    ...headParameters({ states: size, features: width }, { tasks }, LINEAR),
  ],
  logit: (batch, weights, plan) => {
    if (batch.states === null) throw new Error('layer-transformer: a batch without states');
    const { values, layers, hidden } = batch.states;
    const states = reshape(values, [batch.rows, layers, hidden]);
    let x = add(product(states, weights('token.weight'), { b: true }), weights('token.layer'));
    for (let i = 0; i < plan.blocks; i += 1) x = block(x, plan.heads, partly(weights, `block${i}`));
    const pooled = reduceMean(normed(x, partly(weights, 'last')), [1]);
    return head({ states: pooled, features: batch.features }, { batch, weights, plan: LINEAR });
  },
};

export const layerTransformer: Probe<LayerTransformerOptions> = neuralProbe(architecture);

function weight(name: string, shape: readonly [number, number]): Parameter {
  return { name, shape, deviation: 1 / Math.sqrt(shape[1]), decay: true };
}

function bias(name: string, size: number): Parameter {
  return { name, shape: [size], deviation: 0, decay: false };
}

function norm(name: string, size: number): Parameter[] {
  return [{ ...bias(`${name}.gain`, size), level: 1 }, bias(`${name}.bias`, size)];
}

function blockParameters(name: string, size: number): Parameter[] {
  return [
    ...norm(`${name}.before`, size),
    weight(`${name}.qkv`, [3 * size, size]),
    bias(`${name}.qkv.bias`, 3 * size),
    weight(`${name}.mixed`, [size, size]),
    bias(`${name}.mixed.bias`, size),
    ...norm(`${name}.between`, size),
    weight(`${name}.up`, [2 * size, size]),
    bias(`${name}.up.bias`, 2 * size),
    weight(`${name}.down`, [size, 2 * size]),
    bias(`${name}.down.bias`, size),
  ];
}

function partly(weights: Weights, prefix: string): Weights {
  return (name) => weights(`${prefix}.${name}`);
}

function normed(x: Traced, weights: Weights): Traced {
  return layerNorm(x, { weight: weights('gain'), bias: weights('bias') });
}

/** Attention of all tokens to all and a GELU layer, each behind a norm and beside a residual. */
function block(x: Traced, heads: number, weights: Weights): Traced {
  const [rows, tokens, size] = x.shape as [number, number, number];
  const qkv = linear(normed(x, partly(weights, 'before')), weights('qkv'), weights('qkv.bias'));
  const [q, k, v] = [0, 1, 2].map((i) => {
    const part = slice(qkv, { axis: 2, from: i * size, to: (i + 1) * size });
    return transpose(reshape(part, [rows, tokens, heads, size / heads]), [0, 2, 1, 3]);
  }) as [Traced, Traced, Traced];
  const attention = softmax(scale(product(q, k, { b: true }), 1 / Math.sqrt(size / heads)), 3);
  const mixed = reshape(transpose(product(attention, v), [0, 2, 1, 3]), [rows, tokens, size]);
  const y = add(x, linear(mixed, weights('mixed'), weights('mixed.bias')));
  const up = gelu(linear(normed(y, partly(weights, 'between')), weights('up'), weights('up.bias')));
  return add(y, linear(up, weights('down'), weights('down.bias')));
}
