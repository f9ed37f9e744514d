import { UserError } from '../../error/index.ts';
import type { LabelOptions, LabelReport } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { oneOf, realNumber, wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalNumber, optionalText, textOption } from '../options.ts';
import { duration, points } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { addSuiteOptions, readSuiteOptions } from './shared-options.ts';

const designs = ['random', 'stratified', 'pps'] as const;

export const labelCommand: CommandDefinition = {
  usage: 'label <checkpoint>',
  summary: 'samples and grades answers with the checkpoint itself, and keeps them',
  configure: (command) => {
    addSuiteOptions(command)
      .option('--samples <n>', 'answers a question', wholeNumber('--samples', { min: 1 }), 100)
      .option('--temperature <t>', '0 is greedy', realNumber('--temperature', { min: 0 }), 1)
      .option('--top-p <p>', 'nucleus sampling', realNumber('--top-p', { min: 1e-6, max: 1 }), 0.7)
      .option('--seed <n>', 'seed of the draws', wholeNumber('--seed', { min: 0 }), 0)
      .option(
        '--questions <n>',
        'label only so many, shared among the tasks and chosen by --design',
        wholeNumber('--questions', { min: 2 }),
      )
      .option(
        '--design <design>',
        'with --questions: random, stratified or pps; the last two need --probe (default: random)',
        oneOf('--design', designs),
      )
      .option('--probe <name>', 'with --questions: a fitted probe whose predictions choose');
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
        choose: readChoice(options),
      },
      session,
    );
    return { json: report, text: () => renderReport(report) };
  },
};

function readChoice(options: Record<string, unknown>): NonNullable<LabelOptions['choose']> | null {
  const questions = optionalNumber(options, 'questions');
  const design = optionalText(options, 'design');
  const probe = optionalText(options, 'probe');
  if (questions !== null) {
    return {
      questions,
      design: design === null ? 'random' : textOption(options, 'design', designs),
      probe,
    };
  }
  const alone = design === null ? '--probe' : '--design';
  if (design === null && probe === null) return null;
  throw new UserError(
    `${alone}: expected --questions with it, got none; without, all are labelled`,
  );
}

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
  const { design } = report;
  const title = design === null ? '' : `, ${describeDesign(design)}`;
  const about =
    design === null
      ? ''
      : '\n\nof the chosen questions alone; sonde predict --use-labels estimates the tasks from them';
  return `${report.checkpoint}${title}, accuracies in points\n\n${table}${about}\n\n${duration(report.seconds)}${speed}`;
}

function describeDesign({ design, tasks, seed }: NonNullable<LabelReport['design']>): string {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  const chosen = sum(tasks.map((task) => task.chosen));
  const all = sum(tasks.map(({ questions }) => questions));
  return `${chosen} of ${all} questions by design ${design}, seed ${seed}`;
}
