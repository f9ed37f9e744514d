import { UserError } from '../../error/index.ts';
import type { OutcomeChoice } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { optionalList, optionalText } from '../options.ts';
import { renderComparison, renderPredictedComparison } from '../render/compare-table.ts';
import { addTasksOption } from './shared-options.ts';
import { addSourceOptions, readSourceOptions } from './source-options.ts';

export const compareCommand: CommandDefinition = {
  usage: 'compare <a> <b>',
  summary: 'two checkpoints on the same questions: b less a per task, with interval and p-value',
  configure: (command) => {
    addSourceOptions(addTasksOption(command))
      .option(
        '--suite <suite>',
        'only this suite: its folder, its name in the store, or as outcome records name it',
      )
      .option('--probe <name>', 'compare what a fitted probe predicts, instead of outcomes');
  },
  run: async ([a = '', b = ''], options, session) => {
    const { compare, comparePredicted } = await import('../../jobs/index.ts');
    const suite = optionalText(options, 'suite');
    const tasks = optionalList(options, 'tasks');
    const probe = optionalText(options, 'probe');
    if (probe !== null) {
      refuseSource(readSourceOptions(options));
      const request = { a, b, probe, suite, tasks };
      const predicted = await comparePredicted(await session.store(), request, session);
      return { json: predicted, text: () => renderPredictedComparison(predicted) };
    }
    const report = await compare(
      await session.store(),
      {
        ...{ a, b, suite, tasks },
        ...readSourceOptions(options),
      },
      session,
    );
    return { json: report, text: () => renderComparison(report) };
  },
};

/** Predictions are compared without looking at any outcome. */
function refuseSource({ source, filter, temperature, topP }: OutcomeChoice): void {
  const given = { source, filter, temperature, 'top-p': topP };
  const [option] = Object.entries(given).find(([, value]) => value !== null) ?? [];
  if (option === undefined) return;
  throw new UserError(
    `--${option}: expected no choice of outcomes with --probe, which compares predictions; leave one of the two out`,
  );
}
