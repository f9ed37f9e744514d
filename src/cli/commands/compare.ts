import { UserError } from '../../error/index.ts';
import type { OutcomeChoice } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalFlag, optionalList, optionalText } from '../options.ts';
import { renderComparison, renderPredictedComparison } from '../render/compare-table.ts';
import { addTasksOption } from './shared-options.ts';
import { addAcrossOption, addSourceOptions, readSourceOptions } from './source-options.ts';

export const compareCommand: CommandDefinition = {
  usage: 'compare <a> <b>',
  summary: 'two checkpoints on the same questions: b less a per task, with interval and p-value',
  configure: (command) => {
    addAcrossOption(addSourceOptions(addTasksOption(command)))
      .option(
        '--suite <suite>',
        'only this suite: its folder, its name in the store, or as outcome records name it',
      )
      .option('--probe <name>', 'compare what a fitted probe predicts, instead of outcomes')
      .option(
        '--unpaired',
        'compare whichever questions each was asked, and results of whole tasks (Welch)',
      )
      .option(
        '--flips <n>',
        'list so many of the questions that changed most',
        wholeNumber('--flips', { min: 0, max: 100_000 }),
        0,
      );
  },
  run: async ([a = '', b = ''], options, session) => {
    const { compare, comparePredicted } = await import('../../jobs/index.ts');
    const suite = optionalText(options, 'suite');
    const tasks = optionalList(options, 'tasks');
    const probe = optionalText(options, 'probe');
    if (probe !== null) {
      refuseSource(readSourceOptions(options));
      refuseOutcomesOnly(options);
      const request = { a, b, probe, suite, tasks };
      const predicted = await comparePredicted(await session.store(), request, session);
      return { json: predicted, text: () => renderPredictedComparison(predicted) };
    }
    const report = await compare(
      await session.store(),
      {
        ...{ a, b, suite, tasks },
        ...readSourceOptions(options),
        unpaired: optionalFlag(options, 'unpaired'),
        flips: numberOption(options, 'flips'),
      },
      session,
    );
    return { json: report, text: () => renderComparison(report) };
  },
};

/** Predictions are compared without looking at any outcome. */
function refuseSource(choice: OutcomeChoice): void {
  const { source, filter, temperature, topP, fewShot, chatTemplate } = choice;
  const across = choice.across.length === 0 ? null : choice.across;
  const given = {
    ...{ source, filter, temperature, 'top-p': topP, 'few-shot': fewShot },
    ...{ 'chat-template': chatTemplate, across },
  };
  const [option] = Object.entries(given).find(([, value]) => value !== null) ?? [];
  if (option === undefined) return;
  throw new UserError(
    `--${option}: expected no choice of outcomes with --probe, which compares predictions; leave one of the two out`,
  );
}

function refuseOutcomesOnly(options: Record<string, unknown>): void {
  const isFlips = numberOption(options, 'flips') > 0;
  if (!isFlips && !optionalFlag(options, 'unpaired')) return;
  throw new UserError(
    `--${isFlips ? 'flips' : 'unpaired'}: expected none with --probe, which compares predictions of the same questions; leave one of the two out`,
  );
}
