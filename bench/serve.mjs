// Load on `sonde serve`: 20 connections on a store of 200 checkpoints × 30 tasks × 400 questions, and memory over time.
//
//   node bench/serve.mjs [--store DIR] [--seconds 20] [--connections 20] [--soak 0]
//
// --store: one made before by big-store.mjs (it takes minutes); --soak: so many seconds of mixed questions while files come
// into the store, with the memory of the service once a second. Exit 1 where the overview takes 100 ms or more at the 99th
// percentile, or memory grows.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { openStore } from '../dist/store/index.js';
import { longRun, writeBigStore } from './big-store.mjs';

const { values } = parseArgs({
  options: {
    store: { type: 'string' },
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '20' },
    soak: { type: 'string', default: '0' },
    shape: {
      type: 'string',
      default: `${longRun.checkpoints}x${longRun.tasks}x${longRun.items}`,
    },
  },
});
const aimMs = 100;
/** Of resident memory, from the first quarter of the soak to the last: what collection leaves behind varies. */
const growthAllowed = 1.25;

const scratch = await mkdtemp(join(tmpdir(), 'sonde-serve-'));
const failures = [];
try {
  const store = await storeFolder();
  const service = await startService(store);
  try {
    await measureRoutes(service);
    if (Number(values.soak) > 0) await soak(service, store);
  } finally {
    service.child.kill('SIGTERM');
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
for (const failure of failures) console.error(`failed: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;

async function storeFolder() {
  if (values.store !== undefined) return resolve(process.env.INIT_CWD ?? '.', values.store);
  const [checkpoints, tasks, items] = values.shape.split('x').map(Number);
  const folder = join(scratch, '.sonde');
  await writeBigStore(folder, { checkpoints, tasks, items });
  return folder;
}

async function startService(store) {
  const bin = new URL('../dist/cli/bin.js', import.meta.url).pathname;
  const child = spawn(process.execPath, [bin, '--store', store, 'serve', '--port', '0'], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  for await (const line of createInterface({ input: child.stderr })) {
    const url = /dashboard on (\S+)/.exec(line)?.[1];
    if (url === undefined) continue;
    child.stderr.resume();
    return { child, url: `${url}api/v1` };
  }
  throw new Error('the service did not start');
}

async function measureRoutes({ url, child }) {
  const routes = [
    '/overview',
    '/runs/olmo-long',
    '/items?suite=big&task=task-03&run=olmo-long',
    '/estimates?limit=1000',
    '/imports',
  ];
  console.log(
    `load average ${loadavg()[0].toFixed(1)}, memory ${megabytes(child)} MB at the start`,
  );
  for (const route of routes) {
    const startedAt = performance.now();
    const first = await fetch(url + route);
    const size = (await first.arrayBuffer()).byteLength;
    const firstMs = performance.now() - startedAt;
    if (!first.ok) throw new Error(`${route}: ${first.status}`);
    const result = await autocannon({
      url: url + route,
      connections: Number(values.connections),
      duration: Number(values.seconds),
      headers: { 'accept-encoding': 'gzip' },
    });
    const { latency, requests, non2xx, errors } = result;
    console.log(
      `${route}: first ${firstMs.toFixed(0)} ms, ${(size / 1024).toFixed(0)} kB; then p50 ${latency.p50} ms, p99 ${latency.p99} ms, ${requests.average.toFixed(0)}/s, ${non2xx + errors} failed, memory ${megabytes(child)} MB`,
    );
    if (non2xx + errors > 0) failures.push(`${route}: ${non2xx + errors} requests failed`);
    if (route === '/overview' && latency.p99 >= aimMs) {
      failures.push(
        `${route}: ${latency.p99} ms at the 99th percentile, below ${aimMs} were wanted`,
      );
    }
  }
}

/** Questions of many kinds at once, an event stream, and a new alert every second. */
async function soak({ url, child }, folder) {
  const seconds = Number(values.soak);
  const stream = new AbortController();
  const listening = fetch(`${url}/events`, { signal: stream.signal })
    .then((events) => countEvents(events.body))
    .catch(() => 0);
  const load = autocannon({
    url,
    connections: Number(values.connections),
    duration: seconds,
    overallRate: 200,
    requests: ['/overview', '/runs/olmo-long', '/alerts', '/tasks', '/checkpoints', '/health'].map(
      (path) => ({ path: `/api/v1${path}`, headers: { 'accept-encoding': 'gzip' } }),
    ),
  });
  const memory = [];
  const store = await openStore(folder);
  try {
    for (let second = 0; second < seconds; second += 1) {
      await store.alerts.write(alertAt(second % 50));
      memory.push(megabytes(child));
      await setTimeout(1000);
    }
  } finally {
    await store[Symbol.asyncDispose]();
  }
  const { non2xx, errors, latency } = await load;
  stream.abort();
  await listening;
  const quarter = Math.max(1, Math.floor(memory.length / 4));
  const [early, late] = [memory.slice(0, quarter), memory.slice(-quarter)].map(median);
  console.log(
    `soak ${seconds} s: memory ${early} MB in the first quarter, ${late} MB in the last, most ${Math.max(...memory)} MB; p99 ${latency.p99} ms, ${non2xx + errors} failed`,
  );
  if (late > growthAllowed * early) failures.push(`memory grew from ${early} to ${late} MB`);
  if (non2xx + errors > 0) failures.push(`${non2xx + errors} requests of the soak failed`);
}

async function countEvents(body) {
  let bytes = 0;
  for await (const chunk of body) bytes += chunk.length;
  return bytes;
}

function alertAt(number) {
  const now = new Date().toISOString();
  return {
    ...{ schemaVersion: 1, id: `drop-${number}`, kind: 'drop', run: 'olmo-long', suite: 'big' },
    ...{
      probe: null,
      checkpoint: null,
      task: 'task-03',
      message: 'drawn for a load test',
      value: 0.1,
    },
    ...{ reference: 0.2, threshold: 0.05, openedAt: now, lastSeenAt: now, closedAt: null },
    notified: [],
  };
}

/** Resident memory of the service. */
function megabytes({ pid }) {
  const pages = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(pages?.[1] ?? 0) / 1024);
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
