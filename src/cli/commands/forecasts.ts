import type { CommandDefinition } from '../command.ts';
import { optionalList, optionalText } from '../options.ts';
import { renderForecasts } from '../render/forecasts-table.ts';
import { addTasksOption } from './shared-options.ts';

export const forecastsCommand: CommandDefinition = {
  usage: 'forecasts',
  summary: 'the frozen forecasts, scored where the truth has come',
  configure: (command) => {
    addTasksOption(command).option('--suite <suite>', 'only this suite');
  },
  run: async (_positional, options, session) => {
    const { forecasts } = await import('../../jobs/index.ts');
    const report = await forecasts(
      await session.store(),
      { suite: optionalText(options, 'suite'), tasks: optionalList(options, 'tasks') },
      session,
    );
    if (report.forecasts.length === 0) {
      const text = (): string =>
        `no frozen forecast in ${session.storeDir} yet: sonde forecast --suite S --ladder A,B,C,D --target-flops F`;
      return { json: report, text };
    }
    return { json: report, text: () => renderForecasts(report) };
  },
};
