import type { Command } from 'commander';
import type { OutcomeChoice } from '../../jobs/index.ts';
import { optionalText } from '../options.ts';

/** `--source` and `--filter`: which of the stored outcomes count where there are several. */
export function addSourceOptions(command: Command): Command {
  return command
    .option('--source <source>', 'take outcomes of this source (default: imported before labelled)')
    .option('--filter <filter>', 'take outcomes of this filter where a log holds several');
}

export function readSourceOptions(options: Record<string, unknown>): OutcomeChoice {
  return { source: optionalText(options, 'source'), filter: optionalText(options, 'filter') };
}
