import type {
  ForecastsReport,
  ListedBenchmark,
  ListedForecast,
  ScoreSummary,
} from '../../jobs/index.ts';
import { fixed, flops, points } from './format.ts';
import { renderTable } from './table.ts';

/** The frozen forecasts with marks in words: covered, missed, changed, or still open. */
export function renderForecasts({ forecasts, summary }: ForecastsReport): string {
  const rows = forecasts.flatMap((one) =>
    one.benchmarks.length === 0 ? [emptyRow(one)] : benchmarkRows(one),
  );
  const table = renderTable(
    [
      { title: 'forecast', align: 'left' },
      { title: 'made', align: 'left' },
      { title: 'suite', align: 'left' },
      { title: 'target', align: 'left' },
      { title: 'task', align: 'left' },
      { title: 'verdict', align: 'left' },
      { title: 'forecast' },
      { title: '95 % interval' },
      { title: 'measured' },
      { title: 'error' },
      { title: '', align: 'left' },
    ],
    rows,
  );
  const changed =
    summary.changed === 0
      ? []
      : [`${summary.changed} of ${summary.forecasts} CHANGED since frozen: not scored`];
  return [table, renderScores(summary), ...changed].join('\n\n');
}

function nameCells({ id, createdAt, suite, target }: ListedForecast): string[] {
  const of = target === null ? '?' : (target.checkpoint ?? `${flops(target.flops)} FLOPs`);
  return [id, createdAt?.slice(0, 10) ?? '?', suite ?? '?', of];
}

function emptyRow(one: ListedForecast): string[] {
  return [...nameCells(one), '', '', '', '', '', '', one.changed ? 'CHANGED' : ''];
}

function benchmarkRows(one: ListedForecast): string[][] {
  return one.benchmarks.map((benchmark) => {
    const { task, verdict, accuracy, low, high, errorPoints } = benchmark;
    const interval = low === null || high === null ? '–' : `${points(low)} … ${points(high)}`;
    const error = errorPoints === null ? '–' : signed(errorPoints);
    return [
      ...nameCells(one),
      ...[task, verdict ?? '', points(accuracy), interval, measuredOn(benchmark), error],
      markOf(one, benchmark),
    ];
  });
}

/** Where the truth is not of all the forecast's items, of how many. */
function measuredOn({ measured, measuredItems, expectedItems }: ListedBenchmark): string {
  if (measured === null || measuredItems === expectedItems) return points(measured);
  const of = measuredItems === 0 ? 'whole task' : `${measuredItems} of ${expectedItems} items`;
  return `${points(measured)} (${of})`;
}

function markOf(one: ListedForecast, { measured, covered }: ListedBenchmark): string {
  if (one.changed) return 'CHANGED';
  if (one.note !== null) return 'OTHER COMPUTE';
  if (covered !== null) return covered ? 'covered' : 'MISSED';
  return measured === null ? 'open' : '–';
}

function renderScores({ scored, predictable, notPredictable }: ForecastsReport['summary']): string {
  if (scored.benchmarks === 0) return 'no target has been measured yet';
  const row = (name: string, summary: ScoreSummary): string[] => [
    name,
    `${summary.benchmarks}`,
    fixed(summary.meanAbsErrorPoints, 1),
    fixed(summary.maxAbsErrorPoints, 1),
    points(summary.coverage, 0),
    points(summary.coverage80, 0),
  ];
  return renderTable(
    [
      { title: 'scored', align: 'left' },
      { title: 'benchmarks' },
      { title: 'mean |error|' },
      { title: 'max' },
      { title: '95 % covers' },
      { title: '80 % covers' },
    ],
    [row('all', scored), row('predictable', predictable), row('not predictable', notPredictable)],
  );
}

function signed(value: number): string {
  return `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(1)}`;
}
