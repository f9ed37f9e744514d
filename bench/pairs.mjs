// Earlier predicts later on the bundled series: a probe fitted on all checkpoints up to a cut (60 % of the questions),
// scored on each later one, for every cut from step 781 on and seeds 0 … 4; means over pairs and seeds of the means over
// task × checkpoint, and paired differences with 95 % intervals from a bootstrap over questions.
//
//   node bench/pairs.mjs [--seeds 5] [--store DIR]
import { parseArgs } from 'node:util';
import { collectFitData, jobContext, runPairs } from '../dist/index.js';
import { seriesRequest, withSeriesStore } from './series.mjs';

const { values: options } = parseArgs({
  options: { seeds: { type: 'string', default: '5' }, store: { type: 'string' } },
});
await withSeriesStore(options, async (store) => {
  const { data } = await collectFitData(store, seriesRequest(), jobContext());
  const firstCut = data.checkpoints.findIndex(({ step }) => step === 781);
  const seeds = Array.from({ length: Number(options.seeds) }, (_, seed) => seed);
  const result = await runPairs(data, {
    seeds,
    firstCut,
    onProgress: (pair) => process.stderr.write(`${pair}\n`),
  });
  report(result);
});

function report({ means, differences, pairs, coverage, medianWidth, secondsPerFit }) {
  const lines = [`${pairs} pairs × ${options.seeds} seeds, ${secondsPerFit.toFixed(1)} s a fit`];
  for (const [split, named] of Object.entries(means)) {
    lines.push('', `${split.padEnd(14)} AUROC    MSE     |level error| (points)`);
    for (const [name, { auroc, mse, levelError }] of Object.entries(named)) {
      lines.push(
        `${name.padEnd(14)} ${show(auroc, 3)}    ${show(mse, 4)}  ${show(levelError, 1, 100)}`,
      );
    }
  }
  lines.push('', 'probe less baseline, 95 % interval over questions');
  for (const { split, baseline, metric, difference, low, high } of differences) {
    lines.push(
      `${split.padEnd(7)} ${metric.padEnd(6)} ${baseline.padEnd(14)} ${difference.toFixed(4)} [${low.toFixed(4)}, ${high.toFixed(4)}]`,
    );
  }
  const width = medianWidth === null ? '–' : (100 * medianWidth).toFixed(0);
  lines.push('', `90 % intervals: ${show(coverage, 3)} covered, median width ${width} points`);
  process.stdout.write(`${lines.join('\n')}\n`);
}

function show(value, digits, factor = 1) {
  return value === null ? '–'.padStart(digits + 2) : (factor * value).toFixed(digits);
}
