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
      .option('--checkpoint <id>', 'the checkpoint of records that name none, and of a log whose model tells no step')
      .option('--suite <name>', 'the suite of records that name none, and of harness logs')
      .option('--replace', 'supersede outcomes that another source gave for the same questions');
  },
  run: async (positional, options, session) => {
    const { importRecords } = await import('../../jobs/index.ts');
    const [format, checkpoint, suite] = ['format', 'checkpoint', 'suite'].map((name) =>
      optionalText(options, name),
    );
    const files: ImportedFile[] = [];
    for (const path of positional) {
      const how = {
        ...(format == null ? {} : { format }),
        ...(checkpoint == null ? {} : { checkpoint }),
        ...(suite == null ? {} : { suite }),
        replace: optionalFlag(options, 'replace'),
        onFile: (file: ImportedFile, notices: readonly string[]) => {
          for (const notice of notices) session.note(`${file.path}: ${notice}`);
        },
      };
      const report = await importRecords(
        await session.store(),
        session.resolve(path),
        how,
        session,
      );
      files.push(...report.files);
      session.signal.throwIfAborted();
    }
    return { json: { files }, text: () => renderFiles(files) };
  },
};

function renderFiles(files: readonly ImportedFile[]): string {
  return renderTable(
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
      file.path,
      file.format ?? '–',
      file.status,
      count(file.checkpoints),
      count(file.tasks),
      count(file.items),
      count(file.samples),
      file.reason ?? '',
    ]),
  );
}
