import type { CheckpointPrediction, TaskPrediction } from '../../jobs/index.ts';
import { duration, points } from './format.ts';
import { renderTable } from './table.ts';
import { withoutControlCharacters } from './terminal-text.ts';

/** A checkpoint's tasks; those corrected by labels in a table of their own, beside what the labels alone say. */
export function renderPrediction({ checkpoint, probe, tasks }: CheckpointPrediction): string {
  const corrected = tasks.filter(({ labels }) => labels !== null);
  const others = tasks.filter(({ labels }) => labels === null);
  const methods = [...new Set(tasks.map((task) => task.method))];
  return [
    `${checkpoint}, probe ${probe}, pass@1 in points`,
    ...(corrected.length === 0 ? [] : [renderCorrected(corrected), ...describeSaved(corrected)]),
    ...(others.length === 0 ? [] : [renderPredicted(others)]),
    ...describeReasons(tasks),
    ...describeRemeasure(tasks),
    // One sentence a line where tasks differ.
    methods.join(methods.length > 1 ? '\n' : ''),
  ].join('\n\n');
}

function renderPredicted(tasks: readonly TaskPrediction[]): string {
  return renderTable(
    [
      { title: 'task', align: 'left' },
      { title: 'items' },
      { title: 'predicted' },
      { title: '90 % interval' },
      { title: 'measured' },
      { title: 'persistence' },
      { title: 'trend' },
      { title: 'status', align: 'left' },
      { title: 'labels' },
    ],
    tasks.map((task) => [
      task.task,
      `${task.items}`,
      points(task.predicted),
      interval(task),
      points(task.measured),
      points(task.baselines['persistence'] ?? null),
      points(task.baselines['trend'] ?? null),
      task.status,
      task.remeasure?.advised === true ? labelCount(task.remeasure.labels) : '',
    ]),
  );
}

function labelCount(labels: number | null): string {
  return labels === null ? '–' : `${labels}`;
}

/** Why tasks are not ok: one line a reason, with the tasks that have it. */
function describeReasons(tasks: readonly TaskPrediction[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { task, status, reason } of tasks) {
    if (reason === null) continue;
    const said = `${status}: ${reason}`;
    byReason.set(said, [...(byReason.get(said) ?? []), task]);
  }
  const lines = [...byReason].map(([said, names]) => `${said} (${names.join(', ')})`);
  return lines.length === 0 ? [] : [lines.map(withoutControlCharacters).join('\n')];
}

/** What labels would make of the tasks that should be measured again. */
function describeRemeasure(tasks: readonly TaskPrediction[]): string[] {
  const advised = tasks.flatMap(({ remeasure }) => (remeasure?.advised === true ? remeasure : []));
  const [first] = advised;
  if (first === undefined) return [];
  const half = `±${points(first.width / 2, 0)} points`;
  const known = advised.flatMap(({ labels }) => labels ?? []);
  const total = known.reduce((sum, labels) => sum + labels, 0);
  const said =
    known.length === 0
      ? `re-measure: not even labels of all questions bring it to ${half}; take more answers a question`
      : advised.length === 1
        ? `re-measure: ${total} labels bring it to ${half}`
        : `re-measure: ${total} labels in ${known.length} tasks bring each to ${half} (column labels)`;
  const when = `advised where the status is not ok or the interval is wider than ±${points(first.widest / 2, 0)}`;
  return [`${said}; ${when}`];
}

function renderCorrected(tasks: readonly TaskPrediction[]): string {
  return renderTable(
    [
      { title: 'task', align: 'left' },
      { title: 'items' },
      { title: 'labelled' },
      { title: 'predicted' },
      { title: '90 % interval' },
      { title: 'labels alone' },
      { title: '90 % interval' },
      { title: 'worth labels' },
      { title: 'status', align: 'left' },
    ],
    tasks.flatMap(({ labels, ...task }) => {
      if (labels === null) return [];
      const { equivalentLabels } = labels;
      return [
        [
          task.task,
          `${task.items}`,
          `${labels.labelled}`,
          points(task.predicted),
          interval(task),
          points(labels.plain.estimate),
          interval(labels.plain),
          equivalentLabels === null ? '–' : equivalentLabels.toFixed(0),
          task.status,
        ],
      ];
    }),
  );
}

function interval({ low, high }: { readonly low: number; readonly high: number }): string {
  return `${points(low)} … ${points(high)}`;
}

/** Time saved over the tasks where it is known. */
function describeSaved(tasks: readonly TaskPrediction[]): string[] {
  const known = tasks.flatMap(({ labels }) => labels?.generationSecondsSaved ?? []);
  const worth = 'worth labels: labels that give their mean alone an interval as short';
  if (known.length === 0) return [worth];
  const seconds = known.reduce((sum, value) => sum + value, 0);
  const of = known.length === tasks.length ? '' : ` (${known.length} of ${tasks.length} tasks)`;
  return [`${worth}\nsampling saved: about ${duration(seconds)}${of}`];
}
