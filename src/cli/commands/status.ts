import type { StatusRequest } from '../../jobs/index.ts';
import { UserError } from '../../error/index.ts';
import type { CommandDefinition } from '../command.ts';
import { commaList, wholeNumber } from '../option-parsers.ts';
import { optionalFlag, optionalList, optionalText } from '../options.ts';
import { renderStatus } from '../render/status-tables.ts';
import { addTasksOption } from './shared-options.ts';
import { addSourceOptions, readSourceOptions } from './source-options.ts';

/** Products of more factors would take a while, and nobody samples so many answers. */
const mostAnswers = 1_000_000;

export const statusCommand: CommandDefinition = {
  usage: 'status',
  summary: 'what was measured, run by run: task × checkpoint × filter, and what was not',
  configure: (command) => {
    addSourceOptions(addTasksOption(command))
      .option('--suite <suite>', 'only this suite')
      .option(
        '--pass-at <k>',
        'also the chance that one of k answers is right: k or k,k,…',
        commaList('--pass-at'),
      )
      .option(
        '--shrink',
        'with --pass-at, also over all questions, by a beta prior that those of a row share',
      );
  },
  run: async (_positional, options, session) => {
    const { status } = await import('../../jobs/index.ts');
    const report = await status(
      await session.store(),
      {
        suite: optionalText(options, 'suite'),
        tasks: optionalList(options, 'tasks'),
        ...readSourceOptions(options),
        passAt: readPassAt(options),
      },
      session,
    );
    if (report.tasks.length === 0) {
      return {
        json: report,
        text: () =>
          `nothing measured in ${session.storeDir} yet: sonde import FILE, or sonde label CHECKPOINT --suite S`,
      };
    }
    return { json: report, text: () => renderStatus(report) };
  },
};

function readPassAt(options: Record<string, unknown>): NonNullable<StatusRequest['passAt']> | null {
  const shrink = optionalFlag(options, 'shrink');
  const ks = optionalList(options, 'passAt');
  if (ks !== null) {
    return { ks: ks.map(wholeNumber('--pass-at', { min: 1, max: mostAnswers })), shrink };
  }
  if (!shrink) return null;
  throw new UserError('--shrink: expected --pass-at K beside it, got none');
}
