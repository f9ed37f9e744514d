import { UserError } from '../../error/index.ts';
import type { CommandDefinition } from '../command.ts';
import { commaList, oneOf } from '../option-parsers.ts';
import { optionalList, optionalText, requiredText, textOption } from '../options.ts';
import { addTasksOption } from './shared-options.ts';
import { addSourceOptions, readSourceOptions } from './source-options.ts';

const kinds = ['outcomes', 'predictions', 'estimates', 'answers', 'log-answers'] as const;
const tables = ['csv', 'jsonl', 'parquet'] as const;
const formats = [...tables, 'every-eval-ever'] as const;

export const exportCommand: CommandDefinition = {
  usage: 'export [what]',
  summary:
    'outcomes, predictions, estimates, answers (of label) or log-answers as CSV, JSONL or Parquet; outcomes as Every Eval Ever',
  configure: (command) => {
    addSourceOptions(addTasksOption(command))
      .requiredOption('--out <file>', 'the file to write; for every-eval-ever a folder')
      .option(
        '--format <format>',
        'csv, jsonl, parquet or every-eval-ever (default: by how the file’s name ends)',
        oneOf('--format', formats),
      )
      .option('--suite <suite>', 'only this suite')
      .option('--checkpoints <ids>', 'only these checkpoints: a,b', commaList('--checkpoints'));
  },
  run: async ([what = 'outcomes'], options, session) => {
    const { exportDocuments, exportRecords } = await import('../../jobs/index.ts');
    const out = session.resolve(requiredText(options, 'out'));
    const kind = oneOf('export', kinds)(what);
    const format =
      optionalText(options, 'format') === null
        ? formatOf(out)
        : textOption(options, 'format', formats);
    const request = {
      out,
      suite: optionalText(options, 'suite'),
      tasks: optionalList(options, 'tasks'),
      checkpoints: optionalList(options, 'checkpoints'),
      ...readSourceOptions(options),
    };
    if (format === 'every-eval-ever' && kind !== 'outcomes') {
      throw new UserError(`--format: expected csv, jsonl or parquet for ${kind}, got ${format}`);
    }
    const store = await session.store();
    const report =
      format === 'every-eval-ever'
        ? await exportDocuments(store, request, session)
        : await exportRecords(store, { ...request, kind, format }, session);
    return {
      json: report,
      text: () => `${report.rows} ${report.kind} in ${report.path} (${report.format})`,
    };
  },
};

function formatOf(path: string): (typeof tables)[number] {
  const format = tables.find((name) => path.toLowerCase().endsWith(`.${name}`));
  if (format !== undefined) return format;
  throw new UserError(
    `--out: expected a name that ends in ${tables.map((name) => `.${name}`).join(', ')}, got ${path}; or say --format`,
  );
}
