// Every architecture on the bundled series: fitted up to a cut with 60 % of the questions, scored on each later checkpoint,
// and beside it its own ceiling, fitted on the scored checkpoint itself (same questions, no history). Means over pairs and
// seeds of the means over tasks, as markdown.
//
//   node bench/architectures.mjs [--architectures linear,mlp] [--seeds 1] [--cuts 781,1432] [--store DIR]
import { parseArgs } from 'node:util';
import {
  collectFitData,
  evaluateCheckpoint,
  fitProbe,
  jobContext,
  summariseEvaluation,
} from '../dist/index.js';
import { seriesRequest, withSeriesStore } from './series.mjs';

const ALL = 'linear,ridge,massMean,lda,mlp,scalarMix,layerTransformer,attention,submodel,twoStage';
const { values: options } = parseArgs({
  options: {
    architectures: { type: 'string', default: ALL },
    seeds: { type: 'string', default: '1' },
    cuts: { type: 'string', default: '781,1432' },
    store: { type: 'string' },
  },
});
const cuts = options.cuts.split(',').map(Number);
const seeds = Array.from({ length: Number(options.seeds) }, (_, seed) => seed);
await withSeriesStore(options, async (store) => {
  print(`cuts at steps ${cuts.join(', ')}, seeds ${seeds.join(', ')}\n`);
  print(
    '| architecture | unseen AUROC | own ceiling | share of it | unseen MSE | level | seen AUROC | seen MSE | fit |',
  );
  print('| --- | --- | --- | --- | --- | --- | --- | --- | --- |');
  for (const architecture of options.architectures.split(',')) {
    const request = { ...seriesRequest(), architecture };
    const { data } = await collectFitData(store, request, jobContext());
    print(row(architecture, await measure({ ...data, random: null }, architecture)));
  }
});

async function measure(data, architecture) {
  const scores = [];
  const ceilings = new Map();
  let seconds = 0;
  for (const seed of seeds) {
    for (const step of cuts) {
      const cut = data.checkpoints.findIndex((checkpoint) => checkpoint.step === step);
      const started = performance.now();
      const model = await fit(data, data.checkpoints.slice(0, cut + 1), { architecture, seed });
      seconds += (performance.now() - started) / 1000;
      for (const checkpoint of data.checkpoints.slice(cut + 1)) {
        const { seen, unseen } = await score(model, data, checkpoint);
        const key = `${seed} ${checkpoint.id}`;
        if (!ceilings.has(key)) {
          const own = await fit(data, [checkpoint], { architecture, seed, history: false });
          ceilings.set(key, (await score(own, data, checkpoint)).unseen.auroc);
        }
        scores.push({ seen, unseen, ceiling: ceilings.get(key) });
      }
    }
  }
  return { scores, seconds: seconds / (seeds.length * cuts.length) };
}

function fit(data, checkpoints, how) {
  return fitProbe({ ...data, checkpoints }, { name: 'bench', complete: false, ...how });
}

async function score(model, { items, layout }, checkpoint) {
  const input = { items, layout, checkpoint, outcomes: checkpoint };
  return summariseEvaluation(await evaluateCheckpoint(model, input));
}

function row(architecture, { scores, seconds }) {
  const mean = (pick) => scores.reduce((sum, one) => sum + pick(one), 0) / scores.length;
  const auroc = mean(({ unseen }) => unseen.auroc);
  const ceiling = mean((one) => one.ceiling);
  const cells = [
    architecture,
    auroc.toFixed(3),
    ceiling.toFixed(3),
    `${Math.round((100 * (auroc - 0.5)) / (ceiling - 0.5))} %`,
    mean(({ unseen }) => unseen.mse).toFixed(3),
    (100 * mean(({ unseen }) => unseen.levelError)).toFixed(1),
    mean(({ seen }) => seen.auroc).toFixed(3),
    mean(({ seen }) => seen.mse).toFixed(3),
    `${seconds.toFixed(0)} s`,
  ];
  return `| ${cells.join(' | ')} |`;
}

function print(line) {
  process.stdout.write(`${line}\n`);
}
