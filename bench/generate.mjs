// Tokens per second of sampling on the shape of SmolLM2-135M, beside transformers' `generate` on the same prompts, in turn in
// one run (`run.mjs`). Random weights give nearly uniform draws: no two samples say the same, which is the worst case here.
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
import { vocabulary, writeRandomSmolLm2 } from './smollm2-shape.mjs';

/** `batch` is of the peer: prompts a call; `prefix` tokens that all prompts begin with. */
const cases = [
  { name: '1 question × 100 samples × 32 tokens', prompts: 1, samples: 100, tokens: 32, batch: 1 },
  { name: '8 questions × 1 sample × 64 tokens', prompts: 8, samples: 1, tokens: 64, batch: 8 },
  {
    name: '16 questions of about 60 tokens behind 600 shared ones × 1 sample × 16 tokens',
    ...{ prompts: 16, prefix: 600, samples: 1, tokens: 16, batch: 8 },
  },
];

export async function benchGenerate(options) {
  const scratch = mkdtempSync(join(tmpdir(), 'sonde-generate-'));
  try {
    const checkpoint =
      options.checkpoint ?? (await writeRandomSmolLm2(join(scratch, 'smollm2', 'random')));
    print(`generation, ${describeMachine(options.threads)}`);
    const peer = hasTransformers(options.python);
    const results = [];
    for (const each of cases) {
      results.push({ ...each, rounds: await compare(each, { ...options, checkpoint, peer }) });
    }
    keepResults('generate', { results });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function compare(each, { checkpoint, threads, python, rounds: count, peer }) {
  const { name, samples, tokens, batch } = each;
  const prompts = promptsOf(each);
  const sampling = { samples, tokens, temperature: 1, topP: 1 };
  const job = { checkpoint, threads, vocabulary, dtype: 'float32', batch, prompts, ...sampling };
  const rounds = [];
  for (let round = 0; round < count; round += 1) {
    const ours = await runJob(process.execPath, ['generate-sonde.mjs'], { job });
    const env = { OMP_WAIT_POLICY: waiting() };
    const theirs = peer
      ? await runJob(python, ['peers/transformers_sample.py'], { job, env })
      : null;
    rounds.push({ ours, theirs });
  }
  report(name, rounds);
  return rounds;
}

function promptsOf({ prompts, prefix }) {
  if (prefix !== undefined) return drawBehindPrefix(prompts, prefix);
  // The longest prompts are 300 tokens: those of about 100.
  return drawTokenIds(200)
    .sort((a, b) => Math.abs(a.length - 100) - Math.abs(b.length - 100))
    .slice(0, prompts);
}

function report(name, rounds) {
  print(`\n${name}`);
  print('                        tokens/s   CPU s   peak MB   speed of sonde / this (by CPU)');
  const speed = ({ tokens, seconds }) => tokens / seconds;
  const work = ({ tokens, cpuSeconds }) => tokens / cpuSeconds;
  for (const [who, title] of [
    ['ours', 'sonde fp32'],
    ['theirs', 'transformers float32'],
  ]) {
    const measured = rounds.map((round) => round[who]);
    if (measured.includes(null)) continue;
    const ratio = (of) => median(rounds.map((round) => of(round.ours) / of(round[who]))).toFixed(2);
    const row = [
      median(measured.map(speed)).toFixed(0).padStart(8),
      median(measured.map(({ cpuSeconds }) => cpuSeconds))
        .toFixed(1)
        .padStart(7),
      (median(measured.map(({ peakBytes }) => peakBytes)) / 1e6).toFixed(0).padStart(9),
    ];
    print(`${title.padEnd(23)} ${row.join(' ')}   ${ratio(speed)} (${ratio(work)})`);
  }
}
