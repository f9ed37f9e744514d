// Scaling laws of 500 clusters on a ladder of nine models: `fitExponentialLaw` from its own starts beside scipy's
// `curve_fit` from eight, on the same data and within the same bounds, all four parameters free, in turn in one run.
//
//   node bench/laws.mjs [--python python3] [--clusters 500] [--rounds 3]      (after `npm run build`)
import { spawnSync } from 'node:child_process';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { evaluateLaw, fitExponentialLaw } from '../dist/forecast/laws/index.js';

const { values: options } = parseArgs({
  options: {
    python: { type: 'string', default: 'python3' },
    clusters: { type: 'string', default: '500' },
    rounds: { type: 'string', default: '3' },
  },
});
const BAR = 20;
const chance = 0.25;
const x = Float64Array.from({ length: 9 }, (_, i) => 2.2 ** i);

const uniform = generator(20260101);
const clusters = Array.from({ length: Number(options.clusters) }, drawCluster);
const rounds = Array.from({ length: Number(options.rounds) }, () => ({
  ours: runOurs(),
  peer: runPeer(),
}));
report();

/** Mean pass rates of 10 to 200 questions with 20 answers each around a random law, and their standard errors. */
function drawCluster() {
  const law = {
    g: chance,
    a: Math.exp(1.2 * normal()),
    b: 0.4 * Math.exp(0.6 * normal()),
    c: Math.abs(0.3 * normal()),
  };
  const answers = 20 * Math.round(10 * 20 ** uniform());
  const sd = x.map((at) => {
    const rate = evaluateLaw(law, at);
    return Math.sqrt((rate * (1 - rate) + 1 / answers) / answers);
  });
  const y = x.map((at, i) => Math.min(1, Math.max(0, evaluateLaw(law, at) + sd[i] * normal())));
  return { y, sd, weights: sd.map((value) => 1 / value ** 2) };
}

function runOurs() {
  const started = performance.now();
  const fits = clusters.map(({ y, weights }) =>
    fitExponentialLaw({ x, y, weights }, { chance, guess: 'free' }),
  );
  const seconds = (performance.now() - started) / 1000;
  return {
    seconds,
    objectives: fits.map(({ objective }) => objective),
    converged: fits.filter(({ converged }) => converged).length,
  };
}

function runPeer() {
  const job = {
    x: [...x],
    chance,
    clusters: clusters.map(({ y, sd }) => ({ y: [...y], sd: [...sd] })),
  };
  const { stdout, status, error } = spawnSync(
    options.python,
    [join(import.meta.dirname, 'peers', 'scipy_curve_fit.py')],
    {
      input: JSON.stringify(job),
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'inherit'],
      maxBuffer: 2 ** 28,
      env: { ...process.env, OMP_NUM_THREADS: '1' },
    },
  );
  if (status === 0) return JSON.parse(stdout);
  print(`no peer: \`${options.python}\` has no numpy and scipy (${error?.message ?? status})`);
  return null;
}

function report() {
  print(`${cpus()[0].model}, ${clusters.length} clusters of ${x.length} points, medians`);
  const each = (run) => (1e6 * run.seconds) / clusters.length;
  const ours = median(rounds.map((round) => each(round.ours)));
  const { converged, objectives } = rounds[0].ours;
  print(`sonde    ${ours.toFixed(0).padStart(8)} µs a cluster, node ${process.version}`);
  print(`         ${converged} of ${clusters.length} converged`);
  if (rounds.some(({ peer }) => peer === null)) return;
  const peer = median(rounds.map((round) => each(round.peer)));
  const ratio = median(rounds.map((round) => round.peer.seconds / round.ours.seconds));
  print(`scipy    ${peer.toFixed(0).padStart(8)} µs a cluster, ${rounds[0].peer.versions}`);
  print(`ratio    ${ratio.toFixed(0).padStart(8)} (bar: ${BAR})`);
  const pairs = rounds[0].peer.objectives
    .map((theirs, i) => ({ mine: objectives[i], theirs }))
    .filter(({ theirs }) => theirs !== null);
  const share = (holds) => `${((100 * pairs.filter(holds).length) / pairs.length).toFixed(1)} %`;
  const reached = share(({ mine, theirs }) => mine <= theirs * (1 + 1e-6) + 1e-12);
  const beaten = share(({ mine, theirs }) => mine < theirs * (1 - 1e-6) - 1e-12);
  print(`optimum  ${reached} at scipy's or below, ${beaten} below`);
  const failed = clusters.length - pairs.length;
  if (failed > 0) print(`         scipy had no answer for ${failed} clusters, which are left out`);
}

/** Uniform numbers in [0, 1), the same in every run: a linear congruential generator. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

function normal() {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
