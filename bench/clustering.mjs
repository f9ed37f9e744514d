// Mean shift with bin seeding beside scikit-learn's on the same pass rates (8 benchmarks × 1,500 items × 9 models, one
// benchmark at a time, one process each), then the bounded mean shift on them and on 100,000 items × 12 models.
//
//   node bench/clustering.mjs [--python python3] [--rounds 5]        (needs `npm run build`; python from $PYTHON too)
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  boundedMeanShift,
  clusteringQuality,
  meanShift,
} from '../dist/forecast/clustering/index.js';
import { randomStream } from '../dist/stats/index.js';

const SAMPLES = 100;
/** Radius per root of the number of models: the middle of what forecasts liked best. */
const RADIUS = 0.15;

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: process.env.PYTHON ?? 'python3' },
    rounds: { type: 'string', default: '5' },
    large: { type: 'boolean', default: false },
  },
});
if (options.large) printLarge();
else compare();

function compare() {
  const models = 9;
  const bandwidth = RADIUS * Math.sqrt(models);
  const sets = Array.from({ length: 8 }, (_, set) => passCounts(set, { items: 1500, models }));
  const points = sets.map((counts) => toPoints(counts, models));
  const job = { sets: sets.map((set) => [...set]), models, bandwidth };
  meanShift(points[0], { bandwidth }); // warm-up, as the peer does
  const rounds = Array.from({ length: Number(options.rounds) }, () => ({
    ours: timed(() => points.map((set) => meanShift(set, { bandwidth }))),
    peer: scikitLearn(job),
  }));
  const bounded = timed(() => points.map((set) => boundedMeanShift(set, { radius: bandwidth })));
  print(`${cpus()[0].model}, node ${process.version}, pass rates of ${SAMPLES} samples`);
  print(`8 × 1,500 × ${models}, bandwidth ${bandwidth}, medians of ${rounds.length} rounds`);
  print(`  meanShift         ${show(median(rounds.map(({ ours }) => ours.seconds)))} s`);
  if (rounds[0].peer === null) print(`  no peer: \`${options.python}\` has no scikit-learn`);
  else printPeer(rounds);
  print(
    `  boundedMeanShift  ${show(bounded.seconds)} s, ${bounded.result.map(({ clusters }) => clusters).join(' ')} clusters`,
  );
  spawnSync(process.execPath, [import.meta.filename, '--large'], { stdio: 'inherit' });
}

function printPeer(rounds) {
  const versions = Object.entries(rounds[0].peer.versions).map(([name, of]) => `${name} ${of}`);
  const seconds = median(rounds.map(({ peer }) => peer.seconds));
  const ratio = median(rounds.map(({ ours, peer }) => peer.seconds / ours.seconds));
  const indices = rounds[0].ours.result.map(({ labels }, set) =>
    adjustedRandIndex(labels, rounds[0].peer.labels[set]).toFixed(4),
  );
  print(`  scikit-learn      ${show(seconds)} s (${versions.join(', ')})`);
  print(`  speed of sonde / scikit-learn: ${ratio.toFixed(1)}`);
  print(`  adjusted Rand index: ${indices.join(' ')}`);
}

/** In a process of its own, so that its peak memory is its own. */
function printLarge() {
  const models = 12;
  const points = toPoints(passCounts('large', { items: 100_000, models }), models);
  const radius = RADIUS * Math.sqrt(models);
  const before = process.resourceUsage().maxRSS / 1024;
  const { seconds, result } = timed(() => boundedMeanShift(points, { radius }));
  const { intraClusterDistance, outlierRate } = clusteringQuality(points, result);
  const peak = process.resourceUsage().maxRSS / 1024;
  print(
    `100,000 × ${models}: boundedMeanShift ${show(seconds)} s, peak ${peak.toFixed(0)} MB (${before.toFixed(0)} MB before)`,
  );
  print(
    `  ${result.clusters} clusters, distance to the centre ${show(intraClusterDistance)}, outliers ${(100 * outlierRate).toFixed(2)} %`,
  );
}

/**
 * Correct answers of `SAMPLES`, (items, models): logistic curves over the models' sizes with random difficulty and slope,
 * a tenth of the items at a floor of guessing, binomial draws.
 */
function passCounts(key, { items, models }) {
  const stream = randomStream('bench clustering', key);
  const counts = new Int32Array(items * models);
  for (let item = 0; item < items; item += 1) {
    const difficulty = models * (0.55 + 0.45 * stream.normal());
    const slope = 0.5 * Math.exp(0.5 * stream.normal());
    const floor = stream.uniform() < 0.1 ? 0.25 : 0;
    for (let model = 0; model < models; model += 1) {
      const rate = floor + (1 - floor) / (1 + Math.exp(-slope * (model - difficulty)));
      for (let sample = 0; sample < SAMPLES; sample += 1) {
        if (stream.uniform() < rate) counts[item * models + model] += 1;
      }
    }
  }
  return counts;
}

function toPoints(counts, models) {
  return { values: Float64Array.from(counts, (count) => count / SAMPLES), dimensions: models };
}

function scikitLearn(job) {
  const check = spawnSync(options.python, ['-c', 'import sklearn'], { stdio: 'ignore' });
  if (check.status !== 0) return null;
  const { stdout } = spawnSync(
    options.python,
    [join(import.meta.dirname, 'peers', 'sklearn_mean_shift.py')],
    {
      input: JSON.stringify({ ...job, samples: SAMPLES }),
      stdio: ['pipe', 'pipe', 'inherit'],
      maxBuffer: 2 ** 28,
    },
  );
  return JSON.parse(stdout.toString());
}

/** Agreement of two labellings corrected for chance (Hubert and Arabie 1985); 1 = the same clusters. */
function adjustedRandIndex(a, b) {
  const pairs = (counts) =>
    [...counts.values()].reduce((sum, count) => sum + (count * (count - 1)) / 2, 0);
  const count = (keys) => {
    const counts = new Map();
    for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
    return counts;
  };
  const both = pairs(count(Array.from(a, (label, item) => `${label} ${b[item]}`)));
  const [ofA, ofB] = [pairs(count(a)), pairs(count(b))];
  const expected = (ofA * ofB) / ((a.length * (a.length - 1)) / 2);
  const most = (ofA + ofB) / 2;
  return most === expected ? 1 : (both - expected) / (most - expected);
}

function timed(work) {
  const start = performance.now();
  const result = work();
  return { result, seconds: (performance.now() - start) / 1000 };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function show(value) {
  return value.toFixed(3);
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
