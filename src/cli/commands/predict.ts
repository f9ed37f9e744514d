import type { CheckpointPrediction } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { optionalFlag, optionalText, requiredText } from '../options.ts';
import { points } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { addTasksOption } from './shared-options.ts';
import { addSourceOptions, readSourceOptions } from './source-options.ts';
import { optionalList } from '../options.ts';

export const predictCommand: CommandDefinition = {
  usage: 'predict <checkpoint...>',
  summary: 'predicted pass@1 per item and task, beside the baselines',
  configure: (command) => {
    addSourceOptions(addTasksOption(command))
      .requiredOption('--probe <name>', 'a fitted probe')
      .option('--use-labels', 'correct the prediction with outcomes of the scored checkpoint')
      .option(
        '--items-out <file>',
        'write {suite, task, item, checkpoint, p} for every item as JSONL',
      );
  },
  run: async (checkpoints, options, session) => {
    const { predict } = await import('../../jobs/index.ts');
    const itemsOut = optionalText(options, 'itemsOut');
    const predictions = await predict(
      await session.store(),
      {
        checkpoints,
        ...readSourceOptions(options),
        probe: requiredText(options, 'probe'),
        tasks: optionalList(options, 'tasks'),
        useLabels: optionalFlag(options, 'useLabels'),
        itemsOut: itemsOut === null ? null : session.resolve(itemsOut),
      },
      session,
    );
    return {
      json: { checkpoints: predictions },
      text: () => predictions.map(renderPrediction).join('\n\n'),
    };
  },
};

function renderPrediction({ checkpoint, probe, tasks }: CheckpointPrediction): string {
  const table = renderTable(
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
      `${points(task.low)} … ${points(task.high)}`,
      points(task.measured),
      points(task.baselines['persistence'] ?? null),
      points(task.baselines['trend'] ?? null),
      task.status,
    ]),
  );
  const methods = [...new Set(tasks.map((task) => task.method))].join('; ');
  return `${checkpoint}, probe ${probe}, pass@1 in points\n\n${table}\n\n${methods}`;
}
