import type { Command } from 'commander';
import type { LadderRequest } from '../../jobs/index.ts';
import { commaList, oneOf, wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalList, requiredList, requiredText, textOption } from '../options.ts';
import { addTasksOption } from './shared-options.ts';
import { addAcrossOption, addSourceOptions, readSourceOptions } from './source-options.ts';

const benchmarks = ['task', 'suite'] as const;

/** What `forecast` and `backtest` share: suite, ladder, anchors, methods and the settings of the intervals. */
export function addLadderOptions(command: Command): Command {
  const withSuite = command.requiredOption(
    '--suite <suite>',
    'a suite’s folder, its name in the store, or as outcome records name it',
  );
  return addAcrossOption(addSourceOptions(addTasksOption(withSuite)))
    .requiredOption(
      '--ladder <ids>',
      'models of one recipe, ids or folders: a,b,c (four or more)',
      commaList('--ladder'),
    )
    .option(
      '--anchors <ids>',
      'existing models of any family, for methods that use them',
      commaList('--anchors'),
    )
    .option(
      '--method <methods>',
      'only these methods: a,b (default: all but the variants cod:…)',
      commaList('--method'),
    )
    .option(
      '--benchmark <what>',
      'one benchmark a task, or the whole suite as one',
      oneOf('--benchmark', benchmarks),
      'task',
    )
    .option(
      '--replicates <n>',
      'bootstrap replicates behind an interval',
      wholeNumber('--replicates', { min: 2, max: 10_000 }),
      200,
    )
    .option('--seed <n>', 'seed of every draw', wholeNumber('--seed', { min: 0 }), 0);
}

export function readLadderOptions(options: Record<string, unknown>): LadderRequest & {
  readonly methods: readonly string[] | null;
  readonly replicates: number;
  readonly seed: number;
} {
  return {
    suite: requiredText(options, 'suite'),
    ladder: requiredList(options, 'ladder'),
    anchors: optionalList(options, 'anchors') ?? [],
    tasks: optionalList(options, 'tasks'),
    benchmark: textOption(options, 'benchmark', benchmarks),
    methods: optionalList(options, 'method'),
    replicates: numberOption(options, 'replicates'),
    seed: numberOption(options, 'seed'),
    ...readSourceOptions(options),
  };
}
