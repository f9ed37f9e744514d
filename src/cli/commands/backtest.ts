import type { CommandDefinition } from '../command.ts';
import { commaList, wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalList } from '../options.ts';
import { renderBacktest } from '../render/backtest-tables.ts';
import { addLadderOptions, readLadderOptions } from './ladder-options.ts';

export const backtestCommand: CommandDefinition = {
  usage: 'backtest',
  summary: 'every forecasting method on targets whose truth is known',
  configure: (command) => {
    addLadderOptions(command)
      .option(
        '--targets <ids>',
        'forecast these, each from the models with less compute (default: models with four below)',
        commaList('--targets'),
      )
      .option(
        '--drop-largest <n>',
        'forecast without so many of the largest models',
        wholeNumber('--drop-largest', { min: 0 }),
        0,
      );
  },
  run: async (_positional, options, session) => {
    const { backtest } = await import('../../jobs/index.ts');
    const report = await backtest(
      await session.store(),
      {
        ...readLadderOptions(options),
        targets: optionalList(options, 'targets'),
        dropLargest: numberOption(options, 'dropLargest'),
      },
      session,
    );
    return { json: report, text: () => renderBacktest(report) };
  },
};
