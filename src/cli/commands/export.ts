import type { CommandDefinition } from '../command.ts';
import { commaList, oneOf } from '../option-parsers.ts';
import { optionalList, optionalText, requiredText, textOption } from '../options.ts';
import { addTasksOption } from './shared-options.ts';
import { addSourceOptions, readSourceOptions } from './source-options.ts';

const kinds = ['outcomes', 'predictions', 'estimates', 'answers', 'log-answers'] as const;
const formats = ['csv', 'jsonl', 'parquet'] as const;

export const exportCommand: CommandDefinition = {
  usage: 'export [what]',
  summary: 'outcomes, predictions, estimates or answers as CSV, JSONL or Parquet',
  configure: (command) => {
    addSourceOptions(addTasksOption(command))
      .requiredOption('--out <file>', 'the file to write')
      .option(
        '--format <format>',
        'csv, jsonl or parquet (default: by the name of the file)',
        oneOf('--format', formats),
      )
      .option('--suite <suite>', 'only this suite')
      .option('--checkpoints <ids>', 'only these checkpoints: a,b', commaList('--checkpoints'));
  },
  run: async ([what = 'outcomes'], options, session) => {
    const { exportRecords } = await import('../../jobs/index.ts');
    const out = session.resolve(requiredText(options, 'out'));
    const kind = oneOf('export', kinds)(what);
    const format =
      optionalText(options, 'format') === null
        ? formatOf(out)
        : textOption(options, 'format', formats);
    const report = await exportRecords(
      await session.store(),
      {
        kind,
        format,
        out,
        suite: optionalText(options, 'suite'),
        tasks: optionalList(options, 'tasks'),
        checkpoints: optionalList(options, 'checkpoints'),
        ...readSourceOptions(options),
      },
      session,
    );
    return {
      json: report,
      text: () => `${report.rows} ${report.kind} in ${report.path} (${report.format})`,
    };
  },
};

function formatOf(path: string): (typeof formats)[number] {
  return formats.find((format) => path.endsWith(`.${format}`)) ?? 'csv';
}
