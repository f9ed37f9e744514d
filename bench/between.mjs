// What is done between checkpoints, option by option on the bundled series: recency weights, standardisation, alignment,
// and the refit to a few labels of the scored checkpoint. The ten pairs of bench/pairs.mjs, two markdown tables.
//
//   node bench/between.mjs [--seeds 1] [--store DIR]
//
// Probes are `linear` on the prompt's mean state, without the replay behind the intervals.
import { createHash } from 'node:crypto';
import { parseArgs } from 'node:util';
import {
  collectFitData,
  estimateAccuracy,
  fitProbe,
  jobContext,
  predictCheckpoint,
  runPairs,
  softAuroc,
} from '../dist/index.js';
import { seriesRequest, withSeriesStore } from './series.mjs';

const { values: options } = parseArgs({
  options: { seeds: { type: 'string', default: '1' }, store: { type: 'string' } },
});
const seeds = Array.from({ length: Number(options.seeds) }, (_, seed) => seed);
const fit = { architecture: 'linear', pools: ['mean'], complete: false, threads: 1 };
const variants = {
  'all checkpoints alike (default)': {},
  'recency 0.85': { recency: 0.85 },
  'recency 0.7': { recency: 0.7 },
  'recency 0.5': { recency: 0.5 },
  // So little that nothing is learned from an earlier one; histories stay.
  'latest checkpoint alone': { recency: 1e-9 },
  'standardise checkpoint': { standardise: 'checkpoint' },
  'standardise task': { standardise: 'task' },
  procrustes: { align: 'procrustes' },
  affine: { align: 'affine' },
};
await withSeriesStore(options, async (store) => {
  const collected = await collectFitData(store, seriesRequest(), jobContext());
  const data = { ...collected.data, random: null };
  const firstCut = data.checkpoints.findIndex(({ step }) => step === 781);
  await printVariants(data, firstCut);
  await printRefits(data, firstCut);
});

async function printVariants(data, firstCut) {
  const columns = ['AUROC unseen', 'AUROC seen', 'MSE unseen', 'MSE seen'];
  print(['', ...columns, 'level error unseen', 'level error seen']);
  print(new Array(7).fill('---'));
  for (const [name, own] of Object.entries(variants)) {
    const { means } = await runPairs(data, {
      seeds,
      firstCut,
      statesAlone: false,
      resamples: 1,
      fit: { ...fit, ...own },
    });
    const { probe: unseen } = means.unseen;
    const { probe: seen } = means.seen;
    print([
      name,
      ...[unseen.auroc, seen.auroc, unseen.mse, seen.mse].map((value) => value.toFixed(4)),
      ...[unseen.levelError, seen.levelError].map((value) => (100 * value).toFixed(1)),
    ]);
  }
}

/**
 * With labels of 10, 25 and 50 questions a task at the scored checkpoint: probabilities of the questions without a label,
 * and estimates made of all of them.
 */
async function printRefits(data, firstCut) {
  print(['']);
  const columns = ['AUROC unseen', 'AUROC seen', 'MSE unseen', 'MSE seen'];
  print(['labels a task, refit', ...columns, 'error of the estimate', 'half width', 'covered']);
  print(new Array(8).fill('---'));
  const sums = new Map();
  for (const seed of seeds) {
    for (let cut = firstCut; cut < data.checkpoints.length - 1; cut += 1) {
      const learned = { ...data, checkpoints: data.checkpoints.slice(0, cut + 1) };
      const model = await fitProbe(learned, { name: 'between', seed, ...fit });
      for (const checkpoint of data.checkpoints.slice(cut + 1)) {
        const input = { items: data.items, checkpoint, layout: data.layout };
        for (const count of [10, 25, 50]) {
          const labels = labelsOf(input, count, seed);
          const { items } = await predictCheckpoint(model, input, { threads: 1, labels });
          const values = {
            none: items.map(({ p }) => p),
            prior: items.map(({ refitted }) => refitted),
          };
          for (const [refit, p] of Object.entries(values)) {
            const name = `${count}, ${refit}`;
            sums.set(name, [...(sums.get(name) ?? []), measured(model, input, { labels, p })]);
          }
        }
      }
    }
  }
  for (const [name, pairs] of sums) {
    const mean = (pick) => average(pairs.map(pick));
    print([
      name,
      ...['unseen', 'seen'].map((split) => mean((pair) => pair[split].auroc).toFixed(4)),
      ...['unseen', 'seen'].map((split) => mean((pair) => pair[split].mse).toFixed(4)),
      ...[(pair) => pair.error, (pair) => pair.half].map((pick) => (100 * mean(pick)).toFixed(1)),
      mean((pair) => pair.covered).toFixed(2),
    ]);
  }
}

/** Outcomes of so many questions of each task, in an order that the seed gives. */
function labelsOf({ items, checkpoint }, count, seed) {
  const ranks = items.map(({ id }) =>
    createHash('sha256').update(`${seed}:${checkpoint.id}:${id}`).digest('hex'),
  );
  const n = new Float64Array(items.length);
  for (const task of new Set(items.map((item) => item.task))) {
    const own = [...items.keys()].filter((i) => items[i].task === task);
    own.sort((a, b) => (ranks[a] < ranks[b] ? -1 : 1));
    for (const i of own.slice(0, count)) n[i] = checkpoint.n[i];
  }
  return { k: checkpoint.k.map((right, i) => (n[i] > 0 ? right : 0)), n };
}

function measured({ card }, { items, checkpoint }, { labels, p }) {
  const seen = new Set(card.split.seen);
  const rates = checkpoint.k.map((right, i) => right / checkpoint.n[i]);
  const rowsOf = (task) => [...items.keys()].filter((i) => items[i].task === task);
  const split = (wanted) => {
    const cells = card.tasks.map((task) => {
      const isScored = (i) => labels.n[i] === 0 && wanted === seen.has(items[i].id);
      const rows = rowsOf(task).filter(isScored);
      const own = rows.map((i) => rates[i]);
      const level = average(own);
      // As everywhere: cells where nearly all or nearly none is right are not ranked.
      const isRanked = level >= 0.02 && level <= 0.98;
      const predicted = rows.map((i) => p[i]);
      const auroc = isRanked ? softAuroc(predicted, own) : null;
      return { auroc, mse: average(own.map((rate, i) => (rate - predicted[i]) ** 2)) };
    });
    return {
      auroc: average(cells.map((cell) => cell.auroc).filter((value) => value !== null)),
      mse: average(cells.map((cell) => cell.mse)),
    };
  };
  const estimates = card.tasks.map((task) => {
    const rows = rowsOf(task);
    const pick = (values) => Float64Array.from(rows, (i) => values[i]);
    const questions = { predicted: pick(p), k: pick(labels.k), n: pick(labels.n) };
    const { estimate, low, high } = estimateAccuracy(questions, { level: 0.9 });
    const truth = average(rows.map((i) => rates[i]));
    const covered = truth >= low && truth <= high ? 1 : 0;
    return { error: Math.abs(estimate - truth), half: (high - low) / 2, covered };
  });
  return {
    unseen: split(false),
    seen: split(true),
    error: average(estimates.map((one) => one.error)),
    half: average(estimates.map((one) => one.half)),
    covered: average(estimates.map((one) => one.covered)),
  };
}

function average(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function print(cells) {
  process.stdout.write(cells.length === 1 ? '\n' : `| ${cells.join(' | ')} |\n`);
}
