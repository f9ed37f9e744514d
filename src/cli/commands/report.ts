import type { CommandDefinition } from '../command.ts';
import { wholeNumber } from '../option-parsers.ts';
import { numberOption, requiredText } from '../options.ts';

export const reportCommand: CommandDefinition = {
  usage: 'report',
  summary: 'the dashboard as static files, which open from a disk or from any file server',
  configure: (command) => {
    command
      .requiredOption('--out <folder>', 'a new folder, or one of an earlier report to replace')
      .option(
        '--questions <n>',
        'questions with their prompts and answers at most, the others with their rates alone',
        wholeNumber('--questions', { min: 0, max: 1_000_000 }),
        500,
      );
  },
  run: async (_positional, options, session) => {
    const { writeReport } = await import('../../service/index.ts');
    const report = await writeReport(
      await session.store(),
      {
        out: session.resolve(requiredText(options, 'out')),
        questions: numberOption(options, 'questions'),
      },
      session,
    );
    const { page, answers, bytes, questions } = report;
    return {
      json: report,
      text: () =>
        `${page}: ${answers} answers, ${(bytes / 1e6).toFixed(1)} MB, ${questions.written} of ${questions.of} questions with their answers`,
    };
  },
};
