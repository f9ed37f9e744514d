import type { ComparedTask, CompareReport, PredictedReport } from '../../jobs/index.ts';
import { points } from './format.ts';
import { type Column, renderTable } from './table.ts';
import { withoutControlCharacters } from './terminal-text.ts';

/** Both checkpoints by name, one row a task, and what the columns mean. */
export function renderComparison(report: CompareReport): string {
  const { a, b, tasks, paired } = report;
  const optional = optionalColumns(tasks);
  const hasFlips = tasks.some(({ won }) => won !== null);
  const columns: Column[] = [
    { title: 'task', align: 'left' },
    ...optional.map(({ title }): Column => ({ title, align: 'left' })),
    ...(paired ? [{ title: 'items' }] : [{ title: 'items a' }, { title: 'items b' }]),
    { title: 'a' },
    { title: 'b' },
    { title: 'b − a' },
    { title: `${points(report.level, 0)} % interval` },
    { title: 'p' },
    { title: 'Holm p' },
    { title: 'FDR p' },
    { title: 'detectable' },
    ...(hasFlips ? [{ title: 'won' }, { title: 'lost' }] : []),
  ];
  const rows = tasks.map((task) => [
    task.task,
    ...optional.map(({ textOf }) => textOf(task)),
    ...(paired ? [`${task.items}`] : [wholeOr(task.itemsA), wholeOr(task.itemsB)]),
    points(task.a),
    points(task.b),
    signed(task.difference),
    task.low === null || task.high === null ? '–' : `[${signed(task.low)}, ${signed(task.high)}]`,
    probability(task.p),
    probability(task.adjustedP),
    probability(task.fdrP),
    points(task.minimalDetectableEffect),
    ...(hasFlips ? [`${task.won ?? 0}`, `${task.lost ?? 0}`] : []),
  ]);
  return [
    `a: ${withoutControlCharacters(a)}`,
    `b: ${withoutControlCharacters(b)}`,
    '',
    renderTable(columns, rows),
    '',
    ...legend(report, hasFlips),
    ...renderFlips(report),
  ].join('\n');
}

const tests: Readonly<Record<ComparedTask['test'], string>> = {
  mcnemar: 'McNemar’s exact test',
  'sign-flip': 'the exact sign-flip test',
  t: 'Student’s t test',
  welch: 'Welch’s t test',
};

function legend({ tasks, paired, across }: CompareReport, hasFlips: boolean): string[] {
  const used = [...new Set(tasks.map(({ test }) => tests[test]))].join(', ');
  return [
    `in points; p by ${used}; adjusted for the number of tasks by Holm, and by Benjamini and Hochberg (FDR)`,
    'detectable: the true difference that 8 of 10 comparisons like this would find',
    ...(hasFlips ? ['won, lost: questions that b answers better, and worse, than a'] : []),
    ...(paired ? [] : ['unpaired: each on whichever questions it was asked']),
    ...(across.length === 0 ? [] : [`joined across: ${across.join(', ')}`]),
  ];
}

function renderFlips({ flips }: CompareReport): string[] {
  if (flips.length === 0) return [];
  const suites = new Set(flips.map(({ suite }) => suite)).size > 1;
  const columns: Column[] = [
    ...(suites ? [{ title: 'suite', align: 'left' as const }] : []),
    { title: 'task', align: 'left' },
    { title: 'item', align: 'left' },
    { title: 'a' },
    { title: 'b' },
    { title: 'b − a' },
  ];
  const rows = flips.map(({ suite, task, item, a, b, difference }) => [
    ...(suites ? [suite] : []),
    ...[task, item, points(a), points(b), signed(difference)],
  ]);
  return ['', 'questions that changed most:', renderTable(columns, rows)];
}

/** 0: a result of the whole task. */
function wholeOr(items: number): string {
  return items === 0 ? 'whole' : `${items}`;
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
