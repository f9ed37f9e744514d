import { dirname, relative } from 'node:path';
import type { ImportedFile } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { count } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { optionalFlag, optionalText } from '../options.ts';

export const importCommand: CommandDefinition = {
  usage: 'import <path...>',
  summary: 'harness logs, or outcome records (CSV, JSONL, Parquet), into the store',
  configure: (command) => {
    command
      .option('--format <name>', 'how to read the files (default: by content)')
      .option(
        '--checkpoint <id>',
        'the checkpoint of records that name none, and of a log whose model tells no step',
      )
      .option('--suite <name>', 'the suite of records that name none, and of harness logs')
      .option('--replace', 'supersede outcomes that another source gave for the same questions');
  },
  run: async (positional, options, session) => {
    const { importRecords } = await import('../../jobs/index.ts');
    const [format, checkpoint, suite] = ['format', 'checkpoint', 'suite'].map((name) =>
      optionalText(options, name),
    );
    const notices = new Map<string, string[]>();
    const report = await importRecords(
      await session.store(),
      positional.map((path) => session.resolve(path)),
      {
        ...(format == null ? {} : { format }),
        ...(checkpoint == null ? {} : { checkpoint }),
        ...(suite == null ? {} : { suite }),
        replace: optionalFlag(options, 'replace'),
        onFile: (file, heard) => {
          for (const notice of heard) {
            notices.set(notice, [...(notices.get(notice) ?? []), file.path]);
          }
        },
      },
      session,
    );
    const { files } = report;
    for (const [notice, paths] of notices) session.note(`${pathsText(paths)}: ${notice}`);
    return { json: { files }, text: () => renderFiles(files) };
  },
};

function pathsText([first = '', ...others]: readonly string[]): string {
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

/** The folder that holds all of them; empty for a single file. */
function sharedFolder(files: readonly ImportedFile[]): string {
  const [first, ...others] = files.map(({ path }) => path);
  if (first === undefined || others.length === 0) return '';
  let folder = dirname(first);
  while (others.some((path) => !path.startsWith(`${folder}/`)) && folder !== dirname(folder))
    folder = dirname(folder);
  return folder;
}

function renderFiles(files: readonly ImportedFile[]): string {
  if (files.length === 0) return 'no files there';
  const folder = sharedFolder(files);
  const table = renderTable(
    [
      { title: 'file', align: 'left' },
      { title: 'format', align: 'left' },
      { title: 'status', align: 'left' },
      { title: 'checkpoints' },
      { title: 'tasks' },
      { title: 'items' },
      { title: 'samples' },
      { title: 'reason', align: 'left' },
    ],
    files.map((file) => [
      folder === '' ? file.path : relative(folder, file.path),
      file.format ?? '–',
      file.status,
      count(file.checkpoints),
      count(file.tasks),
      count(file.items),
      count(file.samples),
      file.reason ?? '',
    ]),
  );
  return folder === '' ? table : `in ${folder}\n${table}`;
}
