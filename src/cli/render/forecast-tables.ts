import type { ForecastedBenchmark, ForecastReport } from '../../jobs/index.ts';
import { fixed, flops, points } from './format.ts';
import { renderTable } from './table.ts';

type Method = ForecastedBenchmark['methods'][number];

/** The forecasts in one table, the refused ones with their reason; every method where methods were asked for. */
export function renderForecast(
  report: ForecastReport,
  { showMethods }: { readonly showMethods: boolean },
): string {
  const { benchmarks } = report;
  const refused = benchmarks.filter((one) => chosenIn(one)?.verdict !== 'predictable');
  const sections = [
    renderHead(report),
    renderBenchmarks(benchmarks),
    ...(refused.length === 0 ? [] : [renderRefused(refused)]),
    ...(showMethods ? benchmarks.map(renderMethods) : []),
    ...renderCurves(benchmarks),
    ...renderReach(benchmarks),
    ...renderAgainst(benchmarks),
    ...renderMonitoring(report),
    `frozen as ${report.id}, ${report.createdAt}`,
  ];
  return sections.join('\n\n');
}

function renderHead({ suite, target, ladder }: ForecastReport): string {
  const of = target.checkpoint === null ? '' : `${target.checkpoint} at `;
  const models = ladder.map(({ checkpoint }) => checkpoint).join(', ');
  return `${suite}: ${of}${flops(target.flops)} FLOPs, from ${ladder.length} models: ${models}\naccuracies in points, intervals 95 %`;
}

/** A row a benchmark: what is forecast, what it rests on, and the truth where it is known. */
export function renderBenchmarks(benchmarks: readonly ForecastedBenchmark[]): string {
  return renderTable(
    [
      { title: 'task', align: 'left' },
      { title: 'items' },
      { title: 'verdict', align: 'left' },
      { title: 'forecast' },
      { title: 'interval' },
      { title: 'last value' },
      { title: 'compute ×' },
      { title: 'back-test error' },
      { title: 'measured' },
    ],
    benchmarks.map((benchmark) => {
      const { task, items, ladder, evidence, measured } = benchmark;
      const chosen = chosenIn(benchmark);
      return [
        task,
        items === 0 ? '–' : `${items}`,
        chosen?.verdict ?? '',
        points(chosen?.accuracy ?? null),
        interval(chosen ?? null),
        points(ladder.at(-1)?.accuracy ?? null),
        fixed(evidence.extrapolation, 1),
        fixed(evidence.backtestPoints, 1),
        points(measured),
      ];
    }),
  );
}

function renderRefused(benchmarks: readonly ForecastedBenchmark[]): string {
  const lines = benchmarks.map(
    (benchmark) => `- ${benchmark.task}: ${chosenIn(benchmark)?.reason ?? ''}`,
  );
  return ['Not predictable (the numbers above are no answer):', ...lines].join('\n');
}

function renderMethods({ task, methods, chosen }: ForecastedBenchmark): string {
  const table = renderTable(
    [
      { title: 'method', align: 'left' },
      { title: 'forecast' },
      { title: 'interval' },
      { title: 'verdict', align: 'left' },
      { title: 'items that follow a law' },
      { title: 'reason', align: 'left' },
    ],
    methods.map((one) => [
      one.method === 'chosen' ? `chosen (${chosen})` : one.method,
      points(one.accuracy),
      interval(one),
      one.verdict,
      one.predictableShare === null ? '–' : `${points(one.predictableShare, 0)} %`,
      one.reason,
    ]),
  );
  return `${task}:\n${table}`;
}

function renderCurves(benchmarks: readonly ForecastedBenchmark[]): string[] {
  return benchmarks.flatMap(({ task, curve }) => {
    if (curve === null) return [];
    const table = renderTable(
      [{ title: 'FLOPs' }, { title: 'forecast' }, { title: 'interval' }],
      curve.map((point) => {
        const [low, high] = point.intervals?.['0.95'] ?? [];
        const interval =
          low === undefined || high === undefined
            ? 'law, inside the ladder'
            : `${points(low)} … ${points(high)}`;
        return [flops(point.flops), points(point.accuracy), interval];
      }),
    );
    return [`${task} over compute:\n${table}`];
  });
}

function renderReach(benchmarks: readonly ForecastedBenchmark[]): string[] {
  const lines = benchmarks.flatMap(({ task, reach }) => {
    if (reach === null) return [];
    const wanted = `${points(reach.accuracy)} points`;
    if (reach.flops === null) return [`- ${task}: ${wanted}: ${reach.reason}`];
    return [
      `- ${task}: ${wanted} at ${flops(reach.flops)} FLOPs (${flops(reach.low)} … ${reach.high === null ? 'beyond what can be said' : flops(reach.high)})`,
    ];
  });
  return lines.length === 0 ? [] : [['Compute that reaches it:', ...lines].join('\n')];
}

function renderAgainst(benchmarks: readonly ForecastedBenchmark[]): string[] {
  const compared = benchmarks.flatMap(({ task, against }) =>
    against === null ? [] : [{ task, against }],
  );
  if (compared.length === 0) return [];
  const table = renderTable(
    [
      { title: 'task', align: 'left' },
      { title: 'ladder' },
      { title: 'against' },
      { title: 'difference' },
      { title: 'interval' },
      { title: 'the next model to train', align: 'left' },
    ],
    compared.map(({ task, against: { a, b, difference, low, high, narrowing } }) => {
      const [best] = narrowing;
      const next =
        best === undefined
          ? '–'
          : `${flops(best.flops)} FLOPs ${best.ladder === 'a' ? 'in the ladder' : 'in the one against'}: interval ${points(best.width)} wide`;
      const range = interval({ low, high });
      return [task, answered(a), answered(b), points(difference), range, next];
    }),
  );
  return [`Two ladders at equal compute (against − ladder):\n${table}`];
}

function renderMonitoring({ benchmarks, target }: ForecastReport): string[] {
  const known = benchmarks.flatMap(({ task, monitoring }) =>
    monitoring === null ? [] : [{ task, ...monitoring }],
  );
  if (known.length === 0) return [];
  const table = renderTable(
    [
      { title: 'task', align: 'left' },
      { title: 'measured' },
      { title: 'probed' },
      { title: 'expected' },
      { title: 'interval' },
      { title: '', align: 'left' },
    ],
    known.map((one) => [
      one.task,
      points(one.measured),
      points(one.probed),
      points(one.expected),
      interval(one),
      one.position === 'within' ? 'within' : one.position.toUpperCase(),
    ]),
  );
  return [`${target.checkpoint ?? ''} beside what its ladder expects:\n${table}`];
}

/** A number that Sonde does not stand behind is marked. */
function answered({ accuracy, verdict }: Method): string {
  return verdict === 'predictable' ? points(accuracy) : `not predictable (${points(accuracy)})`;
}

function interval(one: Pick<Method, 'low' | 'high'> | null): string {
  if (one?.low == null || one.high === null) return '–';
  return `${points(one.low)} … ${points(one.high)}`;
}

function chosenIn({ methods }: ForecastedBenchmark): Method | undefined {
  return methods.find(({ method }) => method === 'chosen');
}
