// The two cases of `cost.mjs`: a store with a probe fitted on earlier checkpoints, the checkpoint that is scored, and the
// answers that generation would have to give.
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
  closeSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { loadSuite } from '../dist/suite/index.js';
import { drawTexts } from './drawn-prompts.mjs';
import { print, timeProcess } from './measure.mjs';

const bundled = resolve(import.meta.dirname, '..', 'examples', 'tiny-olmo3');
const command = resolve(import.meta.dirname, '..', 'dist', 'cli', 'bin.js');
const stepOf = (name) => Number(/step(\d+)/.exec(name)?.[1]);

/** The command line in a process of its own: a user's run, start-up included. */
export function sonde(store, ...args) {
  return timeProcess(process.execPath, [command, '--store', store, '--quiet', '--json', ...args]);
}

/** Bundled series, fitted up to step 781 as in the demo, step 1042 scored; 100 answers a question, as in its outcomes. */
export async function tinyCase(work) {
  const store = join(work, 'tiny-store');
  const suite = join(bundled, 'suite');
  const series = join(bundled, 'd128L4');
  const checkpoints = readdirSync(series).sort((a, b) => stepOf(a) - stepOf(b));
  const earlier = checkpoints
    .filter((name) => stepOf(name) <= 781)
    .map((name) => join(series, name));
  await fitOnce(store, { suite, outcomes: join(bundled, 'outcomes.csv'), earlier });
  const { items, tasks } = await loadSuite(suite);
  const questions = items.map(({ task, prompt }) => {
    const { maxTokens, stop } = tasks.get(task);
    return { task, prompt, maxTokens, stop };
  });
  const perTask = new Map();
  for (const question of questions) {
    perTask.set(question.task, [...(perTask.get(question.task) ?? []), question]);
  }
  // Prompts of a task differ in length: spread over the file.
  const part = [...perTask.values()].flatMap((list) => evenly(list, 4));
  return {
    ...{ name: 'tiny-olmo3', store, suite, answers: 100 },
    checkpoint: join(
      series,
      checkpoints.find((name) => stepOf(name) === 1042),
    ),
    questions: questions.length,
    peer: { batches: [1, 2, 4], partOf: () => part, temperature: 1, topP: 0.7, exact: false },
    label: { questions: null, topP: 0.7 },
  };
}

/**
 * The weights in `folder` under three ids, as a run's checkpoints: copies that differ in one value, because equal weights
 * share their states. Outcomes are drawn: what a prediction says here does not matter, how long it takes does.
 */
export async function smollm2Case(work, { folder, count }) {
  const store = join(work, `smollm2-store-${count}`);
  const suite = join(work, `smollm2-suite-${count}`);
  const prompts = drawTexts(count);
  writeSuite(suite, prompts);
  const run = join(work, 'smollm2-run');
  const copies = [1000, 2000, 3000].map((step) => {
    const copy = join(run, `stage1-step${step}-tokens${step / 1000}B`);
    copyCheckpoint(folder, copy, step / 1000);
    return copy;
  });
  const outcomes = join(work, `smollm2-outcomes-${count}.csv`);
  writeFileSync(outcomes, drawOutcomes(copies.slice(0, 2), count));
  await fitOnce(store, { suite, outcomes, earlier: copies.slice(0, 2) });
  const byLength = [...prompts].sort((a, b) => a.length - b.length);
  const question = (prompt) => ({ prompt, maxTokens: answerTokens, stop: [] });
  return {
    ...{ name: 'SmolLM2-135M', store, suite, answers: 1 },
    checkpoint: copies[2],
    questions: count,
    peer: {
      batches: [8, 16, 32],
      // One batch from the middle of the lengths: nearly no padding, and the mean length of all.
      partOf: (batch) => {
        const size = Math.min(batch, count);
        const from = (count - size) >> 1;
        return byLength.slice(from, from + size).map(question);
      },
      ...{ temperature: 1, topP: 1, exact: true },
    },
    label: { questions: Math.min(16, count), topP: 1, tokens: answerTokens },
  };
}

const answerTokens = 512;

async function fitOnce(store, { suite, outcomes, earlier }) {
  const done = join(store, 'bench-is-fitted');
  if (existsSync(done)) return;
  rmSync(store, { recursive: true, force: true });
  print(`fitting a probe on ${earlier.length} earlier checkpoints, outside the timing …`);
  await sonde(store, 'import', outcomes);
  await sonde(
    store,
    ...['fit', '--suite', suite, '--name', 'cost', '--checkpoints', earlier.join(',')],
  );
  writeFileSync(done, '');
}

function writeSuite(folder, prompts) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'suite.yaml'),
    `name: cost\nversion: 1\ntasks:\n  answer: { chance: 0, maxTokens: ${answerTokens}, stop: [], grader: exact }\n`,
  );
  const lines = prompts.map((prompt, index) =>
    JSON.stringify({ task: 'answer', id: `q${index}`, prompt, target: 'none' }),
  );
  writeFileSync(join(folder, 'items.jsonl'), `${lines.join('\n')}\n`);
}

function drawOutcomes(checkpoints, count) {
  const rows = checkpoints.flatMap((path, place) => {
    const id = path.split(/[\\/]/).slice(-2).join('/');
    return Array.from(
      { length: count },
      (_, item) => `cost,answer,q${item},${id},${((item * 7919 + place * 31) >> 2) % 2},1`,
    );
  });
  return `suite,task,item,checkpoint,k,n\n${rows.join('\n')}\n`;
}

function copyCheckpoint(from, to, change) {
  if (existsSync(join(to, 'config.json'))) return;
  mkdirSync(to, { recursive: true });
  const weights = 'model.safetensors';
  copyFileSync(join(from, weights), join(to, weights));
  changeMiddleByte(join(to, weights), 'model.norm.weight', change);
  for (const name of readdirSync(from).filter((name) => name !== weights)) {
    symlinkSync(join(from, name), join(to, name));
  }
}

/** Changes the low bits of one value in the middle of a tensor, where the fingerprint looks. */
function changeMiddleByte(file, tensor, change) {
  const handle = openSync(file, 'r+');
  try {
    const length = Buffer.alloc(8);
    readSync(handle, length, 0, 8, 0);
    const headerBytes = Number(length.readBigUInt64LE());
    const header = Buffer.alloc(headerBytes);
    readSync(handle, header, 0, headerBytes, 8);
    const [start, end] = JSON.parse(header.toString())[tensor].data_offsets;
    const place = 8 + headerBytes + start + 4 * Math.floor((end - start) / 8);
    const value = Buffer.alloc(1);
    readSync(handle, value, 0, 1, place);
    value[0] ^= change;
    writeSync(handle, value, 0, 1, place);
  } finally {
    closeSync(handle);
  }
}

function evenly(list, count) {
  return Array.from(
    { length: count },
    (_, i) => list[Math.floor(((i + 0.5) * list.length) / count)],
  );
}
