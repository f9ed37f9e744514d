import type { CheckpointPrediction, TaskPrediction } from '../../jobs/index.ts';
import { duration, points } from './format.ts';
import { renderTable } from './table.ts';

/** A checkpoint's tasks; those corrected by labels in a table of their own, beside what the labels alone say. */
export function renderPrediction({ checkpoint, probe, tasks }: CheckpointPrediction): string {
  const corrected = tasks.filter(({ labels }) => labels !== null);
  const others = tasks.filter(({ labels }) => labels === null);
  const methods = [...new Set(tasks.map((task) => task.method))];
  return [
    `${checkpoint}, probe ${probe}, pass@1 in points`,
    ...(corrected.length === 0 ? [] : [renderCorrected(corrected), ...describeSaved(corrected)]),
    ...(others.length === 0 ? [] : [renderPredicted(others)]),
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
    ]),
  );
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
