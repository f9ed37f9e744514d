// The ladders' own models forecast from those with less compute: targets that the gate and the intervals were not tuned on.
import { forecastBenchmark, subLadder } from '../../dist/index.js';
import { verdictHead, verdictRow } from './method-tables.mjs';
import { markdown } from './table-format.mjs';

export function insideLaddersTable(cases) {
  const results = distinctLadders(cases).flatMap(({ ladder, source }) =>
    ladder.models.flatMap((target, index) => {
      const smaller = ladder.models.flatMap(({ flops }, at) => (flops < target.flops ? [at] : []));
      if (smaller.length < 4) return [];
      const forecast = forecastBenchmark(subLadder(ladder, smaller), target, {
        methods: ['last-value'],
        replicates: 50,
      });
      const byMethod = new Map(forecast.methods.map((method) => [method.method, method]));
      return [{ source, models: smaller.length, truth: ladder.accuracy[index], byMethod }];
    }),
  );
  const ofSource = (source) => results.filter((result) => result.source === source);
  return markdown(
    verdictHead,
    [
      ['Pythia arithmetic', ofSource('pythia-arithmetic')],
      ['Pythia evals', ofSource('pythia-evals')],
      ['OLMo ladder', ofSource('olmo-ladder')],
      ['four models', results.filter(({ models }) => models === 4)],
      ['five to seven models', results.filter(({ models }) => models > 4 && models < 8)],
      ['eight and more', results.filter(({ models }) => models >= 8)],
    ].map(([name, list]) => verdictRow(name, list)),
  );
}

/** Several cases share a ladder; of two of one benchmark the longer holds the other. */
function distinctLadders(cases) {
  const longest = new Map();
  for (const one of cases) {
    const { suite, task, models } = one.ladder;
    const key = JSON.stringify([suite, task, models[0].checkpoint]);
    const known = longest.get(key);
    if (known === undefined || known.ladder.models.length < models.length) longest.set(key, one);
  }
  return [...longest.values()];
}
