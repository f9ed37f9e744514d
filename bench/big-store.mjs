// A store as a long run leaves it: every checkpoint measured on some tasks, predicted on all, drawn by a seed. Used by the
// load test and by browser tests. `node bench/big-store.mjs DIR [checkpoints tasks items]`
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { openStore } from '../dist/store/index.js';

export const longRun = { checkpoints: 200, tasks: 30, items: 400 };

const run = 'olmo-long';
const suite = 'big';
const probe = { probe: 'watch', probeId: 'b'.repeat(32) };
const samples = 20;
/** What a log may say of an outcome and these do not. */
const unsaid = {
  ...{ family: null, seed: null, filter: null, render: null, promptSha256: null, fewShot: null },
  ...{ chatTemplate: null, documentHash: null, targetHash: null, source: null },
  ...{ loss: null, lossUnit: null },
};

/** Fills the store in a folder. Every checkpoint has outcomes of every task, and predictions of all its questions. */
export async function writeBigStore(dir, { checkpoints, tasks, items } = longRun) {
  const store = await openStore(dir);
  try {
    await fill(store, checkpoints, drawQuestions(tasks, items));
  } finally {
    await store[Symbol.asyncDispose]();
  }
  return { run, suite };
}

async function fill(store, checkpoints, questions) {
  for (let at = 1; at <= checkpoints; at += 1) {
    const known = describe(at);
    const rates = questions.map((question) => rateOf(question, known.tokens));
    await store.checkpoints.write(known.checkpoint, registrationOf(known));
    await store.outcomes.write(outcomesOf(known, questions, rates), {
      identity: `big store ${at}`,
      name: `${known.checkpoint.replace('/', '-')}.csv`,
      replace: false,
    });
    const predicted = questions.map((question, index) => predictionOf(question, rates[index], at));
    await store.predictions.write(predictionsOf(known, questions, predicted), { run });
    await store.estimates.write(estimatesOf(known, questions, predicted), { run });
  }
}

function describe(at) {
  const step = at * 1000;
  return {
    checkpoint: `${run}/step${step}`,
    ...{ run, step, tokens: step * 4_194_304, params: 1.2e9, paramsNonEmbedding: 1e9 },
    flops: 6 * 1e9 * step * 4_194_304,
    stage: at <= 160 ? 'pretrain' : 'midtrain',
    fingerprint: `f${at}`.padEnd(64, '0'),
  };
}

/** Some tasks are learned early, some late, some never; within a task, questions spread. */
function drawQuestions(tasks, items) {
  const draw = randomNumbers(7);
  return Array.from({ length: tasks }, (_, task) => {
    const late = draw() * 6;
    return Array.from({ length: items }, (_, item) => ({
      task: `task-${String(task).padStart(2, '0')}`,
      item: `task-${String(task).padStart(2, '0')}/${item}`,
      difficulty: late + 2 * (draw() + draw() + draw() - 1.5),
      chance: task % 3 === 0 ? 0.25 : 0,
    }));
  }).flat();
}

function rateOf({ difficulty, chance }, tokens) {
  const learned = 1 / (1 + Math.exp(difficulty - Math.log10(tokens / 1e9) * 2));
  return chance + (1 - chance) * learned;
}

function predictionOf({ difficulty }, rate, at) {
  const noise = Math.sin(difficulty * 997 + at) * 0.08;
  return Math.min(0.999, Math.max(0.001, rate + noise));
}

/** One row object for all: the store copies what it is given, and objects spread anew for 2.4 million rows took a third of the time. */
function* outcomesOf({ fingerprint: _, ...facts }, questions, rates) {
  const draw = randomNumbers(facts.step);
  const row = { ...unsaid, ...facts, suite, kind: 'count', n: samples, temperature: 1, topP: 0.95 };
  for (const [index, { task, item, chance }] of questions.entries()) {
    let k = 0;
    for (let sample = 0; sample < samples; sample += 1) k += draw() < rates[index] ? 1 : 0;
    yield Object.assign(row, { task, item, chance, k });
  }
}

function* predictionsOf({ checkpoint, fingerprint }, questions, predicted) {
  for (const [index, { task, item }] of questions.entries()) {
    const about = { suite, task, item, checkpoint, fingerprint, promptSha256: item, ...probe };
    yield { ...about, p: predicted[index] };
  }
}

function* estimatesOf({ checkpoint, fingerprint, step }, questions, predicted) {
  const byTask = groupByTask(questions);
  for (const [task, members] of byTask) {
    const mean = members.reduce((sum, [index]) => sum + predicted[index], 0) / members.length;
    const reach = 0.04 + 0.02 * Math.sin(step);
    yield {
      ...{ suite, task, checkpoint, fingerprint, ...probe, items: members.length, labelled: 0 },
      ...{ predicted: mean, low: Math.max(0, mean - reach), high: Math.min(1, mean + reach) },
      ...{ level: 0.9, method: 'drawn for a load test', status: 'ok', reason: null },
      baselines: JSON.stringify({ persistence: mean - 0.01, taskMean: mean - 0.02, trend: mean }),
    };
  }
}

function groupByTask(questions) {
  const groups = new Map();
  for (const [index, { task }] of questions.entries()) {
    const own = groups.get(task) ?? [];
    groups.set(task, own);
    own.push([index]);
  }
  return groups;
}

function registrationOf({ checkpoint, fingerprint, run: own, ...facts }) {
  return {
    dir: `/checkpoints/${checkpoint}`,
    ...{ fingerprint, setupSha256: 's'.padEnd(64, '0') },
    facts: { ...facts, run: own, family: null, tokensExact: true, flopsGiven: true },
  };
}

/** Numbers from 0 to 1 by a linear congruence: enough for a load, the same on every machine. */
function randomNumbers(seed) {
  let state = (seed * 2_654_435_761) % 4_294_967_296;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const [dir, ...numbers] = process.argv.slice(2);
  const [checkpoints, tasks, items] = numbers.map(Number);
  await writeBigStore(resolve(dir), numbers.length === 3 ? { checkpoints, tasks, items } : longRun);
}
