import type { BacktestReport, BacktestSummary } from '../../jobs/index.ts';
import { fixed, points } from './format.ts';
import { renderTable } from './table.ts';

/** Methods by their mean error, then how good the verdict of the chosen answer is. */
export function renderBacktest({ suite, targets, summary }: BacktestReport): string {
  const cases = targets.reduce((sum, { benchmarks }) => sum + benchmarks.length, 0);
  const ids = targets.map(({ checkpoint }) => checkpoint).join(', ');
  const head = `${suite}: ${cases} forecast${cases === 1 ? '' : 's'} of ${ids}, each from the models with less compute\nerrors in points`;
  const sorted = [...summary].sort((a, b) => errorOf(a) - errorOf(b));
  const chosen = summary.find(({ method }) => method === 'chosen');
  const quality = chosen === undefined ? [] : [renderVerdicts(chosen)];
  return [head, renderMethods(sorted), ...quality].join('\n\n');
}

function errorOf({ meanAbsErrorPoints }: BacktestSummary): number {
  return meanAbsErrorPoints ?? Number.POSITIVE_INFINITY;
}

function renderMethods(summary: readonly BacktestSummary[]): string {
  return renderTable(
    [
      { title: 'method', align: 'left' },
      { title: 'forecasts' },
      { title: 'mean |error|' },
      { title: 'max' },
      { title: '95 % covers' },
      { title: '80 % covers' },
      { title: 'predictable' },
      { title: 'mean |error| there' },
    ],
    summary.map((one) => [
      one.method,
      `${one.benchmarks}`,
      fixed(one.meanAbsErrorPoints, 2),
      fixed(one.maxAbsErrorPoints, 1),
      points(one.coverage, 0),
      points(one.coverage80, 0),
      `${one.predictable}`,
      fixed(one.meanAbsErrorPointsPredictable, 2),
    ]),
  );
}

function renderVerdicts(chosen: BacktestSummary): string {
  const { predictable, benchmarks } = chosen;
  const said = (count: number, error: number | null): string =>
    count === 0 ? 'none' : `${count}, mean |error| ${fixed(error, 2)}`;
  return [
    'The chosen answer’s verdict:',
    `- predictable: ${said(predictable, chosen.meanAbsErrorPointsPredictable)}`,
    `- not predictable: ${said(benchmarks - predictable, chosen.meanAbsErrorPointsNotPredictable)}`,
  ].join('\n');
}
