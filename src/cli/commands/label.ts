import type { LabelReport } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { realNumber, wholeNumber } from '../option-parsers.ts';
import { numberOption } from '../options.ts';
import { duration, points } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { addSuiteOptions, readSuiteOptions } from './shared-options.ts';

export const labelCommand: CommandDefinition = {
  usage: 'label <checkpoint>',
  summary: 'samples and grades answers with the checkpoint itself, and keeps them',
  configure: (command) => {
    addSuiteOptions(command)
      .option('--samples <n>', 'answers a question', wholeNumber('--samples', { min: 1 }), 100)
      .option('--temperature <t>', '0 is greedy', realNumber('--temperature', { min: 0 }), 1)
      .option('--top-p <p>', 'nucleus sampling', realNumber('--top-p', { min: 1e-6, max: 1 }), 0.7)
      .option('--seed <n>', 'seed of the draws', wholeNumber('--seed', { min: 0 }), 0);
  },
  run: async ([checkpoint = ''], options, session) => {
    const { label } = await import('../../jobs/index.ts');
    const report = await label(
      await session.store(),
      { checkpoint, ...readSuiteOptions(options) },
      {
        samples: numberOption(options, 'samples'),
        temperature: numberOption(options, 'temperature'),
        topP: numberOption(options, 'topP'),
        seed: numberOption(options, 'seed'),
      },
      session,
    );
    return { json: report, text: () => renderReport(report) };
  },
};

function renderReport(report: LabelReport): string {
  const table = renderTable(
    [
      { title: 'task', align: 'left' },
      { title: 'items' },
      { title: 'samples' },
      { title: 'accuracy' },
      { title: '± s.e.' },
    ],
    report.tasks.map((task) => [
      task.task,
      `${task.items}`,
      `${task.samples}`,
      points(task.accuracy),
      points(task.standardError),
    ]),
  );
  const speed =
    report.tokensPerSecond === null ? '' : `, ${Math.round(report.tokensPerSecond)} tokens/s`;
  return `${report.checkpoint}, accuracies in points\n\n${table}\n\n${duration(report.seconds)}${speed}`;
}
