// Intervals and drift alarm on the bundled series: a probe fitted on all checkpoints up to a cut, for every cut with at least
// four, predicts every later one. How many accuracies lie inside their interval, by checkpoints ahead and by cut; false drift
// alarms there; and 50 random labels a task and checkpoint with and without the predictions.
//
//   node bench/intervals.mjs [--seeds 1] [--store DIR] [--first 4] [--draws 20] [--broken DIR,… --outcomes FILE]
//
// --broken: checkpoints of another stage (with their outcomes), scored as if no rule on stages were there.
import { parseArgs } from 'node:util';
import {
  collectFitData,
  fitProbe,
  importRecords,
  jobContext,
  predictCheckpoint,
} from '../dist/index.js';
import { estimateAccuracy, plainMean } from '../dist/estimate/index.js';
import { seriesRequest, withSeriesStore } from './series.mjs';

const { values: options } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1' },
    store: { type: 'string' },
    first: { type: 'string', default: '4' },
    draws: { type: 'string', default: '20' },
    broken: { type: 'string', default: '' },
    outcomes: { type: 'string' },
  },
});
const LABELS = 50;
const LEVEL = 0.9;
await withSeriesStore(options, run);

async function run(store) {
  if (options.outcomes !== undefined) await importRecords(store, options.outcomes);
  const data = await collect(store, seriesRequest());
  const broken = [];
  for (const directory of options.broken.split(',').filter(Boolean)) {
    const [checkpoint] = (await collect(store, seriesRequest({ folders: [directory] })))
      .checkpoints;
    // Without stage and rendering nothing is known to be broken: the alarm stands alone.
    broken.push({ ...checkpoint, stage: null, rendering: null });
  }
  const rows = [];
  for (let seed = 0; seed < Number(options.seeds); seed += 1) {
    for (let fitted = Number(options.first); fitted <= data.checkpoints.length; fitted += 1) {
      rows.push(...(await cutRows(data, broken, { seed, fitted })));
      process.stderr.write(`seed ${seed}, fitted on ${fitted}\n`);
    }
  }
  report(rows);
}

async function collect(store, request) {
  return (await collectFitData(store, request, jobContext())).data;
}

async function cutRows(data, broken, { seed, fitted }) {
  const model = await fitProbe(
    { ...data, random: null, checkpoints: data.checkpoints.slice(0, fitted) },
    { name: `${fitted}`, seed, architecture: 'linear', pools: ['mean'] },
  );
  const { items, layout } = data;
  const rows = [];
  for (const checkpoint of [...data.checkpoints.slice(fitted), ...broken]) {
    const prediction = await predictCheckpoint(model, { items, checkpoint, layout, random: null });
    const isBroken = broken.includes(checkpoint);
    for (const task of prediction.tasks) {
      const places = items.flatMap((item, i) => (item.task === task.task ? [i] : []));
      const counts = { k: pick(checkpoint.k, places), n: pick(checkpoint.n, places) };
      const rates = counts.k.map((k, i) => k / counts.n[i]);
      const measured = mean(rates);
      const predicted = Float64Array.from(places, (i) => prediction.items[i].p);
      const ahead = isBroken ? null : data.checkpoints.indexOf(checkpoint) - fitted + 1;
      const isInside = measured >= task.low - 1e-12 && measured <= task.high + 1e-12;
      rows.push({
        seed,
        fitted,
        isBroken,
        ahead,
        checkpoint: checkpoint.id,
        task: task.task,
        isInside,
        width: task.high - task.low,
        isAlarm: task.status !== 'ok',
        reason: task.reason,
        labels: task.remeasure.labels,
        drawn: isBroken
          ? []
          : drawn({ predicted, ...counts, measured }, `${seed} ${fitted} ${ahead}`),
      });
    }
  }
  return rows;
}

/** Estimates from random labels: with the predictions and without. */
function drawn({ predicted, k, n, measured }, key) {
  const out = [];
  const random = stream(key);
  for (let draw = 0; draw < Number(options.draws); draw += 1) {
    const order = [...predicted.keys()].map((i) => [random(), i]).sort(([a], [b]) => a - b);
    const chosen = new Set(order.slice(0, LABELS).map(([, i]) => i));
    const some = {
      predicted,
      k: k.map((x, i) => (chosen.has(i) ? x : 0)),
      n: n.map((x, i) => (chosen.has(i) ? x : 0)),
    };
    const [own, plain] = [
      estimateAccuracy(some, { level: LEVEL }),
      plainMean(some, { level: LEVEL }),
    ];
    const of = ({ estimate, low, high }) => ({
      error: Math.abs(estimate - measured),
      width: high - low,
      isInside: low <= measured && measured <= high,
    });
    out.push({ own: of(own), plain: of(plain) });
  }
  return out;
}

function report(rows) {
  const later = rows.filter((row) => !row.isBroken);
  const lines = [
    '90 % intervals without labels: share covered, median width in points, share of drift alarms',
    '',
  ];
  const table = (title, of, list) => {
    const keys = [...new Set(list.map(of))].sort((a, b) => a - b);
    lines.push(title);
    for (const key of keys)
      lines.push(`  ${`${key}`.padEnd(4)} ${covered(list.filter((row) => of(row) === key))}`);
  };
  lines.push(`all     ${covered(later)}`);
  lines.push(`from 8  ${covered(later.filter((row) => row.fitted >= 8))}`);
  table('checkpoints ahead', (row) => row.ahead, later);
  table('fitted on', (row) => row.fitted, later);
  const broken = rows.filter((row) => row.isBroken);
  if (broken.length > 0) table('another stage, fitted on', (row) => row.fitted, broken);
  lines.push('', `${LABELS} labels a task: median width and mean error in points`);
  table50(lines, 'all', later);
  for (const fitted of new Set(later.map((row) => row.fitted))) {
    table50(
      lines,
      `fitted on ${fitted}`,
      later.filter((row) => row.fitted === fitted),
    );
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

function covered(list) {
  const share = (of) =>
    `${((100 * list.filter(of).length) / list.length).toFixed(0)} %`.padStart(6);
  const width = (100 * median(list.map((row) => row.width))).toFixed(0).padStart(4);
  return `${share((row) => row.isInside)} ${width} ${share((row) => row.isAlarm)}   (${list.length})`;
}

/** The standard error of the difference is over checkpoint × task × cut, not over draws. */
function table50(lines, name, list) {
  const all = list.flatMap((row) => row.drawn);
  const differences = list.map((row) =>
    mean(row.drawn.map(({ own, plain }) => own.error - plain.error)),
  );
  const centre = mean(differences);
  const error = Math.sqrt(
    differences.reduce((sum, d) => sum + (d - centre) ** 2, 0) /
      (differences.length - 1) /
      differences.length,
  );
  const points = (x) => (100 * x).toFixed(2);
  lines.push(
    `  ${name.padEnd(13)} width ${points(median(all.map(({ own }) => own.width)))} (labels alone ${points(median(all.map(({ plain }) => plain.width)))}), ` +
      `error ${points(mean(all.map(({ own }) => own.error)))} (${points(mean(all.map(({ plain }) => plain.error)))}), ` +
      `difference ${points(centre)} ± ${points(error)}, covered ${points(mean(all.map(({ own }) => Number(own.isInside))))} % (${points(mean(all.map(({ plain }) => Number(plain.isInside))))} %)`,
  );
}

function pick(values, places) {
  return Float64Array.from(places, (i) => values[i]);
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Uniform numbers that depend on the key alone (mulberry32). */
function stream(key) {
  let state = [...key].reduce(
    (hash, letter) => Math.imul(hash ^ letter.charCodeAt(0), 0x01000193),
    0x811c9dc5,
  );
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}
