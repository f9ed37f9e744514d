import { randomStream } from '../../stats/index.ts';
import type { FitData, ProbeCheckpoint, ProbeItem, ProbeLayout } from '../index.ts';

const SERIES_LAYOUT: ProbeLayout = {
  hidden: 6,
  layers: 3,
  pools: ['last', 'mean'],
  precision: 'f32',
  tokenizerHash: 'tokenizer',
  suiteHash: 'suite',
  exit: null,
};

export type SeriesOptions = {
  readonly checkpoints?: number;
  readonly itemsPerTask?: number;
  readonly answers?: number;
  readonly tasks?: readonly string[];
};

/**
 * A made-up run: every question has a difficulty that its states carry (layer 1 plainly, the others with noise), and
 * checkpoints get better; the outcomes are drawn from the resulting probabilities.
 */
export function syntheticSeries(
  options: SeriesOptions = {},
): FitData & { random: ProbeCheckpoint } {
  const { checkpoints = 4, itemsPerTask = 40, answers = 20, tasks = ['add', 'copy'] } = options;
  const difficulty = randomStream('difficulty');
  const hard: number[] = [];
  const items: ProbeItem[] = tasks.flatMap((task) =>
    Array.from({ length: itemsPerTask }, (_, i) => {
      const value = difficulty.normal();
      hard.push(value);
      const suffixTokens = Math.round(8 + 2 * value + difficulty.normal());
      return {
        id: `${task}-${i}`,
        task,
        group: null,
        text: `question of ${suffixTokens} tokens`,
        textHashes: [`hash of ${task}-${i}`],
        promptTokens: 30 + suffixTokens,
        suffixTokens,
      };
    }),
  );
  const series = Array.from({ length: checkpoints }, (_, c) =>
    checkpointOf(items, hard, { step: 100 * 2 ** c, answers, tasks }),
  );
  const noise = hard.map(() => 0);
  const random = checkpointOf(items, noise, { step: 0, answers, tasks });
  return { items, checkpoints: series, layout: SERIES_LAYOUT, random };
}

function checkpointOf(
  items: readonly ProbeItem[],
  hard: readonly number[],
  { step, answers, tasks }: { step: number; answers: number; tasks: readonly string[] },
): ProbeCheckpoint {
  const { hidden } = SERIES_LAYOUT;
  const stream = randomStream('checkpoint', step);
  const states = new Map<string, Float32Array>();
  for (const pool of ['last', 'mean']) {
    for (let layer = 0; layer < SERIES_LAYOUT.layers; layer += 1) {
      const noise = layer === 1 && pool === 'last' ? 0.3 : 2;
      const values = Float32Array.from(
        { length: items.length * hidden },
        () => noise * stream.normal(),
      );
      hard.forEach((value, i) => (values[i * hidden + 2]! += 3 * value + Math.log(step + 1)));
      states.set(`${pool} ${layer}`, values);
    }
  }
  const skill = Math.log(step / 300 + 1e-9);
  const rate = items.map((item, i) => {
    const z = 1.2 * skill - 2 * hard[i]! + tasks.indexOf(item.task);
    return 1 / (1 + Math.exp(-z));
  });
  const n = new Float64Array(items.length).fill(answers);
  const k = n.map((count, i) => {
    let right = 0;
    for (let a = 0; a < count; a += 1) if (stream.uniform() < rate[i]!) right += 1;
    return right;
  });
  const output = new Float32Array(items.length * 4);
  items.forEach((_, i) => {
    const top = 0.3 + 0.3 / (1 + Math.exp(hard[i]!)) + 0.05 * stream.uniform();
    output.set([2 - top, top, 0.2, 0.1], i * 4);
  });
  return {
    id: `run/step${step}`,
    tokens: step * 1000,
    step,
    stage: 'pretrain',
    rendering: 'prompt',
    states: (pool, layer) => states.get(`${pool} ${layer}`)!,
    output,
    k,
    n,
  };
}
