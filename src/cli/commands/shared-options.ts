import type { Command } from 'commander';
import type { SuiteRequest } from '../../jobs/index.ts';
import { commaList, oneOf } from '../option-parsers.ts';
import { optionalList, requiredText, textOption } from '../options.ts';

const precisions = ['f32', 'int8'] as const;
const renders = ['auto', 'prompt', 'messages'] as const;

export function addTasksOption(command: Command): Command {
  return command.option('--tasks <tasks>', 'only these tasks: a,b', commaList('--tasks'));
}

function addRenderOption(command: Command): Command {
  return command.option(
    '--render <how>',
    'ask with `prompt` or `messages`; auto: messages for post-training stages',
    oneOf('--render', renders),
    'auto',
  );
}

/** `--precision` of the states; without a default, that of the probe. */
export function addPrecisionOption(command: Command): Command {
  return command.option(
    '--precision <type>',
    'f32, or int8: states for probes from a faster, approximate pass (see docs/engine.md)',
    oneOf('--precision', precisions),
  );
}

/** Null where none was given. */
export function readPrecision(
  options: Record<string, unknown>,
): (typeof precisions)[number] | null {
  if (options['precision'] === undefined) return null;
  return textOption(options, 'precision', precisions);
}

/** `--suite`, `--tasks` and `--render`: which questions, and how they are asked. */
export function addSuiteOptions(command: Command): Command {
  const withSuite = command.requiredOption(
    '--suite <suite>',
    'a suite’s folder, or its name in the store',
  );
  return addRenderOption(addTasksOption(withSuite));
}

export function readSuiteOptions(options: Record<string, unknown>): SuiteRequest {
  return {
    suite: requiredText(options, 'suite'),
    tasks: optionalList(options, 'tasks'),
    render: textOption(options, 'render', renders),
  };
}
