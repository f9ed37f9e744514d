// Controls that must fail, on the bundled series: fitted on the checkpoints of steps 573 and 781 (60 % of the questions),
// mean AUROC within the task on unseen questions of the next two, against their true outcomes.
//
//   node bench/controls.mjs [--shuffles 16] [--store DIR]
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  anyOutcomes,
  collectFitData,
  evaluateCheckpoint,
  fitProbe,
  importRecords,
  jobContext,
  openStore,
  summariseEvaluation,
} from '../dist/index.js';
import { randomStream } from '../dist/stats/index.js';

const { values: options } = parseArgs({
  options: { shuffles: { type: 'string', default: '16' }, store: { type: 'string' } },
});
const series = join(import.meta.dirname, '..', 'examples', 'tiny-olmo3');
const names = [
  'stage1-step573-tokens5M',
  'stage1-step781-tokens7M',
  'stage1-step1042-tokens10M',
  'stage1-step1432-tokens13M',
];
const quick = { architecture: 'linear', layers: [0, 1, 2, 3, 4], pools: ['mean'], complete: false };
const scratch = mkdtempSync(join(tmpdir(), 'sonde-controls-'));
try {
  const store = await openStore(options.store ?? scratch);
  await importRecords(store, join(series, 'outcomes.csv'));
  const request = {
    suite: join(series, 'suite'),
    tasks: null,
    render: 'auto',
    ...anyOutcomes,
    checkpoints: names.map((name) => join(series, 'd128L4', name)),
  };
  const { data } = await collectFitData(store, request, jobContext());
  const learned = data.checkpoints.slice(0, 2);
  const within = [];
  const across = [];
  for (let seed = 0; seed < Number(options.shuffles); seed += 1) {
    within.push(
      await rankUnseen(
        data,
        dealt(data, learned, seed, (item) => item.task),
        seed,
      ),
    );
    across.push(
      await rankUnseen(
        data,
        dealt(data, learned, seed, () => 'all'),
        seed,
      ),
    );
    process.stderr.write(`shuffle ${seed + 1}\n`);
  }
  const honest = await scoreUnseen(data, learned, 0, { random: data.random });
  const levels = await rankUnseen(data, levelled(data, learned), 0);
  line('true labels', [mean(honest.map(({ auroc }) => auroc))]);
  line('random weights', [mean(honest.map(({ baselines }) => baselines.randomWeights.auroc))]);
  line('prompts alone', [mean(honest.map(({ baselines }) => baselines.promptOnly.auroc))]);
  line('labels shuffled within tasks', within);
  line('labels shuffled across tasks', across);
  line('every question has its task’s mean', [levels]);
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

async function rankUnseen(data, checkpoints, seed) {
  const scores = await scoreUnseen(data, checkpoints, seed, { random: null, history: false });
  return mean(scores.map(({ auroc }) => auroc));
}

async function scoreUnseen(data, checkpoints, seed, { random, ...fit }) {
  const learned = { ...data, checkpoints, random };
  const model = await fitProbe(learned, { ...quick, ...fit, name: 'control', seed });
  const { items, layout } = data;
  const scores = [];
  for (const checkpoint of data.checkpoints.slice(2)) {
    const input = { items, checkpoint, layout, random, outcomes: checkpoint };
    scores.push(summariseEvaluation(await evaluateCheckpoint(model, input)).unseen);
  }
  return scores;
}

/** Outcomes dealt anew among the questions of a pile, at every checkpoint by itself. */
function dealt({ items }, checkpoints, seed, pileOf) {
  return checkpoints.map((checkpoint) => {
    const [k, n] = [checkpoint.k.slice(), checkpoint.n.slice()];
    const stream = randomStream('deal', seed, checkpoint.id);
    for (const places of piles(items, pileOf)) {
      const order = places.slice();
      for (let i = order.length - 1; i > 0; i -= 1) {
        const j = stream.integer(i + 1);
        [order[i], order[j]] = [order[j], order[i]];
      }
      places.forEach((place, i) => {
        k[place] = checkpoint.k[order[i]];
        n[place] = checkpoint.n[order[i]];
      });
    }
    return { ...checkpoint, k, n };
  });
}

/** Nothing tells the questions of a task apart, but the tasks differ. */
function levelled({ items }, checkpoints) {
  return checkpoints.map((checkpoint) => {
    const k = checkpoint.k.slice();
    for (const places of piles(items, (item) => item.task)) {
      const level = mean(places.map((place) => checkpoint.k[place] / checkpoint.n[place]));
      for (const place of places) k[place] = level * checkpoint.n[place];
    }
    return { ...checkpoint, k };
  });
}

function piles(items, pileOf) {
  const found = new Map();
  items.forEach((item, place) => {
    const pile = found.get(pileOf(item));
    if (pile === undefined) found.set(pileOf(item), [place]);
    else pile.push(place);
  });
  return [...found.values()];
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Mean over runs, with the standard error where there are several. */
function line(name, values) {
  const centre = mean(values);
  const spread = Math.sqrt(values.reduce((sum, v) => sum + (v - centre) ** 2, 0));
  const error =
    values.length < 2
      ? ''
      : ` ± ${(spread / Math.sqrt(values.length * (values.length - 1))).toFixed(3)}`;
  process.stdout.write(`${name.padEnd(36)} ${centre.toFixed(3)}${error}\n`);
}
