// Controls that must fail, on the bundled series: fitted on the checkpoints of steps 573 and 781 (60 % of the questions),
// mean AUROC within the task on unseen questions of the next two, against their true outcomes.
//
//   node bench/controls.mjs [--shuffles 16] [--store DIR]
import { parseArgs } from 'node:util';
import {
  collectFitData,
  evaluateCheckpoint,
  fitProbe,
  jobContext,
  summariseEvaluation,
} from '../dist/index.js';
import { randomStream } from '../dist/stats/index.js';
import { seriesRequest, withSeriesStore } from './series.mjs';

const { values: options } = parseArgs({
  options: { shuffles: { type: 'string', default: '16' }, store: { type: 'string' } },
});
const names = [
  'stage1-step573-tokens5M',
  'stage1-step781-tokens7M',
  'stage1-step1042-tokens10M',
  'stage1-step1432-tokens13M',
];
const quick = { architecture: 'linear', layers: [0, 1, 2, 3, 4], pools: ['mean'], complete: false };
/** What the outcomes are dealt within, by the name of its line. */
const shuffles = {
  'labels shuffled within tasks': ({ task }) => task,
  'the same at every checkpoint': ({ task }, checkpoint) => `${checkpoint} ${task}`,
  'labels shuffled across tasks': (_, checkpoint) => `${checkpoint}`,
};
await withSeriesStore(options, async (store) => {
  const { data } = await collectFitData(store, seriesRequest({ names }), jobContext());
  const learned = data.checkpoints.slice(0, 2);
  const honest = await scoreUnseen(data, learned, 0, { random: data.random });
  line('true labels', [mean(honest.map(({ auroc }) => auroc))]);
  line('random weights', [mean(honest.map(({ baselines }) => baselines.randomWeights.auroc))]);
  line('prompts alone', [mean(honest.map(({ baselines }) => baselines.promptOnly.auroc))]);
  for (const [name, pileOf] of Object.entries(shuffles)) {
    const aurocs = [];
    for (let seed = 0; seed < Number(options.shuffles); seed += 1) {
      aurocs.push(await rankUnseen(data, dealt(data, learned, seed, pileOf), seed));
    }
    line(name, aurocs);
  }
  line('every question has its task’s mean', [await rankUnseen(data, levelled(data, learned), 0)]);
});

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

/** Outcomes dealt anew among the pairs of question and checkpoint of a pile. */
function dealt({ items }, checkpoints, seed, pileOf) {
  const shuffled = checkpoints.map((checkpoint) => ({
    ...checkpoint,
    k: checkpoint.k.slice(),
    n: checkpoint.n.slice(),
  }));
  const pairs = checkpoints.flatMap((_, c) => items.map((item, place) => ({ item, c, place })));
  const stream = randomStream('deal', seed);
  for (const pile of piles(pairs, ({ item, c }) => pileOf(item, c))) {
    const order = pile.slice();
    for (let i = order.length - 1; i > 0; i -= 1) {
      const j = stream.integer(i + 1);
      [order[i], order[j]] = [order[j], order[i]];
    }
    pile.forEach((at, i) => {
      const { c, place } = pairs[at];
      const from = pairs[order[i]];
      shuffled[c].k[place] = checkpoints[from.c].k[from.place];
      shuffled[c].n[place] = checkpoints[from.c].n[from.place];
    });
  }
  return shuffled;
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
