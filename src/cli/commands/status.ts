import type { StatusRow } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { optionalList, optionalText } from '../options.ts';
import { points } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { addTasksOption } from './shared-options.ts';
import { addSourceOptions, readSourceOptions } from './source-options.ts';

export const statusCommand: CommandDefinition = {
  usage: 'status',
  summary: 'what was measured: task × checkpoint × filter',
  configure: (command) => {
    addSourceOptions(addTasksOption(command)).option('--suite <suite>', 'only this suite');
  },
  run: async (_positional, options, session) => {
    const { status } = await import('../../jobs/index.ts');
    const tasks = await status(
      await session.store(),
      {
        suite: optionalText(options, 'suite'),
        tasks: optionalList(options, 'tasks'),
        ...readSourceOptions(options),
      },
      session,
    );
    if (tasks.length === 0) {
      return {
        json: { tasks },
        text: () =>
          `nothing measured in ${session.storeDir} yet: sonde import FILE, or sonde label CHECKPOINT --suite S`,
      };
    }
    return { json: { tasks }, text: () => renderRows(tasks) };
  },
};

function renderRows(tasks: readonly StatusRow[]): string {
  return renderTable(
    [
      { title: 'checkpoint', align: 'left' },
      { title: 'suite', align: 'left' },
      { title: 'task', align: 'left' },
      { title: 'filter', align: 'left' },
      { title: 'items' },
      { title: 'samples' },
      { title: 'accuracy' },
      { title: '± s.e.' },
      { title: 'source', align: 'left' },
    ],
    tasks.map((row) => [
      row.checkpoint,
      row.suite,
      row.task,
      row.filter ?? '',
      `${row.items}`,
      `${row.samples}`,
      points(row.accuracy),
      points(row.standardError),
      row.source ?? '',
    ]),
  );
}
