import type { ForecastedBenchmark, ForecastReport } from '../../jobs/index.ts';
import { fixed, flops, points } from './format.ts';
import { renderTable } from './table.ts';

type Method = ForecastedBenchmark['methods'][number];
type Reach = NonNullable<ForecastedBenchmark['reach']>;
type Comparison = NonNullable<ForecastedBenchmark['against']>;

/** The forecasts in one table, the refused ones with their reason; every method where methods were asked for. */
export function renderForecast(
  report: ForecastReport,
  { showMethods }: { readonly showMethods: boolean },
): string {
  const { benchmarks } = report;
  const refused = benchmarks.filter((one) => !isAnswer(one));
  const sections = [
    renderHead(report),
    countAnswers(benchmarks, ['benchmark', 'benchmarks']),
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

/** `3 of 12 benchmarks can be forecast`. */
export function countAnswers(
  benchmarks: readonly ForecastedBenchmark[],
  [one, many]: readonly [string, string],
): string {
  const { length } = benchmarks;
  const answers = benchmarks.filter(isAnswer).length;
  return `${answers} of ${length} ${length === 1 ? one : many} can be forecast`;
}

function isAnswer(benchmark: ForecastedBenchmark): boolean {
  return chosenIn(benchmark)?.verdict === 'predictable';
}

/** A row a benchmark, the answers first: what is forecast, what it rests on, and the truth where it is known. */
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
    answersFirst(benchmarks).map((benchmark) => {
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

function answersFirst(benchmarks: readonly ForecastedBenchmark[]): ForecastedBenchmark[] {
  return [...benchmarks].sort((a, b) => Number(isAnswer(b)) - Number(isAnswer(a)));
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
      [
        { title: 'FLOPs' },
        { title: 'forecast' },
        { title: 'interval' },
        { title: 'verdict', align: 'left' },
      ],
      curve.map((point) => {
        const [low, high] = point.intervals?.['0.95'] ?? [];
        const range =
          low === undefined || high === undefined ? '–' : `${points(low)} … ${points(high)}`;
        const verdict = point.verdict ?? 'law, inside the ladder';
        return [flops(point.flops), points(point.accuracy), range, verdict];
      }),
    );
    return [`${task} over compute:\n${table}`];
  });
}

function renderReach(benchmarks: readonly ForecastedBenchmark[]): string[] {
  const lines = benchmarks.flatMap(({ task, reach }) => {
    if (reach === null) return [];
    return [`- ${task}: ${points(reach.accuracy)} points${describeReach(reach)}`];
  });
  return lines.length === 0 ? [] : [['Compute that reaches it:', ...lines].join('\n')];
}

/** What a ladder model has reached needs no interval. */
const isReached = /^reached by /;

function describeReach({ flops: at, low, high, reason }: Reach): string {
  if (at === null) return `: ${reason}`;
  if (isReached.test(reason)) return ` ${reason}, ${flops(at)} FLOPs`;
  const from = low === null ? 'below the largest model' : flops(low);
  const to = high === null ? 'beyond what can be said' : flops(high);
  return ` at ${flops(at)} FLOPs (${from} … ${to})`;
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
    ],
    compared.map(({ task, against: { a, b, difference, low, high } }) => [
      ...[task, answered(a), answered(b), points(difference), interval({ low, high })],
    ]),
  );
  const next = compared.flatMap(({ task, against }) => {
    const sentence = describeNextModel(against);
    return sentence === null ? [] : [`- ${task}: ${sentence}`];
  });
  return [
    `Two ladders at equal compute (against − ladder):\n${table}`,
    ...(next.length === 0 ? [] : [['The next model to train:', ...next].join('\n')]),
  ];
}

/** Null where there is no room between ladder and target. */
function describeNextModel({ low, high, narrowing }: Comparison): string | null {
  const [best] = narrowing;
  if (best === undefined || low === null || high === null) return null;
  const model = `${flops(best.flops)} FLOPs in ${best.ladder === 'a' ? 'the ladder' : 'the one against'}`;
  const width = high - low;
  const about = 'the difference’s 95 % interval';
  if (best.width >= width) {
    return `none narrows ${about} of ${points(width)} points, least wide with ${model}`;
  }
  return `${model} would narrow ${about} from ${points(width)} to ${points(best.width)} points`;
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
      positions[one.position ?? 'none'],
    ]),
  );
  return [`${target.checkpoint ?? ''} beside what its ladder expects:\n${table}`];
}

const positions = {
  below: 'BELOW',
  within: 'within',
  above: 'ABOVE',
  none: 'not predictable',
} as const;

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
