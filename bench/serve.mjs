// How fast `sonde serve` answers 20 connections on a store of 200 checkpoints × 30 tasks × 400 questions.
//
//   node bench/serve.mjs [--store DIR] [--seconds 20] [--connections 20]
//
// --store: one made before by big-store.mjs (it takes minutes). Exit 1 where the overview takes 100 ms or more at the 99th
// percentile, or a request fails.
import { readFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import autocannon from 'autocannon';
import { storeOptions, withServedStore } from './served-store.mjs';

const { values } = parseArgs({
  options: {
    ...storeOptions,
    seconds: { type: 'string', default: '20' },
    connections: { type: 'string', default: '20' },
  },
});
const aimMs = 100;

const failures = [];
await withServedStore(values, measureRoutes);
for (const failure of failures) console.error(`failed: ${failure}`);
process.exitCode = failures.length === 0 ? 0 : 1;

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

/** Resident memory of the service. */
function megabytes({ pid }) {
  const pages = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Math.round(Number(pages?.[1] ?? 0) / 1024);
}
