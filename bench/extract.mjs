// Tokens per second and peak memory of `extract` on the shape of SmolLM2-135M, beside Hugging Face transformers on the
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
import { writeRandomSmolLm2 } from './smollm2-shape.mjs';

export async function benchExtract(options) {
  const scratch = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
  try {
    const checkpoint =
      options.checkpoint ?? (await writeRandomSmolLm2(join(scratch, 'smollm2', 'random')));
    print(`extract, ${describeMachine(options.threads)}, ${options.rounds} rounds, medians`);
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

async function compare({ name, prompts, ofPeer }, { checkpoint, python, threads, rounds: count }) {
  const job = { checkpoint, threads, prompts };
  const contenders = [
    { name: 'sonde fp32', run: () => runJob(process.execPath, ['extract-sonde.mjs'], { job }) },
  ];
  if (hasTransformers(python)) {
    for (const dtype of ['float32', 'bfloat16']) {
      const peer = { ...job, prompts: ofPeer, dtype, batch: 8 };
      const env = { OMP_WAIT_POLICY: waiting() };
      contenders.push({
        name: `transformers ${dtype}`,
        run: () => runJob(python, ['peers/transformers_extract.py'], { job: peer, env }),
      });
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
  print('                        tokens/s   peak MB   load s   speed of sonde / this (by CPU)');
  for (const name of names) {
    const speed = (round, who) => round[who].tokens / round[who].seconds;
    const work = (round, who) => round[who].tokens / round[who].cpuSeconds;
    const ratio = (of) => median(rounds.map((round) => of(round, names[0]) / of(round, name)));
    const row = [
      median(rounds.map((round) => speed(round, name)))
        .toFixed(0)
        .padStart(8),
      (median(rounds.map((round) => round[name].peakBytes)) / 1e6).toFixed(0).padStart(9),
      median(rounds.map((round) => round[name].loadSeconds))
        .toFixed(1)
        .padStart(8),
      `${ratio(speed).toFixed(2)} (${ratio(work).toFixed(2)})`.padStart(20),
    ];
    print(`${name.padEnd(23)} ${row.join(' ')}`);
  }
}
