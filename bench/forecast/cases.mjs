// Every method on every public forecasting case and on tiny-olmo3: the tables of docs/forecasting.md, as Markdown.
//
//   node bench/forecast/cases.mjs [--data ../shared/data] [--replicates 200] [--results FILE.json] [--docs docs/forecasting.md]
//
// With --docs the tables are put into that page, each between its own pair of marks.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { forecastBenchmark, forecasters } from '../../dist/index.js';
import { ensembleTable } from './ensemble-table.mjs';
import { gateTable } from './gate-table.mjs';
import { insideLaddersTable } from './inside-ladders.mjs';
import { intervalTable } from './interval-table.mjs';
import { loadCases } from './load-cases.mjs';
import {
  itemCaseTable,
  methodTable,
  refusalTable,
  tinyTable,
  verdictTable,
} from './method-tables.mjs';
import {
  anchorsTable,
  choiceTable,
  clusteringTable,
  fewerModelsTable,
  samplesTable,
  settingsTable,
} from './sensitivity.mjs';

const { values: options } = parseArgs({
  options: {
    data: {
      type: 'string',
      default: join(import.meta.dirname, '..', '..', '..', 'shared', 'data'),
    },
    replicates: { type: 'string', default: '200' },
    results: { type: 'string' },
    docs: { type: 'string' },
  },
});
const replicates = Number(options.replicates);
const methods = forecasters.map(({ name }) => name);
const { cases, tiny, anchored } = await loadCases(options.data);
const results = [...cases, ...tiny].map((one, index) => {
  if (index % 32 === 0) process.stderr.write(`case ${index} of ${cases.length + tiny.length}\n`);
  const forecast = forecastBenchmark(one.ladder, one.target, { methods, replicates });
  return { ...one, forecast, byMethod: new Map(forecast.methods.map((m) => [m.method, m])) };
});
const publicResults = results.filter(({ source }) => source !== 'tiny-olmo3');
const tinyResults = results.filter(({ source }) => source === 'tiny-olmo3');

const sections = [
  ['Verdict', verdictTable(publicResults, tinyResults)],
  ['Gate, leave one source out', gateTable(publicResults, tinyResults)],
  ['Intervals, leave one source out', intervalTable(publicResults)],
  ['Inside the ladders', insideLaddersTable(cases)],
  ['Every method, mean absolute error in points', methodTable(results, [...methods, 'chosen'])],
  ['Where the verdict is predictable', refusalTable(publicResults, methods)],
  ['Fixed ensembles over all public cases', ensembleTable(publicResults)],
  ['Cases with items', itemCaseTable(publicResults, methods)],
  ['tiny-olmo3', tinyTable(tinyResults)],
  ['Samples a question, tiny-olmo3', samplesTable(tiny)],
  [
    'Ways of clustering, cases with items',
    clusteringTable([...cases, ...tiny].filter((one) => one.perItem)),
  ],
  ['Radius and minimum size', settingsTable([...cases, ...tiny].filter((one) => one.perItem))],
  ['Settings of COD', choiceTable([...cases, ...tiny].filter((one) => one.perItem))],
  ['Anchors', anchorsTable(anchored)],
  ['Fewer ladder models', fewerModelsTable(cases, tiny)],
];
for (const [title, table] of sections) process.stdout.write(`\n### ${title}\n\n${table}\n`);
if (options.docs !== undefined) {
  const page = sections.reduce(
    (text, section) => withTable(text, section),
    readFileSync(options.docs, 'utf8'),
  );
  writeFileSync(options.docs, page);
}
if (options.results !== undefined) {
  const plain = results.map(({ source, kind, task, targetId, truth, forecast }) => ({
    ...{ source, kind, task, target: targetId, truth },
    forecast,
  }));
  writeFileSync(options.results, JSON.stringify(plain));
}

/** The page with one table renewed; a page without its marks is a mistake. */
function withTable(text, [title, table]) {
  const [begin, end] = [`<!-- table: ${title} -->`, `<!-- end: ${title} -->`];
  const [from, to] = [text.indexOf(begin), text.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${options.docs}: no marks for the table "${title}"`);
  return `${text.slice(0, from + begin.length)}\n\n${table}\n\n${text.slice(to)}`;
}
