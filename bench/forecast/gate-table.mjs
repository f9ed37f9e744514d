// The gate's thresholds, tuned on two sources and tried on the third. Rule of the tuning: among the grid's points that
// keep every bar on the training sources, the one with the largest Σ (2 − error) over what it answers: an answer is worth
// what it is better than 2 points.
import { gate } from '../../dist/index.js';
import { errorOf, fixed, markdown, mean, share } from './table-format.mjs';
import { verdictHead } from './method-tables.mjs';

const grid = {
  spreadPoints: [4, 5, 6, 7, 8, 10],
  backtestShare: [0.2, 0.3, 0.4, 0.5],
  aboveChancePoints: [3, 5, 8],
  trend: [2, 3, 4, 5],
  extrapolation: [20, 35, 50, 100],
};

export function gateTable(results, tinyResults) {
  const sources = [...new Set(results.map(({ source }) => source))];
  const tuned = sources.map((source) => {
    const training = results.filter((r) => r.source !== source);
    const limits = tune(training);
    return {
      source,
      limits,
      held: results.filter((r) => r.source === source && passes(r, limits)),
    };
  });
  const rows = tuned.map(({ source, limits, held }) => [
    `${source} held out: ${describe(limits)}`,
    ...quality(held),
  ]);
  const all = tune(results);
  return [
    markdown(
      ['tuned on the other sources', ...verdictHead.slice(1, 6)],
      [
        ...rows,
        ['all three, each held out', ...quality(tuned.flatMap(({ held }) => held))],
        [`tuned on all: ${describe(all)}`, ...quality(results.filter((r) => passes(r, all)))],
        [`**frozen**: ${describe(gate)}`, ...quality(results.filter((r) => passes(r, gate)))],
        ['frozen, on tiny-olmo3', ...quality(tinyResults.filter((r) => passes(r, gate)))],
      ],
    ),
    '',
    'One threshold moved, the others frozen:',
    '',
    markdown(['threshold', ...verdictHead.slice(1, 6)], neighbours(results)),
  ].join('\n');
}

function neighbours(results) {
  return Object.keys(grid).flatMap((name) =>
    grid[name]
      .filter((value) => value !== gate[name])
      .map((value) => [
        `${name} ${value}`,
        ...quality(results.filter((r) => passes(r, { ...gate, [name]: value }))),
      ]),
  );
}

function passes({ forecast: { evidence } }, limits) {
  return (
    evidence.models >= gate.models &&
    (evidence.spreadPoints ?? Infinity) <= limits.spreadPoints &&
    (evidence.backtestShare ?? Infinity) <= limits.backtestShare &&
    evidence.aboveChancePoints >= limits.aboveChancePoints &&
    evidence.trend >= limits.trend &&
    evidence.extrapolation <= limits.extrapolation &&
    (evidence.widthPoints ?? 0) <= gate.widthPoints
  );
}

function tune(results) {
  let best = { worth: -Infinity, limits: gate };
  for (const limits of product(Object.entries(grid))) {
    const errors = results.filter((r) => passes(r, limits)).map((r) => errorOf(r, 'chosen'));
    const last = results.filter((r) => passes(r, limits)).map((r) => errorOf(r, 'last-value'));
    if (errors.length === 0 || !keepsBars(errors, last)) continue;
    const worth = errors.reduce((sum, error) => sum + 2 - error, 0);
    if (worth > best.worth) best = { worth, limits };
  }
  return best.limits;
}

function keepsBars(errors, last) {
  return (
    mean(errors) <= 2 &&
    share(errors, (error) => error <= 2) >= 0.65 &&
    share(errors, (error) => error <= 5) >= 0.9 &&
    mean(errors) <= 0.6 * mean(last)
  );
}

function* product([first, ...rest]) {
  if (first === undefined) {
    yield {};
    return;
  }
  const [name, values] = first;
  for (const value of values) {
    for (const others of product(rest)) yield { [name]: value, ...others };
  }
}

function quality(answered) {
  const errors = answered.map((r) => errorOf(r, 'chosen'));
  const within = (points) => share(errors, (error) => error <= points);
  const ratio = mean(errors) / mean(answered.map((r) => errorOf(r, 'last-value')));
  const percentOf = (value) => (value === null ? '–' : `${(100 * value).toFixed(0)} %`);
  return [
    `${answered.length}`,
    fixed(mean(errors), 2),
    percentOf(within(2)),
    percentOf(within(5)),
    fixed(ratio, 2),
  ];
}

function describe({ spreadPoints, backtestShare, aboveChancePoints, trend, extrapolation }) {
  return `spread ≤ ${spreadPoints}, back-test ≤ ${backtestShare} of the rise, ≥ ${aboveChancePoints} above chance, trend ≥ ${trend}, ≤ ${extrapolation} ×`;
}
