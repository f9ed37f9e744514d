// `npm run bench`: tokens per second and peak memory of `extract` on the shape of SmolLM2-135M, beside Hugging Face
// transformers on the same prompts, in turn in one run. Without Python and transformers only our side is measured.
//
//   npm run bench -- [--checkpoint DIR] [--python python3] [--threads 2] [--prompts 96] [--rounds 3]
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { writeRandomSmolLm2 } from './smollm2-shape.mjs';

const { values: options } = parseArgs({
  options: {
    checkpoint: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    threads: { type: 'string', default: `${Math.max(1, cpus().length)}` },
    prompts: { type: 'string', default: '96' },
    rounds: { type: 'string', default: '3' },
  },
});

const scratch = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
try {
  const checkpoint =
    options.checkpoint ?? (await writeRandomSmolLm2(join(scratch, 'smollm2', 'random')));
  await compare(resolve(process.env.INIT_CWD ?? '.', checkpoint));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function compare(checkpoint) {
  const job = {
    checkpoint,
    threads: Number(options.threads),
    prompts: makePrompts(Number(options.prompts)),
  };
  const contenders = [
    { name: 'sonde fp32', run: () => measure(process.execPath, ['extract-sonde.mjs'], job) },
  ];
  if (hasTransformers()) {
    for (const dtype of ['float32', 'bfloat16']) {
      const peer = { ...job, dtype, batch: 8 };
      contenders.push({
        name: `transformers ${dtype}`,
        run: () => measure(options.python, ['peers/transformers_extract.py'], peer),
      });
    }
  } else {
    print(
      `no peer: \`${options.python}\` has no torch and transformers (pip install torch transformers==4.57.1)`,
    );
  }
  const rounds = [];
  for (let round = 0; round < Number(options.rounds); round += 1) {
    const results = {};
    for (const { name, run } of contenders) results[name] = await run();
    rounds.push(results);
  }
  report(
    contenders.map(({ name }) => name),
    rounds,
  );
}

/** Token ids of 32 to 300 tokens a prompt, the same in every run: a linear congruential generator. */
function makePrompts(count) {
  let state = 12345;
  const draw = (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  return Array.from({ length: count }, () =>
    Array.from({ length: 32 + draw(269) }, () => 10 + draw(40_000)),
  );
}

function hasTransformers() {
  return (
    spawnSync(options.python, ['-c', 'import torch, transformers'], { stdio: 'ignore' }).status ===
    0
  );
}

async function measure(command, args, job) {
  const child = spawn(command, args, {
    cwd: import.meta.dirname,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(job));
  const output = await text(child.stdout);
  return JSON.parse(output.trim().split('\n').at(-1));
}

function report(names, rounds) {
  print(`${cpus()[0].model}, ${options.threads} threads, ${rounds.length} rounds, medians`);
  print('                        tokens/s   peak MB   load s   speed of sonde / this');
  for (const name of names) {
    const speed = (round, who) => round[who].tokens / round[who].seconds;
    const ratio = median(rounds.map((round) => speed(round, names[0]) / speed(round, name)));
    const row = [
      median(rounds.map((round) => speed(round, name)))
        .toFixed(0)
        .padStart(8),
      (median(rounds.map((round) => round[name].peakBytes)) / 1e6).toFixed(0).padStart(9),
      median(rounds.map((round) => round[name].loadSeconds))
        .toFixed(1)
        .padStart(8),
      ratio.toFixed(2).padStart(12),
    ];
    print(`${name.padEnd(23)} ${row.join(' ')}`);
  }
  const folder = join(import.meta.dirname, 'results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'extract.json'),
    `${JSON.stringify({ cpu: cpus()[0].model, rounds }, null, 2)}\n`,
  );
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
