// What int8 costs a probe: the pairs of `pairs.mjs` fitted and scored on states in float32 and in int8, and how far the
// states themselves are apart.
//
//   node bench/precision.mjs [--seeds 5] [--series DIR]
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { collectFitData, jobContext, runPairs } from '../dist/index.js';
import { describeMachine, keepResults, print } from './measure.mjs';
import { bundledSeries, seriesRequest, withSeriesStore } from './series.mjs';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '5' }, series: { type: 'string' } },
});
const series = values.series === undefined ? bundledSeries : resolve(values.series);
const seeds = Array.from({ length: Number(values.seeds) }, (_, seed) => seed);
print(`precision, ${describeMachine(2)}`);
await withSeriesStore({ series }, async (store) => {
  const data = {};
  const results = {};
  for (const precision of ['f32', 'int8']) {
    const request = { ...seriesRequest({ series }), precision };
    ({ data: data[precision] } = await collectFitData(store, request, jobContext()));
    const firstCut = data[precision].checkpoints.findIndex(({ step }) => step === 781);
    results[precision] = await runPairs(data[precision], { seeds, firstCut });
  }
  print(`states: ${await distances(data)}`);
  for (const split of ['seen', 'unseen']) {
    for (const name of ['probe', 'statesAlone']) {
      const [f32, int8] = ['f32', 'int8'].map((precision) => results[precision].means[split][name]);
      const both = (field, digits, factor = 1) =>
        `${(factor * f32[field]).toFixed(digits)} → ${(factor * int8[field]).toFixed(digits)}`;
      print(
        `${split.padEnd(7)} ${name.padEnd(12)} AUROC ${both('auroc', 4)}   MSE ${both('mse', 4)}   |level error| ${both('levelError', 2, 100)} points`,
      );
    }
  }
  const means = Object.entries(results).map(([precision, { means: each }]) => [precision, each]);
  keepResults('precision', { means: Object.fromEntries(means) });
});

/** Relative L2 distance of a question's last-token states, mean over the questions of the latest checkpoint, by layer. */
async function distances({ f32, int8 }) {
  const { hidden, layers } = f32.layout;
  const told = [];
  for (let layer = 0; layer < layers; layer += 1) {
    const [exact, rounded] = await Promise.all(
      [f32, int8].map(({ checkpoints }) => checkpoints.at(-1).states('last', layer)),
    );
    let sum = 0;
    for (let at = 0; at < exact.length; at += hidden) {
      let [difference, norm] = [0, 0];
      for (let i = at; i < at + hidden; i += 1) {
        difference += (exact[i] - rounded[i]) ** 2;
        norm += exact[i] ** 2;
      }
      sum += Math.sqrt(difference / norm);
    }
    told.push(`${((100 * sum * hidden) / exact.length).toFixed(2)} %`);
  }
  return `layers 0 to ${layers - 1}: ${told.join(', ')}`;
}
