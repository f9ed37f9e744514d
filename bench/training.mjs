// Fitting probes, beside the usual tools on the same data, in turn in one run: an MLP of 4,096 → 256 → 1 by AdamW beside
// PyTorch (the same batches' size, the same number of steps, the same threads; session and model are built beforehand
// for neither), and logistic regression beside scikit-learn's lbfgs to the same objective.
//
//   node bench/training.mjs [--python python3] [--threads 2] [--rounds 3] [--batch 256]   (after `npm run build`)
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createKernel, logistic } from '../dist/probe/index.js';
import { mlp } from '../dist/probe/neural/index.js';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    threads: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '3' },
    batch: { type: 'string', default: '256' },
    only: { type: 'string', default: 'mlp,logistic' },
  },
});
const BAR = 1;
const threads = Number(options.threads);
const batch = Number(options.batch);
const folder = mkdtempSync(join(tmpdir(), 'sonde-training-'));
const kernel = await createKernel({ threads });
try {
  print(`${cpus()[0].model}, ${threads} threads, medians of ${options.rounds} rounds`);
  if (options.only.includes('mlp')) await benchMlp({ rows: 10_000, width: 4096 });
  if (options.only.includes('logistic')) {
    await benchLogistic({ rows: 10_000, width: 256 });
    await benchLogistic({ rows: 2_000, width: 1024 });
  }
} finally {
  await kernel[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
}

async function benchMlp(size) {
  const data = drawData(size);
  const files = writeData(data);
  const epochs = 4;
  const training = { hidden: 256, batch, epochs, holdout: 0, learningRate: 1e-3 };
  const rounds = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const started = performance.now();
    const fit = await mlp.fit(data, training, kernel);
    const seconds = (performance.now() - started) / 1000;
    const ours = { seconds, steps: fit.iterations, loss: fit.objective / size.rows };
    const job = { ...size, ...files, hidden: 256, batch, threads, learningRate: 1e-3 };
    const peers = [false, true].map((fused) =>
      runPeer('torch_mlp.py', { ...job, steps: fit.iterations, fused }),
    );
    rounds.push({ ours, peers });
  }
  const { steps } = rounds[0].ours;
  print(`\nMLP ${size.rows} × ${size.width} → 256 → 1, AdamW, ${steps} steps of ${batch} rows`);
  const each = (run) => (1000 * run.seconds) / steps;
  const line = (name, runs, note) =>
    print(`${name.padEnd(14)} ${median(runs.map(each)).toFixed(1).padStart(8)} ms a step, ${note}`);
  const oursLoss = rounds[0].ours.loss.toFixed(4);
  line(
    'sonde',
    rounds.map(({ ours }) => ours),
    `all of the fit, loss ${oursLoss}`,
  );
  for (const [i, name] of ['torch', 'torch, fused'].entries()) {
    const runs = rounds.map(({ peers }) => peers[i]);
    if (runs.some((run) => run === null)) return;
    line(name, runs, `loss ${runs[0].loss.toFixed(4)}, ${runs[0].versions}`);
    const ratio = median(rounds.map(({ ours, peers }) => peers[i].seconds / ours.seconds));
    print(`ratio          ${ratio.toFixed(2).padStart(8)} (bar: ${BAR})`);
  }
}

async function benchLogistic(size) {
  const ridge = 10;
  const soft = drawData(size);
  const data = { ...soft, rate: soft.rate.map((rate) => (rate > 0.5 ? 1 : 0)) };
  const files = writeData(data);
  const rounds = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const started = performance.now();
    const fit = await logistic.fit(data, { shared: ridge, deviation: Infinity }, kernel);
    const seconds = (performance.now() - started) / 1000;
    const ours = { seconds, objective: fit.objective, steps: fit.iterations };
    const job = { ...size, ...files, ridge, tolerance: 1e-4 };
    rounds.push({ ours, peer: runPeer('sklearn_logistic.py', job) });
  }
  print(`\nlogistic regression ${size.rows} × ${size.width}, one task, ridge ${ridge}`);
  const line = (name, runs, note) =>
    print(
      `${name.padEnd(14)} ${(1000 * median(runs.map((run) => run.seconds))).toFixed(0).padStart(8)} ms, ` +
        `${runs[0].steps} steps, objective ${runs[0].objective.toFixed(5)}${note}`,
    );
  line(
    'sonde',
    rounds.map(({ ours }) => ours),
    '',
  );
  if (rounds.some(({ peer }) => peer === null)) return;
  line(
    'scikit-learn',
    rounds.map(({ peer }) => peer),
    `, ${rounds[0].peer.versions}`,
  );
  const ratio = median(rounds.map(({ ours, peer }) => peer.seconds / ours.seconds));
  print(`ratio          ${ratio.toFixed(2).padStart(8)} (bar: ${BAR})`);
}

/** Normal features, rates from a random direction, one row a question. */
function drawData({ rows, width }) {
  const uniform = generator(20260101);
  const normal = () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  const direction = Float64Array.from({ length: width }, () => (2 * normal()) / Math.sqrt(width));
  const features = Float32Array.from({ length: rows * width }, normal);
  const rate = Float64Array.from({ length: rows }, (_, row) => {
    let z = normal();
    for (let j = 0; j < width; j += 1) z += direction[j] * features[row * width + j];
    return 1 / (1 + Math.exp(-z));
  });
  return {
    features,
    rows,
    width,
    task: new Int32Array(rows),
    tasks: 1,
    sequences: null,
    rate,
    weight: new Float64Array(rows).fill(1),
    unit: Int32Array.from({ length: rows }, (_, row) => row),
  };
}

function writeData({ features, rate }) {
  const files = { features: join(folder, 'features'), rates: join(folder, 'rates') };
  writeFileSync(files.features, features);
  writeFileSync(files.rates, Float32Array.from(rate));
  return files;
}

function runPeer(script, job) {
  const { stdout, status, error } = spawnSync(
    options.python,
    [join(import.meta.dirname, 'peers', script)],
    {
      input: JSON.stringify(job),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'inherit'],
      env: {
        ...process.env,
        OMP_NUM_THREADS: options.threads,
        OPENBLAS_NUM_THREADS: options.threads,
      },
    },
  );
  if (status === 0) return JSON.parse(stdout);
  print(`no peer: \`${options.python}\` could not run ${script} (${error?.message ?? status})`);
  return null;
}

/** Uniform numbers in [0, 1), the same in every run: a linear congruential generator. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
