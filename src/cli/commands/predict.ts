import type { CommandDefinition } from '../command.ts';
import { oneOf } from '../option-parsers.ts';
import { optionalFlag, optionalList, optionalText, requiredText, textOption } from '../options.ts';
import { renderPrediction } from '../render/prediction.ts';
import { addDeviceOption, addPassOptions, withPassLimits } from './pass-options.ts';
import { addPrecisionOption, addTasksOption, readPrecision } from './shared-options.ts';
import { addAcrossOption, addSourceOptions, readSourceOptions } from './source-options.ts';

const REFIT = ['none', 'prior'] as const;

export const predictCommand: CommandDefinition = {
  usage: 'predict <checkpoint...>',
  summary: 'predicted pass@1 per item and task, beside the baselines',
  configure: (command) => {
    addDeviceOption(
      addPassOptions(
        addPrecisionOption(addAcrossOption(addSourceOptions(addTasksOption(command)))),
      ),
    )
      .requiredOption('--probe <name>', 'a fitted probe')
      .option('--use-labels', 'correct the prediction with outcomes of the scored checkpoint')
      .option(
        '--refit <how>',
        'with --use-labels, probabilities of single questions: none, or prior (refit to the labels, held back towards the probe; the default)',
        oneOf('--refit', REFIT),
      )
      .option(
        '--items-out <file>',
        'write {suite, task, item, checkpoint, p} for every item as JSONL',
      );
  },
  run: async (checkpoints, options, session) => {
    const { predict } = await import('../../jobs/index.ts');
    const itemsOut = optionalText(options, 'itemsOut');
    const choice = readSourceOptions(options);
    const predictions = await predict(
      await session.store(),
      {
        checkpoints,
        ...choice,
        probe: requiredText(options, 'probe'),
        tasks: optionalList(options, 'tasks'),
        precision: readPrecision(options),
        useLabels: optionalFlag(options, 'useLabels'),
        ...(options['refit'] === undefined ? {} : { refit: textOption(options, 'refit', REFIT) }),
        itemsOut: itemsOut === null ? null : session.resolve(itemsOut),
      },
      withPassLimits(options, session),
    );
    return {
      json: { checkpoints: predictions, across: choice.across },
      text: () => predictions.map(renderPrediction).join('\n\n'),
    };
  },
};
