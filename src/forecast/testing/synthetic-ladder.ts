import { randomStream } from '../../stats/index.ts';
import { accuracyOfItems, type Ladder, type LadderItems } from '../ladder.ts';

export type SyntheticOptions = {
  readonly models?: number;
  readonly items?: number;
  /** Answers an item. */
  readonly samples?: number;
  readonly chance?: number;
  readonly seed?: number;
  /** Compute of the smallest model. */
  readonly smallest?: number;
};

/** True pass rate of an item of difficulty `d` at C / C_min = x. */
function trueRate(d: number, x: number, chance = 0): number {
  return chance + (1 - chance) * Math.exp(-d * x ** -0.35);
}

/** The difficulties of a synthetic benchmark: log-uniform, from solved by the smallest model to hard for the largest. */
function difficulties(count: number): Float64Array {
  return Float64Array.from({ length: count }, (_, item) => 0.05 * 200 ** (item / count));
}

/** Accuracy that a model at x would have without sampling error. */
export function trueAccuracy(items: number, x: number, chance = 0): number {
  return difficulties(items).reduce((sum, d) => sum + trueRate(d, x, chance), 0) / items;
}

/** A ladder whose items follow exponential laws of one shape, each model three times the compute of the one before. */
export function syntheticLadder(options: SyntheticOptions = {}): Ladder {
  const { models = 6, items = 200, samples = 100, chance = 0, seed = 0, smallest = 1e18 } = options;
  const stream = randomStream('synthetic ladder', seed, models, items, samples);
  const counts: LadderItems = {
    ids: Array.from({ length: items }, (_, item) => `q${item}`),
    right: new Float64Array(items * models),
    answers: new Float64Array(items * models).fill(samples),
  };
  difficulties(items).forEach((d, item) => {
    for (let model = 0; model < models; model += 1) {
      const p = trueRate(d, 3 ** model, chance);
      for (let draw = 0; draw < samples; draw += 1) {
        if (stream.uniform() < p) counts.right[item * models + model]! += 1;
      }
    }
  });
  return {
    suite: 'synthetic',
    task: 'task',
    chance,
    models: Array.from({ length: models }, (_, model) => ({
      checkpoint: `m${model}`,
      flops: smallest * 3 ** model,
      params: 1e7 * 2 ** model,
      tokens: 1e9 * 1.5 ** model,
    })),
    ...accuracyOfItems(counts, models),
    loss: Float64Array.from({ length: models }, (_, model) => 1.2 + 1.5 * 3 ** (-0.15 * model)),
    items: counts,
    anchors: [],
    panel: Array.from({ length: 4 }, (_, task) => ({
      task: `other${task}`,
      accuracy: Array.from({ length: models }, (__, model) =>
        trueAccuracy(20 + task, 3 ** model * (1 + task / 3)),
      ),
      anchors: [],
    })),
  };
}

/** A ladder with these accuracies alone: no items, losses or other benchmarks. */
export function ladderOf(accuracy: readonly number[], chance = 0): Ladder {
  const ladder = syntheticLadder({ models: accuracy.length, items: 10, samples: 1, chance });
  return {
    ...ladder,
    accuracy: Float64Array.from(accuracy),
    variance: Float64Array.from(accuracy, () => 1e-4),
    loss: null,
    items: null,
    panel: [],
  };
}
