// Tokens per second and peak memory of `extract` in fp32 and int8, beside Hugging Face transformers in fp32 and bf16 on the
// same prompts, in turn in one run (`run.mjs`): prompts of mixed lengths, and prompts behind a shared prefix.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawBehindPrefix, drawTokenIds } from './drawn-prompts.mjs';
import {
  describeMachine,
  hasTransformers,
  keepResults,
  median,
  print,
  runJob,
  waiting,
} from './measure.mjs';
import { OLMO3_7B, writeLargeOlmo3, writeQwen3Small } from './large-shape.mjs';
import { writeRandomSmolLm2 } from './smollm2-shape.mjs';

/** Shapes of models; of the large one four layers, which fit into memory in float32 beside the peer's. */
const shapes = {
  smollm2: { name: 'SmolLM2-135M', write: writeRandomSmolLm2 },
  qwen3: { name: 'Qwen3-0.6B', write: writeQwen3Small },
  olmo3: {
    name: 'OLMo-3-7B, 4 of 32 layers',
    write: (folder) => writeLargeOlmo3(folder, { ...OLMO3_7B, layers: 4 }),
  },
};

export async function benchExtract(options) {
  const scratch = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
  try {
    if (!Object.hasOwn(shapes, options.shape)) {
      throw new Error(
        `--shape: expected ${Object.keys(shapes).join(', ')}, got \`${options.shape}\``,
      );
    }
    const { name, write } = shapes[options.shape];
    const checkpoint = options.checkpoint ?? (await write(join(scratch, options.shape, 'random')));
    const about = options.checkpoint ?? name;
    print(
      `extract, ${about}, ${describeMachine(options.threads)}, ${options.rounds} rounds, medians`,
    );
    const results = [];
    for (const each of cases(options.prompts)) {
      results.push({ name: each.name, rounds: await compare(each, { ...options, checkpoint }) });
    }
    keepResults('extract', { results });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Tokens of the shared prefix; what follows it has about 60. */
const prefixTokens = 600;

/** The peer shares nothing, so a part of the prompts behind a prefix gives its speed. */
function cases(count) {
  const mixed = drawTokenIds(count);
  const behind = drawBehindPrefix(count, prefixTokens);
  return [
    { name: `${count} prompts of 32 to 300 tokens`, prompts: mixed, ofPeer: mixed },
    {
      name: `${count} prompts of about 60 tokens behind ${prefixTokens} shared ones`,
      prompts: behind,
      ofPeer: behind.slice(0, 16),
    },
  ];
}

async function compare({ name, prompts, ofPeer }, options) {
  const { checkpoint, python, threads, rounds: count } = options;
  const job = { checkpoint, threads, prompts };
  const contenders = ['f32', 'int8'].map((precision) => ({
    name: `sonde ${precision}`,
    run: () => runJob(process.execPath, ['extract-sonde.mjs'], { job: { ...job, precision } }),
  }));
  if (hasTransformers(python)) {
    const ways = options.compile ? [false, true] : [false];
    for (const dtype of ['float32', 'bfloat16']) {
      for (const compile of ways) {
        const peer = { ...job, prompts: ofPeer, dtype, batch: 8, compile };
        const env = { OMP_WAIT_POLICY: waiting() };
        contenders.push({
          name: `transformers ${dtype}${compile ? ' compiled' : ''}`,
          run: () => runJob(python, ['peers/transformers_extract.py'], { job: peer, env }),
        });
      }
    }
  }
  const rounds = [];
  for (let round = 0; round < count; round += 1) {
    const results = {};
    for (const { name: who, run } of contenders) results[who] = await run();
    rounds.push(results);
  }
  print(`\n${name}`);
  report(
    contenders.map(({ name: who }) => who),
    rounds,
  );
  return rounds;
}

function report(names, rounds) {
  const [f32, int8] = names;
  print(
    '                               tokens/s   peak MB (f32 / this)   load s   f32 / this (by CPU)   int8 / this (by CPU)',
  );
  for (const name of names) {
    const speed = (round, who) => round[who].tokens / round[who].seconds;
    const work = (round, who) => round[who].tokens / round[who].cpuSeconds;
    const middle = (of) => median(rounds.map(of));
    const ratio = (who) => {
      const of = (rate) => middle((round) => rate(round, who) / rate(round, name)).toFixed(2);
      return `${of(speed)} (${of(work)})`;
    };
    const memory = middle((round) => round[f32].peakBytes / round[name].peakBytes).toFixed(2);
    const row = [
      middle((round) => speed(round, name))
        .toFixed(0)
        .padStart(8),
      `${(middle((round) => round[name].peakBytes) / 1e6).toFixed(0)} (${memory})`.padStart(21),
      middle((round) => round[name].loadSeconds)
        .toFixed(1)
        .padStart(8),
      ratio(f32).padStart(20),
      ratio(int8).padStart(22),
    ];
    print(`${name.padEnd(30)} ${row.join(' ')}`);
  }
}
