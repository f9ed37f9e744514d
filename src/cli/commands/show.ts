import type { CommandDefinition } from '../command.ts';
import { commaList, wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalList, optionalText } from '../options.ts';
import { renderItem } from '../render/item.ts';

export const showCommand: CommandDefinition = {
  usage: 'show <item>',
  summary: 'one question with its answers, outcomes and predictions',
  configure: (command) => {
    command
      .option('--suite <suite>', 'only in this suite')
      .option('--checkpoints <ids>', 'only at these checkpoints: a,b', commaList('--checkpoints'))
      .option(
        '--answers <n>',
        'answers shown a checkpoint (--json gives all)',
        wholeNumber('--answers', { min: 0 }),
        3,
      );
  },
  run: async ([item = ''], options, session) => {
    const { showItem } = await import('../../jobs/index.ts');
    const shown = await showItem(await session.store(), {
      item,
      suite: optionalText(options, 'suite'),
      checkpoints: optionalList(options, 'checkpoints'),
    });
    const answers = numberOption(options, 'answers');
    return { json: shown, text: () => renderItem(shown, { answers }) };
  },
};
