// One measured pass of Sonde's sampler over prompts given as token ids; stdin and stdout as in peers/transformers_sample.py.
import { text } from 'node:stream/consumers';
import { openCheckpoint, openLocalEngine } from '../dist/index.js';

const job = JSON.parse(await text(process.stdin));
const prompts = job.prompts.map((ids, index) => ({
  ...{ id: `${index}`, ids: Int32Array.from(ids) },
  ...{ maxTokens: job.tokens, stop: [] },
}));
const loadedAt = performance.now();
const checkpoint = await openCheckpoint(job.checkpoint);
const engine = await openLocalEngine(checkpoint, {
  threads: job.threads,
  // Answers have all their tokens, whatever they say, as the peer's have.
  tokenizer: {
    decode: (ids) => Array.from(ids).join(' '),
    vocabularySize: job.vocabulary,
    eosTokenIds: [],
  },
});
const options = { samples: job.samples, temperature: job.temperature, topP: job.topP, seed: 0 };
const warmUp = prompts.slice(0, 1).map((prompt) => ({ ...prompt, maxTokens: 2 }));
for await (const _ of engine.sample(warmUp, { ...options, samples: 1 })) {
  // sessions are made and weights are laid out
}
const startedAt = performance.now();
const cpuBefore = process.cpuUsage();
let tokens = 0;
for await (const answers of engine.sample(prompts, options)) {
  tokens += answers.tokens.reduce((sum, count) => sum + count, 0);
}
const { user, system } = process.cpuUsage(cpuBefore);
process.stdout.write(
  JSON.stringify({
    seconds: (performance.now() - startedAt) / 1000,
    cpuSeconds: (user + system) / 1e6,
    tokens,
    loadSeconds: (startedAt - loadedAt) / 1000,
    peakBytes: process.resourceUsage().maxRSS * 1024,
    versions: { node: process.version },
  }),
);
await engine[Symbol.asyncDispose]();
