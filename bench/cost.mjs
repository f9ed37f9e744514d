// What a checkpoint's score costs: probing it (extraction to estimates, through the command line, start-up included)
// beside producing the answers with transformers' `generate` at its best batch size, in turn in one run (`run.mjs`).
// Beside it, without a bar: our own `label`.
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { smollm2Case, sonde, tinyCase } from './cost-cases.mjs';
import {
  describeMachine,
  hasTransformers,
  keepResults,
  median,
  print,
  runJob,
  waiting,
} from './measure.mjs';

/** Generating takes at least so many times as long as probing. */
const BAR = 20;

export async function benchCost(options) {
  const scratch = mkdtempSync(join(tmpdir(), 'sonde-cost-'));
  const work = options.work ?? scratch;
  mkdirSync(work, { recursive: true });
  try {
    print('cost of one checkpoint’s score: probing it beside generating the answers');
    print(describeMachine(options.threads));
    const setting = { ...options, scratch, peer: hasTransformers(options.python) };
    setting.waiting = waiting();
    const results = [];
    if (options.sizes.includes('tiny')) results.push(await measure(await tinyCase(work), setting));
    if (options.sizes.includes('smollm2')) {
      if (options.smollm2 === null) {
        print('\nSmolLM2-135M: skipped, --smollm2 DIR names no folder with its weights');
      } else {
        const about = { folder: options.smollm2, count: options.prompts };
        results.push(await measure(await smollm2Case(work, about), setting));
      }
    }
    keepResults('cost', { results });
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Ours and the peer in turn, a batch size of the peer a round; then `label`. */
async function measure(benched, setting) {
  const { name, questions, answers, peer } = benched;
  print(`\n${name}: ${questions} questions, answers to each: ${answers}`);
  print('                                   seconds   CPU seconds');
  const probing = [];
  const generating = [];
  for (const batch of peer.batches) {
    probing.push(await probe(benched, setting));
    if (setting.peer) generating.push(await generate(benched, batch, setting));
  }
  const labelling = await label(benched, setting);
  compare({ probing, generating, labelling });
  return { name, probing, generating, labelling };
}

/** Extraction and prediction of a checkpoint that the store knows nothing of. */
async function probe({ store, checkpoint }, { scratch }) {
  const fresh = freshFolder(scratch);
  cpSync(store, fresh, { recursive: true });
  const { seconds, cpuSeconds } = await sonde(fresh, 'predict', checkpoint, '--probe', 'cost');
  const load = loadavg()[0];
  printRow('sonde predict', { seconds, cpuSeconds }, `whole process, load ${load.toFixed(1)}`);
  return { seconds, cpuSeconds, load };
}

async function generate(benched, batch, { python, threads, dtype, waiting }) {
  const { checkpoint, questions, answers, peer } = benched;
  const part = peer.partOf(batch);
  const { temperature, topP, exact } = peer;
  const sampling = { answers, temperature, topP, exact };
  const job = { checkpoint, threads, dtype, batch, ...sampling, questions: part };
  const measured = await runJob(python, ['peers/transformers_generate.py'], {
    job,
    env: { OMP_WAIT_POLICY: waiting },
  });
  const scale = questions / part.length;
  const { seconds, cpuSeconds, tokens, versions } = measured;
  const load = loadavg()[0];
  const scaled = { seconds: scale * seconds, cpuSeconds: scale * cpuSeconds };
  printRow(
    `transformers generate, batch ${batch}`,
    scaled,
    `scaled from ${part.length} questions in ${seconds.toFixed(1)} s, ${(tokens / seconds).toFixed(0)} tokens/s, load ${load.toFixed(1)}; ${dtype}, ${versions.transformers}, torch ${versions.torch}`,
  );
  return { batch, questions: part.length, measured, waiting, load, ...scaled };
}

/** Our sampler: all questions, or some of them scaled by the tokens that all answers have. */
async function label({ suite, checkpoint, questions, answers, label: asked }, { scratch }) {
  const { seconds, cpuSeconds, output } = await sonde(
    freshFolder(scratch),
    ...['label', checkpoint, '--suite', suite, '--samples', `${answers}`],
    ...['--top-p', `${asked.topP}`],
    ...(asked.questions === null ? [] : ['--questions', `${asked.questions}`]),
  );
  if (asked.questions === null) {
    printRow('sonde label', { seconds, cpuSeconds }, 'whole process, all questions');
    return { seconds, cpuSeconds };
  }
  const { tokensPerSecond, seconds: inside } = JSON.parse(output);
  const all = (questions * answers * asked.tokens) / tokensPerSecond;
  const scaled = { seconds: all, cpuSeconds: (all / inside) * cpuSeconds };
  printRow(
    'sonde label',
    scaled,
    `scaled from ${asked.questions} questions in ${seconds.toFixed(1)} s, ${tokensPerSecond.toFixed(0)} tokens/s`,
  );
  return { ...scaled, measured: { seconds, cpuSeconds, tokensPerSecond } };
}

function compare({ probing, generating, labelling }) {
  const ours = {
    seconds: median(probing.map(({ seconds }) => seconds)),
    cpuSeconds: median(probing.map(({ cpuSeconds }) => cpuSeconds)),
  };
  printRow('sonde predict, median', ours);
  if (generating.length > 0) {
    // Each measure has its own best batch: under other load the clock may choose another than the processor's time.
    const ratio = fewest(generating, 'seconds') / ours.seconds;
    const ofCpu = fewest(generating, 'cpuSeconds') / ours.cpuSeconds;
    const verdict = ratio >= BAR ? 'held' : 'MISSED';
    print(
      `generate (best batch) / predict: ${ratio.toFixed(1)} × (bar ${BAR} ×: ${verdict}); of CPU seconds ${ofCpu.toFixed(1)} ×`,
    );
  }
  print(`label / predict: ${(labelling.seconds / ours.seconds).toFixed(1)} × (no bar)`);
}

function fewest(runs, measure) {
  return Math.min(...runs.map((run) => run[measure]));
}

function printRow(name, { seconds, cpuSeconds }, note = '') {
  const numbers = `${seconds.toFixed(1).padStart(9)} ${cpuSeconds.toFixed(1).padStart(13)}`;
  print(`${name.padEnd(32)} ${numbers}   ${note}`.trimEnd());
}

function freshFolder(scratch) {
  const folder = join(scratch, 'store');
  rmSync(folder, { recursive: true, force: true });
  return folder;
}
