// What the answer depends on: samples a question, ways of clustering, radius and size, the ladder itself.
import {
  accuracyOfItems,
  backTest,
  clusteringQuality,
  clusterItems,
  codDefaults,
  createCod,
  fitCod,
  forecastBenchmark,
  forecasters,
  judgeClusters,
  subLadder,
} from '../../dist/index.js';
import { fixed, markdown, mean, percent } from './table-format.mjs';
import { uniform } from './uniform.mjs';

/** The ladder with `samples` of each question's answers, drawn without replacement. */
function thinned(ladder, samples, seed) {
  const random = uniform(seed);
  const { ids, right, answers } = ladder.items;
  const kept = new Float64Array(right.length);
  right.forEach((k, at) => {
    let [left, rightLeft] = [answers[at], k];
    for (let draw = 0; draw < samples; draw += 1) {
      if (random() * left < rightLeft) {
        kept[at] += 1;
        rightLeft -= 1;
      }
      left -= 1;
    }
  });
  const items = { ids, right: kept, answers: new Float64Array(right.length).fill(samples) };
  return { ...ladder, items, ...accuracyOfItems(items, ladder.models.length) };
}

function errorIn(ladder, one, forecaster) {
  return 100 * Math.abs(forecaster.fit(ladder).predict(one.target) - one.truth);
}

const bySamples = [
  'last-value',
  'exponential',
  'pass-rate',
  'ensemble',
  'irt',
  'cod',
  'cod:cross-vector',
  'cod:raw',
  'cod:smoothed',
  'cod:isotonic',
  'cod:spline',
];

/** Mean error over the tasks of tiny-olmo3, five draws each. */
export function samplesTable(tiny) {
  const counts = [1, 4, 20, 100];
  return markdown(
    ['method', ...counts.map((count) => `n = ${count}`)],
    bySamples.map((name) => {
      const forecaster = forecasters.find((one) => one.name === name);
      return [
        `\`${name}\``,
        ...counts.map((count) => {
          const seeds = count === 100 ? [0] : [0, 1, 2, 3, 4];
          const errors = seeds.flatMap((seed) =>
            tiny.map((one, index) =>
              errorIn(thinned(one.ladder, count, 1000 * seed + index), one, forecaster),
            ),
          );
          return fixed(mean(errors), 2);
        }),
      ];
    }),
  );
}

const vector = { features: 'vector', crossFit: false, radius: 0.15 };
const ways = [
  ['bounded MeanShift (improved)', { clustering: 'bounded-mean-shift' }],
  ['MeanShift', { clustering: 'mean-shift' }],
  ['DBSCAN', { clustering: 'dbscan' }],
  ['KMeans', { clustering: 'k-means' }],
  ['KMeans, bounded diameter', { clustering: 'bounded-k-means' }],
];

/** Distances in root mean square per dimension; EE over the extrapolated subset, FE over the benchmark. */
export function clusteringTable(cases) {
  return markdown(
    [
      'clustering of vectors',
      'clusters',
      'intra-cluster distance',
      'outlier rate',
      'extrapolated items',
      'extrapolation error',
      'final error',
    ],
    ways.map(([name, change]) => {
      const settings = { ...codDefaults, ...vector, ...change };
      const rows = cases.map((one) => clusteringRow(one, settings));
      const column = (field) =>
        mean(rows.map((row) => row[field]).filter((value) => value !== null));
      return [
        name,
        fixed(column('clusters')),
        fixed(column('distance'), 3),
        percent(column('outliers')),
        percent(column('kept')),
        fixed(column('extrapolationError'), 2),
        fixed(column('finalError'), 2),
      ];
    }),
  );
}

function clusteringRow(one, settings) {
  const { ladder, target, truth } = one;
  const models = ladder.models.length;
  const clustering = clusterItems(ladder.items, models, { ...settings, seed: 0 });
  const rates = ladder.items.right.map((k, at) => k / ladder.items.answers[at]);
  const quality = clusteringQuality({ values: rates, dimensions: models }, clustering);
  const fit = fitCod(ladder, settings);
  const flops = { target: target.flops, smallest: ladder.models[0].flops };
  const judged = judgeClusters(fit, fit.parts[0], flops);
  const kept = judged.filter(({ decision }) => decision.state === 'extrapolated');
  const size = kept.reduce((sum, cluster) => sum + cluster.size, 0);
  const forecast = createCod('', '', settings).fit(ladder).predict(target);
  return {
    clusters: clustering.clusters,
    distance:
      quality.intraClusterDistance === null
        ? null
        : quality.intraClusterDistance / Math.sqrt(models),
    outliers: quality.outlierRate,
    kept: size / ladder.items.ids.length,
    extrapolationError: subsetError(one, { fit, judged, size }),
    finalError: 100 * Math.abs(forecast - truth),
  };
}

/** Error on the extrapolated items alone, where the target's answers per item are known. */
function subsetError({ targetRates }, { fit, judged, size }) {
  if (targetRates === undefined || targetRates === null || size === 0) return null;
  const labels = fit.parts[0].assignment.labels.at(-1);
  let [sum, count, expected] = [0, 0, 0];
  targetRates.forEach((rate, item) => {
    const cluster = judged[labels[item]];
    if (cluster?.decision.state !== 'extrapolated') return;
    sum += rate;
    expected += cluster.rateAtTarget;
    count += 1;
  });
  return count === 0 ? null : (100 * Math.abs(sum - expected)) / count;
}

/** Mean error of `cod` over the cases with items, and the share of items that it extrapolates or finds solved. */
export function settingsTable(cases) {
  const rows = [];
  const add = (name, change) => {
    const forecaster = createCod('', '', { ...codDefaults, ...change });
    const fitted = cases.map((one) => forecaster.fit(one.ladder));
    const errors = cases.map(
      (one, index) => 100 * Math.abs(fitted[index].predict(one.target) - one.truth),
    );
    const kept = cases.map((one, index) => fitted[index].predictableShare(one.target));
    rows.push([name, fixed(mean(errors), 2), percent(mean(kept))]);
  };
  for (const radius of [0.02, 0.05, 0.1, 0.15, 0.2, 0.3])
    add(`radius ${radius}, mean difficulty`, { radius });
  for (const radius of [0.05, 0.1, 0.15, 0.2, 0.3])
    add(`radius ${radius}, vectors, cross-fitted`, { features: 'vector', radius });
  for (const minimumSize of [3, 5, 10, 20, 40]) add(`minimum size ${minimumSize}`, { minimumSize });
  add('filter: unit-free', { filter: 'unit-free' });
  return markdown(['`cod` with', 'mean error', 'items predictable'], rows);
}

const mapRule = { anchors: false, chanceEnds: false };
const choices = [
  ['as it is: paper’s filter, mean difficulty, cross-fitted, persist', {}],
  ['unit-free filter', { filter: 'unit-free' }],
  ['guess level fixed to chance', { guess: 'fixed' }],
  ['no priors', { prior: 'none' }],
  ['vectors, cross-fitted', { features: 'vector', radius: 0.15 }],
  ['vectors, not cross-fitted', vector],
  ['spline to the full set', { whole: { kind: 'spline', ...mapRule } }],
  ['spline, unit-free filter', { filter: 'unit-free', whole: { kind: 'spline', ...mapRule } }],
  ['quartic to the full set', { whole: { kind: 'quartic', ...mapRule } }],
  ['the subset alone', { whole: { kind: 'subset' } }],
];

/** Back-tests inside the ladders, which chose the settings of `cod`, beside the errors at the targets. */
export function choiceTable(cases) {
  return markdown(
    ['`cod`', 'inside the ladders', 'at the targets'],
    choices.map(([name, change]) => {
      const forecaster = createCod('', '', { ...codDefaults, ...change });
      const inside = cases.flatMap((one) =>
        backTest(forecaster, one.ladder).map(({ error }) => 100 * Math.abs(error)),
      );
      const targets = cases.map((one) => errorIn(one.ladder, one, forecaster));
      return [name, fixed(mean(inside), 2), fixed(mean(targets), 2)];
    }),
  );
}

const anyMethods = [
  'last-value',
  'exponential',
  'log-accuracy',
  'linear-last-3',
  'logit-linear',
  'ensemble',
  'cod',
];

/** The same targets from less: without the largest model, from the four largest, from every second one. */
export function fewerModelsTable(cases, tiny) {
  const all = [...cases, ...tiny];
  const cuts = [
    ['whole ladder', (m) => range(m)],
    ['without the largest', (m) => range(m).slice(0, -1)],
    ['without the smallest', (m) => range(m).slice(1)],
    ['four largest', (m) => range(m).slice(-4)],
    ['every second, with the largest', (m) => range(m).filter((i) => (m - 1 - i) % 2 === 0)],
  ];
  return markdown(
    [
      'ladder',
      'answered',
      'mean error of `chosen` there',
      ...anyMethods.map((name) => `\`${name}\``),
    ],
    cuts.map(([name, pick]) => {
      const runs = all.map((one) => {
        const ladder = subLadder(one.ladder, pick(one.ladder.models.length));
        const { methods } = forecastBenchmark(ladder, one.target, {
          methods: anyMethods,
          replicates: 50,
        });
        return { truth: one.truth, byMethod: new Map(methods.map((m) => [m.method, m])) };
      });
      const errors = (list, method) =>
        list
          .map(({ truth, byMethod }) => ({ truth, accuracy: byMethod.get(method).accuracy }))
          .filter(({ accuracy }) => accuracy !== null)
          .map(({ truth, accuracy }) => 100 * Math.abs(accuracy - truth));
      const answered = runs.filter(
        ({ byMethod }) => byMethod.get('chosen').verdict === 'predictable',
      );
      return [
        name,
        `${answered.length} of ${runs.length}`,
        fixed(mean(errors(answered, 'chosen')), 2),
        ...anyMethods.map((method) => fixed(mean(errors(runs, method)), 2)),
      ];
    }),
  );
}

/** Mean error of the methods that can use anchors, with them and without. */
export function anchorsTable(anchored) {
  const isTiny = ({ ladder }) => ladder.suite === 'tiny';
  const rows = [
    ['`observational`', 'observational', false],
    ['`observational`, anchors', 'observational', true],
    ['`cod`', 'cod', false],
    ['`cod:spline`', 'cod:spline', false],
    ['`cod:anchors`', 'cod:anchors', true],
    ['`chosen`', 'ensemble', false],
  ];
  const meanError = (list, name, useAnchors) => {
    const forecaster = forecasters.find((one) => one.name === name);
    const errors = list.flatMap((one) => {
      const ladder = useAnchors ? one.ladder : withoutAnchors(one.ladder);
      return forecaster.missing?.(ladder, one.target) == null
        ? [errorIn(ladder, one, forecaster)]
        : [];
    });
    return fixed(mean(errors), 2);
  };
  return markdown(
    ['method', 'arithmetic, steps (6 cases)', 'tiny-olmo3 (15 tasks)'],
    rows.map(([title, name, useAnchors]) => [
      title,
      meanError(
        anchored.filter((one) => !isTiny(one)),
        name,
        useAnchors,
      ),
      meanError(anchored.filter(isTiny), name, useAnchors),
    ]),
  );
}

function withoutAnchors(ladder) {
  const panel = ladder.panel.map((one) => ({ ...one, anchors: [] }));
  return { ...ladder, anchors: [], panel };
}

function range(length) {
  return Array.from({ length }, (_, index) => index);
}
