// The figures of docs/forecasting.md, drawn from real output: a figure a step of COD, then the forecasts.
//
//   node bench/forecast/figures.mjs [--data ../shared/data] [--out docs/figures]
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  codDefaults,
  evaluateLaw,
  fitCod,
  fitSubsetMap,
  forecastBenchmark,
  forecastCurve,
  forecasters,
  judgeClusters,
  mapPoints,
} from '../../dist/index.js';
import { barSvg, clusterSvg, forecastSvg, mapSvg } from '../../dist/report/index.js';
import { loadCases } from './load-cases.mjs';
import { errorsOf, mean } from './table-format.mjs';

const root = join(import.meta.dirname, '..', '..');
const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: join(root, '..', 'shared', 'data') },
    out: { type: 'string', default: join(root, 'docs', 'figures') },
  },
});
mkdirSync(options.out, { recursive: true });
const save = async (name, svg) => writeFileSync(join(options.out, `${name}.svg`), await svg);
const { cases, tiny } = await loadCases(options.data);
const addition = cases.find(
  (one) => one.kind === 'steps' && one.task === 'arith_addition' && one.targetId.includes('6.9b'),
);

await save('difficulty', difficultyFigure(addition));
await save('clusters', clustersFigure(addition));
await save('map', mapFigure(addition));
await save(
  'forecasts',
  forecastsFigure(tiny, 'tiny-olmo3: five ladder models, target at 4 × the compute'),
);
await save(
  'arithmetic',
  forecastsFigure(
    cases.filter((one) => one.perItem),
    'Pythia arithmetic',
  ),
);
await save('methods', methodsFigure(cases));

function difficultyFigure({ ladder, task }) {
  const models = ladder.models.length;
  const counts = new Array(10).fill(0);
  ladder.items.ids.forEach((_, item) => {
    let sum = 0;
    for (let model = 0; model < models; model += 1) {
      const at = item * models + model;
      sum += ladder.items.right[at] / ladder.items.answers[at] / models;
    }
    counts[Math.min(9, Math.floor(10 * sum))] += 1;
  });
  return barSvg({
    title: `${task}: questions by their mean pass rate over the ladder`,
    xLabel: 'questions',
    bars: counts.map((value, decile) => ({
      label: `${10 * decile} – ${10 * decile + 10} %`,
      value,
      highlighted: false,
    })),
  });
}

function clustersFigure({ ladder, target, task }) {
  const fit = fitCod(ladder, codDefaults);
  const smallest = ladder.models[0].flops;
  const judged = judgeClusters(fit, fit.parts[0], { target: target.flops, smallest });
  const steps = Array.from(
    { length: 41 },
    (_, step) => smallest * (target.flops / smallest) ** (step / 40),
  );
  return clusterSvg({
    title: `${task}: clusters of like difficulty, their laws up to the target`,
    targetFlops: target.flops,
    clusters: judged
      .map((cluster, index) => ({
        label: `${index + 1}`,
        size: cluster.size,
        kept: cluster.decision.state === 'extrapolated',
        reason: cluster.decision.reason,
        points: ladder.models.map(({ flops }, model) => ({ flops, rate: cluster.rates[model] })),
        law: steps.map((flops) => ({
          flops,
          rate: evaluateLaw(cluster.fit.parameters, flops / smallest),
        })),
      }))
      .sort((a, b) => b.points.at(-1).rate - a.points.at(-1).rate),
  });
}

function mapFigure({ ladder, target, task }) {
  const whole = { kind: 'spline', anchors: false, chanceEnds: false };
  const fit = fitCod(ladder, { ...codDefaults, whole });
  const smallest = ladder.models[0].flops;
  const judged = judgeClusters(fit, fit.parts[0], { target: target.flops, smallest });
  const points = mapPoints(fit, fit.parts[0], judged);
  const map = fitSubsetMap(points, { kind: 'spline' });
  return mapSvg({
    title: `${task}: subset to full set, RMSE ${(100 * map.rmse).toFixed(2)}`,
    points,
    curve: Array.from({ length: 101 }, (_, step) => ({
      subset: step / 100,
      full: map.evaluate(step / 100),
    })),
  });
}

function forecastsFigure(list, title) {
  return forecastSvg({ title, panels: list.map(panelOf) });
}

function panelOf({ ladder, target, targetId, truth, kind }) {
  const { methods, chosen } = forecastBenchmark(ladder, target, { methods: [] });
  const { accuracy, low, high, verdict } = methods.at(-1);
  const panel = {
    suite: ladder.suite,
    task:
      ladder.suite === 'tiny'
        ? ladder.task
        : `${ladder.task} ${targetId.split('@')[0].replace('pythia-', '')}, ${kind}`,
    chance: ladder.chance,
    ladder: ladder.models.map(({ checkpoint, flops }, model) => ({
      checkpoint,
      flops,
      accuracy: ladder.accuracy[model],
      standardError: ladder.variance === null ? null : Math.sqrt(ladder.variance[model]),
    })),
    target: { flops: target.flops, checkpoint: targetId },
    forecast: { accuracy, low, high, verdict, method: chosen },
    measured: truth,
    curve: [],
  };
  const smallest = ladder.models[0].flops;
  const flops = [
    ...Array.from({ length: 49 }, (_, step) => smallest * (target.flops / smallest) ** (step / 48)),
    ladder.models.at(-1).flops,
  ].sort((a, b) => a - b);
  return { ...panel, curve: forecastCurve(ladder, flops) };
}

function methodsFigure(list) {
  const names = forecasters.map(({ name }) => name).filter((name) => !name.startsWith('cod'));
  const results = list.map((one) => {
    const { methods } = forecastBenchmark(one.ladder, one.target, {
      methods: names,
      replicates: 0,
    });
    return { ...one, byMethod: new Map(methods.map((method) => [method.method, method])) };
  });
  const bars = names
    .map((name) => ({ name, errors: errorsOf(results, name) }))
    .filter(({ errors }) => errors.length === list.length)
    .map(({ name, errors }) => ({
      label: name,
      value: mean(errors),
      highlighted: name === 'ensemble',
    }))
    .sort((a, b) => a.value - b.value);
  return barSvg({
    title: 'Mean absolute error over the 256 public cases, methods that fit them all',
    xLabel: 'points of accuracy',
    bars,
  });
}
