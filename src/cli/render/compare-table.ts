import type { ComparedTask, CompareReport, PredictedReport } from '../../jobs/index.ts';
import { points } from './format.ts';
import { type Column, renderTable } from './table.ts';
import { withoutControlCharacters } from './terminal-text.ts';

/** Both checkpoints by name, one row a task, and what the columns mean. */
export function renderComparison(report: CompareReport): string {
  const { a, b, tasks } = report;
  const optional = optionalColumns(tasks);
  const columns: Column[] = [
    { title: 'task', align: 'left' },
    ...optional.map(({ title }): Column => ({ title, align: 'left' })),
    { title: 'items' },
    { title: 'a' },
    { title: 'b' },
    { title: 'b − a' },
    { title: `${points(report.level, 0)} % interval` },
    { title: 'p' },
    { title: 'adjusted p' },
    { title: 'detectable' },
  ];
  const rows = tasks.map((task) => [
    task.task,
    ...optional.map(({ textOf }) => textOf(task)),
    `${task.items}`,
    points(task.a),
    points(task.b),
    signed(task.difference),
    task.low === null || task.high === null ? '–' : `[${signed(task.low)}, ${signed(task.high)}]`,
    probability(task.p),
    probability(task.adjustedP),
    points(task.minimalDetectableEffect),
  ]);
  return [
    `a: ${withoutControlCharacters(a)}`,
    `b: ${withoutControlCharacters(b)}`,
    '',
    renderTable(columns, rows),
    '',
    'in points; p adjusted for the number of tasks (Holm)',
    'detectable: the true difference that 8 of 10 comparisons like this would find',
  ].join('\n');
}

/** As `renderComparison`, of predicted accuracies. */
export function renderPredictedComparison(report: PredictedReport): string {
  return `predicted by probe ${report.probe}\n${renderComparison(report)}\n\n${report.method}`;
}

type OptionalColumn = {
  readonly title: string;
  readonly textOf: (task: ComparedTask) => string;
};

/** What is the same for all rows is no column. */
function optionalColumns(tasks: readonly ComparedTask[]): readonly OptionalColumn[] {
  const columns: readonly OptionalColumn[] = [
    { title: 'suite', textOf: ({ suite }) => suite },
    { title: 'filter', textOf: ({ filter }) => filter ?? '' },
    { title: 'kind', textOf: ({ kind }) => kind },
  ];
  return columns.filter(({ textOf }) => new Set(tasks.map(textOf)).size > 1);
}

/** A difference in points with its sign; a rounded zero has none. */
function signed(share: number): string {
  const text = points(Math.abs(share));
  if (Number(text) === 0) return text;
  return `${share < 0 ? '−' : '+'}${text}`;
}

function probability(p: number): string {
  return p < 0.001 ? '<0.001' : p.toFixed(3);
}
