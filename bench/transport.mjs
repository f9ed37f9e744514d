// Transport of hidden states: `last` and `mean` of prompts × layers × hidden read, checked and stored, from a server process that
// answers at once with what it has in memory (vLLM-Lens, binary; vLLM, files in memory). With one token a prompt, what goes over
// is as much as what is pooled; with more, all tokens go over.
//
//   node bench/transport.mjs [--kinds vllm-lens,vllm] [--prompts 1000] [--layers 33] [--hidden 4096] [--tokens 1]
//                            [--dtype F32] [--concurrency 8] [--limit 30]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { openCheckpoint } from '../dist/checkpoint/index.js';
import { openStateServer } from '../dist/engine/index.js';
import { openActivationDraft, openActivationFile } from '../dist/store/index.js';
import { describeMachine, keepResults, print } from './measure.mjs';
import { writeIdleCheckpoint } from './transport-model.mjs';

const { values } = parseArgs({
  options: {
    kinds: { type: 'string', default: 'vllm-lens,vllm' },
    prompts: { type: 'string', default: '1000' },
    layers: { type: 'string', default: '33' },
    hidden: { type: 'string', default: '4096' },
    tokens: { type: 'string', default: '1' },
    dtype: { type: 'string', default: 'F32' },
    concurrency: { type: 'string', default: '8' },
    limit: { type: 'string', default: '30' },
  },
});
const { dtype } = values;
const [count, hidden, tokens] = [values.prompts, values.hidden, values.tokens].map(Number);
const blocks = Number(values.layers) - 1;
const folder = mkdtempSync(join(tmpdir(), 'sonde-transport-'));
const shared = mkdtempSync(
  join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'sonde-transport-'),
);
const prompts = Array.from({ length: count }, (_, i) => ({
  id: `${i}`,
  ids: Int32Array.from({ length: tokens }, (_, at) => 1 + ((i + at) % 8)),
}));

try {
  const table = await writeIdleCheckpoint(join(folder, 'model'), { blocks, hidden });
  writeFileSync(join(folder, 'table'), new Uint8Array(table.buffer));
  const checkpoint = await openCheckpoint(join(folder, 'model'));
  print(`${count} prompts of ${tokens} tokens × ${blocks + 1} layers × ${hidden}, ${dtype}`);
  print(describeMachine(1));
  const results = [];
  for (const kind of values.kinds.split(',')) results.push(await measure(kind, checkpoint, table));
  keepResults('transport', { ...values, results });
  const limit = Number(values.limit);
  if (results.some(({ seconds }) => seconds > limit)) {
    print(`more than ${limit} s`);
    process.exitCode = 1;
  }
} finally {
  for (const each of [folder, shared]) rmSync(each, { recursive: true });
}

async function measure(kind, checkpoint, table) {
  const files = join(shared, kind);
  mkdirSync(files);
  const about = { kind, dtype, blocks, hidden, table: join(folder, 'table'), folder: files };
  const server = fork(join(import.meta.dirname, 'transport-server.mjs'), [JSON.stringify(about)]);
  try {
    const [port] = await once(server, 'message');
    const engine = await openStateServer(checkpoint, {
      ...{ kind, baseUrl: `http://127.0.0.1:${port}/v1`, apiKey: null, model: null },
      ...{ concurrency: Number(values.concurrency), timeoutMs: 60_000, folder: files },
    });
    const path = join(folder, `${kind}.safetensors`);
    const [startedAt, cpuBefore] = [performance.now(), process.cpuUsage()];
    await store(engine, path);
    const seconds = (performance.now() - startedAt) / 1000;
    const { user, system } = process.cpuUsage(cpuBefore);
    const cpuSeconds = (user + system) / 1e6;
    await engine[Symbol.asyncDispose]();
    await check(path, table);
    const sent = count * tokens * blocks * hidden * (dtype === 'F32' ? 4 : 2);
    const result = { kind, seconds, cpuSeconds, bytesSent: sent, bytesStored: statSync(path).size };
    print(
      `${kind}: ${seconds.toFixed(1)} s (${cpuSeconds.toFixed(1)} s of processor time), ${(sent / 1e6).toFixed(0)} MB sent, ${(result.bytesStored / 1e6).toFixed(0)} MB stored, peak memory ${(process.resourceUsage().maxRSS / 1e3).toFixed(0)} MB`,
    );
    return result;
  } finally {
    server.disconnect();
    await once(server, 'exit');
  }
}

async function store(engine, path) {
  const pools = ['last', 'mean'];
  const items = prompts.map(({ id }) => id);
  const layout = { items, layers: engine.offered, hidden, pools, dtype: 'F32', metadata: {} };
  const draft = await openActivationDraft(path, layout, 'bench');
  for await (const { batch, rows, last, mean } of engine.extract(prompts, { pool: pools })) {
    draft.write(batch, rows, { last, mean });
  }
  draft.finish();
}

/** The file holds the embedding of each prompt's last token at every layer but the last. */
async function check(path, table) {
  const file = await openActivationFile(path);
  for (const layer of [0, 1, blocks - 1]) {
    const states = await file.states('last', layer);
    prompts.forEach(({ ids }, row) => {
      for (let i = 0; i < hidden; i += 97) {
        const expected = table[ids.at(-1) * hidden + i];
        if (Math.abs(states[row * hidden + i] - expected) > 0.005) {
          throw new Error(`prompt ${row}, layer ${layer}, value ${i}: ${states[row * hidden + i]}`);
        }
      }
    });
  }
}
