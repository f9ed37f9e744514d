// What the benches of `run.mjs` share: measured child processes, their peers, medians, results on the disk.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

/** What a child prints as its last line, parsed; `job` goes to its stdin as JSON. */
export async function runJob(command, args, { job, env = {} }) {
  const child = spawn(command, args, {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  });
  const output = outputOf(child, args);
  child.stdin.end(JSON.stringify(job));
  return JSON.parse((await output).trim().split('\n').at(-1));
}

/**
 * A whole process from start to exit: seconds on the clock, seconds of processor time (all threads), what it printed.
 * `times` of the POSIX shell tells the processor time of a child, which Node does not.
 */
export async function timeProcess(command, args) {
  const script = '"$@"; code=$?; times >&3; exit $code';
  const startedAt = performance.now();
  const child = spawn('sh', ['-c', script, 'sh', command, ...args], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
  });
  const times = text(child.stdio[3]);
  const output = await outputOf(child, args);
  const seconds = (performance.now() - startedAt) / 1000;
  const ofChildren = (await times).trim().split('\n').at(-1);
  const cpuSeconds = [...ofChildren.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
  return { seconds, cpuSeconds, output };
}

async function outputOf(child, args) {
  const exit = new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  const [output, code] = await Promise.all([text(child.stdout), exit]);
  if (code !== 0) throw new Error(`\`${args.join(' ')}\` ended with code ${code}`);
  return output;
}

/** Whether the peer can run; says what is missing where it cannot. */
export function hasTransformers(python) {
  const probe = spawnSync(python, ['-c', 'import torch, transformers'], { stdio: 'ignore' });
  if (probe.status === 0) return true;
  print(
    `no peer: \`${python}\` has no torch and transformers (pip install torch transformers==4.57.1)`,
  );
  return false;
}

export function describeMachine(threads) {
  return `${cpus()[0].model}, ${cpus().length} cores, ${threads} threads, load average ${loadavg()[0].toFixed(1)}, Node ${process.versions.node}`;
}

/** For the peer's `OMP_WAIT_POLICY`: threads that spin while they wait lose their time slices where other work runs. */
export function waiting() {
  return loadavg()[0] > cpus().length / 2 ? 'PASSIVE' : 'ACTIVE';
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Keeps every single measurement in `bench/results`. */
export function keepResults(name, results) {
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, `${name}.json`),
    `${JSON.stringify({ cpu: cpus()[0].model, ...results }, null, 2)}\n`,
  );
}

export function print(line) {
  process.stdout.write(`${line}\n`);
}
