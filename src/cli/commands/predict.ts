import type { CommandDefinition } from '../command.ts';
import { optionalFlag, optionalList, optionalText, requiredText } from '../options.ts';
import { renderPrediction } from '../render/prediction.ts';
import { addTasksOption } from './shared-options.ts';
import { addSourceOptions, readSourceOptions } from './source-options.ts';

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
