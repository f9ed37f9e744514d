// One measured pass of Sonde's `extract` over prompts given as token ids; stdin and stdout as in peers/transformers_extract.py.
import { text } from 'node:stream/consumers';
import { openCheckpoint, openLocalEngine } from '../dist/index.js';

const job = JSON.parse(await text(process.stdin));
const prompts = job.prompts.map((ids, index) => ({ id: `${index}`, ids: Int32Array.from(ids) }));
const loadedAt = performance.now();
const checkpoint = await openCheckpoint(job.checkpoint);
const engine = await openLocalEngine(checkpoint, {
  threads: job.threads,
  precision: job.precision ?? 'f32',
});
const request = { pool: ['last', 'mean'] };
for await (const _ of engine.extract(prompts.slice(0, 2), request)) {
  // warm-up: the session is made and its weights are laid out
}
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
for await (const _ of engine.extract(prompts, request)) {
  // the pooled states are fetched; keeping them is not what is measured
}
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(
  JSON.stringify({
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
    tokens: prompts.reduce((sum, prompt) => sum + prompt.ids.length, 0),
    loadSeconds: (startedAt - loadedAt) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    versions: { node: process.version },
  }),
);
await engine[Symbol.asyncDispose]();
