// Tokens per second and peak memory of `extract` on the shape of SmolLM2-135M, beside Hugging Face transformers on the
// same prompts, in turn in one run (`run.mjs`).
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { drawTokenIds } from './drawn-prompts.mjs';
import { hasTransformers, keepResults, median, print, runJob } from './measure.mjs';
import { writeRandomSmolLm2 } from './smollm2-shape.mjs';

export async function benchExtract(options) {
  const scratch = mkdtempSync(join(tmpdir(), 'sonde-bench-'));
  try {
    const checkpoint =
      options.checkpoint ?? (await writeRandomSmolLm2(join(scratch, 'smollm2', 'random')));
    await compare(checkpoint, options);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

async function compare(checkpoint, options) {
  const { python, threads } = options;
  const job = { checkpoint, threads, prompts: drawTokenIds(options.prompts) };
  const contenders = [
    { name: 'sonde fp32', run: () => runJob(process.execPath, ['extract-sonde.mjs'], { job }) },
  ];
  if (hasTransformers(python)) {
    for (const dtype of ['float32', 'bfloat16']) {
      const peer = { ...job, dtype, batch: 8 };
      contenders.push({
        name: `transformers ${dtype}`,
        run: () => runJob(python, ['peers/transformers_extract.py'], { job: peer }),
      });
    }
  }
  const rounds = [];
  for (let round = 0; round < options.rounds; round += 1) {
    const results = {};
    for (const { name, run } of contenders) results[name] = await run();
    rounds.push(results);
  }
  report(
    contenders.map(({ name }) => name),
    rounds,
    threads,
  );
}

function report(names, rounds, threads) {
  print(`${cpus()[0].model}, ${threads} threads, ${rounds.length} rounds, medians`);
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
  keepResults('extract', { rounds });
}
