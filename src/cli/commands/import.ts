import type { CommandDefinition } from '../command.ts';
import { type HeardNotice, joinNotices, renderImportedFiles } from '../render/import-table.ts';
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
    const notices: HeardNotice[] = [];
    const report = await importRecords(
      await session.store(),
      positional.map((path) => session.resolve(path)),
      {
        ...(format == null ? {} : { format }),
        ...(checkpoint == null ? {} : { checkpoint }),
        ...(suite == null ? {} : { suite }),
        replace: optionalFlag(options, 'replace'),
        onFile: ({ path }, heard) => {
          for (const notice of heard) notices.push({ path, notice });
        },
      },
      session,
    );
    const { files } = report;
    for (const notice of joinNotices(notices, files)) session.note(notice);
    return { json: { files }, text: () => renderImportedFiles(files) };
  },
};
