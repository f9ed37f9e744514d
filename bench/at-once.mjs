// Passes over checkpoints of growing shapes: one after the other on all threads in one process, beside `sonde extract` in
// as many processes as there are threads, each with one of them. Where the ratio falls to 1 a checkpoint fills the machine:
// `src/jobs/passes-ahead.ts` holds that size.
//
//   node bench/at-once.mjs [--checkpoints 4] [--rounds 3] [--threads 2] [--tasks add,count,max]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import PQueue from 'p-queue';
import { passInProcess } from '../dist/cli/pass-process.js';
import { extract, jobContext, openStore } from '../dist/index.js';
import { writeLargeOlmo3 } from './large-shape.mjs';
import { describeMachine, median, print } from './measure.mjs';
import { bundledSeries } from './series.mjs';

const { values } = parseArgs({
  options: {
    checkpoints: { type: 'string', default: '4' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    tasks: { type: 'string', default: 'add,count,max' },
  },
});
const [count, rounds, threads] = [values.checkpoints, values.rounds, values.threads].map(Number);
const questions = {
  suite: join(bundledSeries, 'suite'),
  tasks: values.tasks.split(','),
  render: 'auto',
};
const shapes = [
  { layers: 4, hidden: 128, inner: 512, heads: 4 },
  { layers: 6, hidden: 256, inner: 1024, heads: 4 },
  { layers: 8, hidden: 384, inner: 1536, heads: 6 },
  { layers: 8, hidden: 512, inner: 2048, heads: 8 },
  { layers: 12, hidden: 640, inner: 2560, heads: 10 },
].map((shape) => ({ ...shape, vocabulary: 512 }));

print(
  `${count} checkpoints, tasks ${values.tasks}, ${describeMachine(threads)}, ${rounds} rounds, medians`,
);
print('parameters   one after the other   at once   ratio');
const scratch = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
try {
  for (const [i, shape] of shapes.entries()) {
    const checkpoint = writeLargeOlmo3(join(scratch, `${i}`, 'step1'), shape);
    const measured = [];
    for (let round = 0; round < rounds; round += 1) {
      // Weights of holes are all alike: a store for each, or the second pass would find the first one's states.
      const stores = (kind) =>
        Array.from({ length: count }, (_, n) => join(scratch, `${i}-${kind}-${round}-${n}`));
      measured.push([
        await timed(() => inTurn(checkpoint, stores('turn'))),
        await timed(() => atOnce(checkpoint, stores('once'))),
      ]);
    }
    const [turn, together] = [0, 1].map((way) => median(measured.map((times) => times[way])));
    const ratio = median(measured.map(([one, other]) => one / other));
    const millions = `${(parametersOf(shape) / 1e6).toFixed(1)} M`.padStart(10);
    const times = [`${turn.toFixed(1)} s`.padStart(21), `${together.toFixed(1)} s`.padStart(9)];
    print(`${millions}${times.join(' ')}   ${ratio.toFixed(2)}`);
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function inTurn(checkpoint, stores) {
  const context = jobContext({ limits: { threads } });
  for (const dir of stores) {
    const options = { pools: ['last'], layers: 'all', dtype: 'f32', out: null };
    const store = await openStore(dir);
    await extract(store, { ...questions, checkpoint }, options, context);
    await store[Symbol.asyncDispose]();
  }
}

async function atOnce(checkpoint, stores) {
  const queue = new PQueue({ concurrency: threads });
  const pass = { ...questions, dir: checkpoint, precision: 'f32', threads: 1 };
  const { signal } = new AbortController();
  await queue.addAll(
    stores.map((storeDir) => () => passInProcess(pass, { storeDir, cwd: process.cwd(), signal })),
  );
}

async function timed(work) {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1000;
}

function parametersOf({ layers, hidden, inner, vocabulary }) {
  return layers * (4 * hidden * hidden + 3 * hidden * inner) + 2 * vocabulary * hidden;
}
