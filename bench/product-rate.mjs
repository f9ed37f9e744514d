// How much of the rate of bare products a pass reaches: floating-point operations of its linear layers a second, beside
// `FusedMatMul` (int8: `MatMulIntegerToFloat`) of the runtime alone, on the model's own shapes and batch, in turns.
//
//   node bench/product-rate.mjs [--rounds 5] [--threads 2] [--shape smollm2|qwen3|olmo3]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createSession, float32, GraphBuilder } from '../dist/graph/index.js';
import { openCheckpoint, openLocalEngine } from '../dist/index.js';
import { fullPrompts, writers } from './full-batches.mjs';
import { describeMachine, median, print } from './measure.mjs';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    threads: { type: 'string', default: '2' },
    shape: { type: 'string', default: 'smollm2' },
  },
});
const threads = Number(values.threads);
const [count, length] = [24, 128];
const prompts = fullPrompts(count, length);
const folder = mkdtempSync(join(tmpdir(), 'sonde-rate-'));
try {
  const checkpoint = await openCheckpoint(
    await writers[values.shape](join(folder, 'run', 'shape')),
  );
  print(`product rate, ${values.shape}, ${describeMachine(threads)}`);
  for (const precision of ['f32', 'int8']) {
    const engine = await openLocalEngine(checkpoint, {
      ...{ threads, precision, prefixSharing: 'never' },
    });
    const linears = engine.spec.layers.flatMap(linearsOf);
    const bare = await openProducts(linears, { rows: engine.tokenBudget, precision });
    const operations = linears.reduce((sum, { inputs, outputs }) => sum + 2 * inputs * outputs, 0);
    const rates = { pass: [], bare: [], passByCpu: [], bareByCpu: [] };
    for (let round = 0; round <= Number(values.rounds); round += 1) {
      const own = await timed(async () => {
        for await (const _ of engine.extract(prompts, { pool: ['last', 'mean'] })) {
          // the states are fetched
        }
      });
      const best = await bare();
      if (round === 0) continue;
      rates.pass.push((count * length * operations) / own.seconds);
      rates.bare.push((engine.tokenBudget * operations) / best.seconds);
      rates.passByCpu.push((count * length * operations) / own.cpuSeconds);
      rates.bareByCpu.push((engine.tokenBudget * operations) / best.cpuSeconds);
    }
    const shareOf = (of, whole) =>
      (100 * median(rates[of].map((rate, i) => rate / rates[whole][i]))).toFixed(0);
    print(
      `${precision.padEnd(5)} pass ${(median(rates.pass) / 1e9).toFixed(0)} GFLOPS of its products, bare products ${(median(rates.bare) / 1e9).toFixed(0)}: ${shareOf('pass', 'bare')} % (${shareOf('passByCpu', 'bareByCpu')} % by processor time)`,
    );
    await engine[Symbol.asyncDispose]();
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

function linearsOf({ attention, mlp }) {
  const stored = (group) => ('fused' in group ? [group.fused] : group.apart);
  return [...stored(attention.projections), attention.output, ...stored(mlp.inner), mlp.down];
}

async function timed(work) {
  const startedAt = performance.now();
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return { seconds: (performance.now() - startedAt) / 1000, cpuSeconds: (user + system) / 1e6 };
}

/** Runs one product of every shape, the best of five; seconds of all layers' products of `rows` rows. */
async function openProducts(linears, { rows, precision }) {
  const shapes = new Map();
  for (const { inputs, outputs } of linears) {
    const key = `${inputs} ${outputs}`;
    shapes.set(key, { inputs, outputs, times: (shapes.get(key)?.times ?? 0) + 1 });
  }
  const products = [];
  for (const shape of shapes.values()) {
    products.push({ ...shape, ...(await openProduct(shape, { rows, precision })) });
  }
  return async () => {
    const sum = { seconds: 0, cpuSeconds: 0 };
    for (const { session, feeds, times } of products) {
      const runs = [];
      for (let i = 0; i < 5; i += 1) runs.push(await timed(() => session.run(feeds, ['y'])));
      for (const field of ['seconds', 'cpuSeconds']) {
        sum[field] += times * Math.min(...runs.map((run) => run[field]));
      }
    }
    return sum;
  };
}

async function openProduct({ inputs, outputs }, { rows, precision }) {
  const graph = new GraphBuilder('product');
  const given = new Map();
  let [product, x] = [];
  if (precision === 'int8') {
    x = { dtype: 'uint8', shape: [rows, inputs], data: new Uint8Array(rows * inputs).fill(130) };
    given.set('w', new Int8Array(inputs * outputs).fill(3));
    const operands = [
      graph.input('x', 'uint8', x.shape),
      graph.given('w', 'int8', [inputs, outputs]),
    ];
    const scales = [graph.number(1), graph.number(1), graph.byte(128)];
    product = graph.op('MatMulIntegerToFloat', [...operands, ...scales]);
  } else {
    x = float32(new Float32Array(rows * inputs).fill(0.5), [rows, inputs]);
    const weights = float32(new Float32Array(inputs * outputs).fill(0.01), [outputs, inputs]);
    product = graph.linear(graph.input('x', 'float32', x.shape), graph.constant(weights));
  }
  // Fetched as a whole it would be copied.
  const first = graph.op('Slice', [product, graph.ints(0), graph.ints(1), graph.ints(1)]);
  graph.output('y', first, [rows, 1]);
  return { session: await createSession(graph.build(), { threads, given }), feeds: { x } };
}
