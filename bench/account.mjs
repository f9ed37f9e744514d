// Where the time of a pass goes: what the runtime's own profile says of each operator, and what is outside of it.
//
//   node bench/account.mjs [--threads 2] [--shape smollm2|qwen3|olmo3] [--precision f32,int8] [--work extract,generate]
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import ort from 'onnxruntime-node';
import { openCheckpoint, openLocalEngine } from '../dist/index.js';
import { fullPrompts, writers } from './full-batches.mjs';
import { describeMachine, print } from './measure.mjs';
import { vocabulary } from './smollm2-shape.mjs';

const { values } = parseArgs({
  options: {
    threads: { type: 'string', default: '2' },
    shape: { type: 'string', default: 'smollm2' },
    precision: { type: 'string', default: 'f32,int8' },
    work: { type: 'string', default: 'extract,generate' },
  },
});
const threads = Number(values.threads);
const kinds = new Map([
  ['matrix products', ['FusedMatMul', 'MatMulIntegerToFloat', 'MatMul', 'Gemm']],
  ['attention', ['GroupQueryAttention', 'Attention', 'RotaryEmbedding', 'Softmax']],
  ['norms', ['RMSNormalization', 'SimplifiedLayerNormalization', 'LayerNormalization']],
  ['activations, gates, residuals', ['QuickGelu', 'Gelu', 'Add', 'Mul']],
  ['rounding to int8', ['QuantizeLinear', 'Abs', 'ReduceMax', 'ReduceMin', 'Max', 'Div', 'Neg']],
]);

const folder = mkdtempSync(join(tmpdir(), 'sonde-account-'));
const sessions = profileSessions(join(folder, 'profile'));
try {
  const dir = await writers[values.shape](join(folder, 'run', 'shape'));
  print(`account, ${values.shape}, ${describeMachine(threads)}`);
  for (const precision of values.precision.split(',')) {
    if (values.work.includes('extract')) await account(dir, { precision, work: extraction });
  }
  if (values.work.includes('generate')) {
    await account(dir, { precision: 'f32', work: (engine) => generation(engine, 1, 100) });
    await account(dir, { precision: 'f32', work: (engine) => generation(engine, 8, 1) });
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function account(dir, { precision, work }) {
  const engine = await openLocalEngine(await openCheckpoint(dir), {
    ...{ threads, precision, prefixSharing: 'never' },
    tokenizer: {
      decode: (ids) => Array.from(ids).join(' '),
      vocabularySize: vocabulary,
      eosTokenIds: [],
    },
  });
  await work(engine).run();
  const startedAt = performance.now();
  const { title, run } = work(engine);
  await run();
  const wall = performance.now() - startedAt;
  const events = sessions.flatMap((session) => secondHalf(profileOf(session)));
  sessions.length = 0;
  await engine[Symbol.asyncDispose]();
  report({ title: `${title}, ${precision}`, wall, events });
}

/** The same work was done twice: the second time counts. */
function secondHalf(events) {
  const runs = events.filter(({ name }) => name === 'model_run');
  const middle = runs[runs.length / 2].ts;
  return events.filter(({ ts }) => ts >= middle);
}

function extraction(engine) {
  const [count, length] = [24, 128];
  const prompts = fullPrompts(count, length);
  return {
    title: `extraction of ${count} prompts of ${length} tokens`,
    run: async () => {
      for await (const _ of engine.extract(prompts, { pool: ['last', 'mean'] })) {
        // the states are fetched
      }
    },
  };
}

function generation(engine, questions, samples) {
  const prompts = fullPrompts(questions, 100).map((prompt) => ({
    ...prompt,
    ...{ maxTokens: 16, stop: [] },
  }));
  return {
    title: `generation, ${questions} × ${samples} × 16 tokens`,
    run: async () => {
      for await (const _ of engine.sample(prompts, {
        ...{ samples, temperature: 1, topP: 1, seed: 0 },
      })) {
        // answers are drawn
      }
    },
  };
}

/** Sessions that are made from now on write a profile; they are listed as they come. */
function profileSessions(profileFilePrefix) {
  const made = [];
  const create = ort.InferenceSession.create.bind(ort.InferenceSession);
  ort.InferenceSession.create = async (model, options) => {
    const session = await create(model, { ...options, enableProfiling: true, profileFilePrefix });
    const release = session.release.bind(session);
    session.release = async () => {
      const at = made.indexOf(session);
      if (at !== -1) profileOf(made.splice(at, 1)[0]);
      await release();
    };
    made.push(session);
    return session;
  };
  return made;
}

/** Ends a session's profile, reads it and removes it. */
function profileOf(session) {
  session.endProfiling();
  const [name] = readdirSync(folder).filter((each) => each.startsWith('profile'));
  const events = JSON.parse(readFileSync(join(folder, name), 'utf8'));
  rmSync(join(folder, name));
  return events;
}

function report({ title, wall, events }) {
  const nodes = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith('kernel_time'));
  const sum = (chosen) => chosen.reduce((total, { dur }) => total + dur / 1000, 0);
  const runs = sum(events.filter(({ name }) => name === 'model_run'));
  const rows = [...kinds].map(([kind, ops]) => [
    kind,
    sum(nodes.filter(({ args }) => ops.includes(args.op_name))),
  ]);
  const known = rows.reduce((total, [, ms]) => total + ms, 0);
  rows.push(['other operators', sum(nodes) - known]);
  rows.push(['the runtime between operators', runs - sum(nodes)]);
  rows.push(['outside the runtime', wall - runs]);
  print(`\n${title}: ${wall.toFixed(0)} ms`);
  for (const [kind, ms] of rows) {
    print(
      `  ${kind.padEnd(32)} ${ms.toFixed(0).padStart(7)} ms ${((100 * ms) / wall).toFixed(1).padStart(6)} %`,
    );
  }
}
