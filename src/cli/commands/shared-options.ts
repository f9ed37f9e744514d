import type { Command } from 'commander';
import type { SuiteRequest } from '../../jobs/index.ts';
import { commaList, oneOf } from '../option-parsers.ts';
import { optionalList, requiredText, textOption } from '../options.ts';

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
