// Seconds and memory of the whole pipeline (clusters, laws, filter, the comparison, back-tests, verdict) on synthetic items.
//
//   node bench/forecast/speed.mjs
import { cpus } from 'node:os';
import { accuracyOfItems, forecastBenchmark } from '../../dist/index.js';
import { uniform } from './uniform.mjs';

const cases = [
  { items: 12_000, models: 9, replicates: 200, methods: ['cod'] },
  { items: 12_000, models: 9, replicates: 200, methods: null },
  { items: 100_000, models: 12, replicates: 0, methods: ['cod'] },
  { items: 100_000, models: 12, replicates: 0, methods: ['cod:raw'] },
];
process.stdout.write(`${cpus()[0]?.model ?? 'unknown processor'}, Node ${process.version}\n`);
for (const { items, models, replicates, methods } of cases) {
  const ladder = syntheticLadder(items, models);
  const target = { flops: 10 * ladder.models.at(-1).flops, params: null, tokens: null };
  const from = performance.now();
  forecastBenchmark(ladder, target, { methods, replicates });
  const seconds = ((performance.now() - from) / 1000).toFixed(1);
  const peak = (process.resourceUsage().maxRSS / 1024).toFixed(0);
  process.stdout.write(
    `${items} items × ${models} models, ${replicates} replicates, ${methods?.join(', ') ?? 'every method'}: ${seconds} s, peak memory so far ${peak} MB\n`,
  );
}

/** Items of log-uniform difficulty and differing slope, 100 answers each with binomial-sized noise. */
function syntheticLadder(items, models) {
  const random = uniform(1);
  const counts = {
    ids: Array.from({ length: items }, (_, item) => `q${item}`),
    right: new Float64Array(items * models),
    answers: new Float64Array(items * models).fill(100),
  };
  for (let item = 0; item < items; item += 1) {
    const difficulty = 0.05 * 200 ** random();
    const exponent = 0.2 + 0.4 * random();
    for (let model = 0; model < models; model += 1) {
      const p = Math.exp(-difficulty * 3 ** (-exponent * model));
      // Sum of six uniforms: near enough to a normal deviate.
      const deviate = Math.SQRT2 * (Array.from({ length: 6 }, random).reduce((a, b) => a + b) - 3);
      const k = Math.round(100 * p + Math.sqrt(100 * p * (1 - p)) * deviate);
      counts.right[item * models + model] = Math.min(100, Math.max(0, k));
    }
  }
  return {
    suite: 'synthetic',
    task: 'task',
    chance: 0,
    models: Array.from({ length: models }, (_, model) => ({
      checkpoint: `m${model}`,
      flops: 1e18 * 3 ** model,
      params: null,
      tokens: null,
    })),
    ...accuracyOfItems(counts, models),
    loss: null,
    items: counts,
    anchors: [],
    panel: [],
  };
}
