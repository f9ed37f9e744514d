import type { Command } from 'commander';
import type { OutcomeChoice } from '../../jobs/index.ts';
import { realNumber } from '../option-parsers.ts';
import { optionalNumber, optionalText } from '../options.ts';

/** `--source`, `--filter`, `--temperature` and `--top-p`: which of the stored outcomes count where there are several. */
export function addSourceOptions(command: Command): Command {
  return command
    .option('--source <source>', 'take outcomes of this source (default: imported before labelled)')
    .option('--filter <filter>', 'take outcomes of this filter where a log holds several')
    .option(
      '--temperature <t>',
      'take outcomes of this temperature',
      realNumber('--temperature', { min: 0 }),
    )
    .option(
      '--top-p <p>',
      'take outcomes of this top-p',
      realNumber('--top-p', { min: 0, max: 1 }),
    );
}

export function readSourceOptions(options: Record<string, unknown>): OutcomeChoice {
  return {
    source: optionalText(options, 'source'),
    filter: optionalText(options, 'filter'),
    temperature: optionalNumber(options, 'temperature'),
    topP: optionalNumber(options, 'topP'),
  };
}
