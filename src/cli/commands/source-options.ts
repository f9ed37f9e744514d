import type { Command } from 'commander';
import type { OutcomeChoice } from '../../jobs/index.ts';
import type { Across } from '../../outcomes/index.ts';
import { commaList, oneOf, realNumber, wholeNumber } from '../option-parsers.ts';
import { optionalList, optionalNumber, optionalText } from '../options.ts';

const acrossNames = Object.keys({
  'few-shot': true,
  'chat-template': true,
  prompt: true,
  document: true,
  target: true,
} satisfies Record<Across, true>) as Across[];

/** `--source`, `--filter`, `--temperature`, `--top-p`, `--few-shot` and `--chat-template`: which of the stored outcomes count where there are several. */
export function addSourceOptions(command: Command): Command {
  return command
    .option('--source <source>', 'take outcomes of this source (default: imported before labelled)')
    .option('--filter <filter>', 'take outcomes of this filter where a log holds several')
    .option(
      '--temperature <t>',
      'take outcomes of this temperature',
      realNumber('--temperature', { min: 0 }),
    )
    .option('--top-p <p>', 'take outcomes of this top-p', realNumber('--top-p', { min: 0, max: 1 }))
    .option(
      '--few-shot <n>',
      'take outcomes with so many solved examples in front',
      wholeNumber('--few-shot', { min: 0 }),
    )
    .option(
      '--chat-template <hash>',
      'take outcomes under this chat template: how its hash begins, or none',
    );
}

/** `--across`: differences that do not keep outcomes of a question apart. */
export function addAcrossOption(command: Command): Command {
  return command.option(
    '--across <list>',
    `join outcomes that differ in these: ${acrossNames.join(', ')}`,
    commaList('--across'),
  );
}

export function readSourceOptions(options: Record<string, unknown>): OutcomeChoice {
  return {
    source: optionalText(options, 'source'),
    filter: optionalText(options, 'filter'),
    temperature: optionalNumber(options, 'temperature'),
    topP: optionalNumber(options, 'topP'),
    fewShot: optionalNumber(options, 'fewShot'),
    chatTemplate: optionalText(options, 'chatTemplate'),
    across: (optionalList(options, 'across') ?? []).map(oneOf('--across', acrossNames)),
  };
}
