import type { EvaluationReport } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { optionalList, requiredText } from '../options.ts';
import { renderReliability } from '../render/reliability.ts';
import { renderSummary } from '../render/summary.ts';
import { fixed, points } from '../render/format.ts';
import { renderTable } from '../render/table.ts';
import { addDeviceOption, addPassOptions, withPassLimits } from './pass-options.ts';
import { addPrecisionOption, addTasksOption, readPrecision } from './shared-options.ts';
import { addAcrossOption, addSourceOptions, readSourceOptions } from './source-options.ts';

export const evaluateCommand: CommandDefinition = {
  usage: 'evaluate <checkpoint...>',
  summary: 'a probe’s predictions against the outcomes, beside the baselines',
  configure: (command) => {
    addDeviceOption(
      addPassOptions(
        addPrecisionOption(addAcrossOption(addSourceOptions(addTasksOption(command)))),
      ),
    ).requiredOption('--probe <name>', 'a fitted probe');
  },
  run: async (checkpoints, options, session) => {
    const { evaluate } = await import('../../jobs/index.ts');
    const report = await evaluate(
      await session.store(),
      {
        checkpoints,
        probe: requiredText(options, 'probe'),
        tasks: optionalList(options, 'tasks'),
        precision: readPrecision(options),
        ...readSourceOptions(options),
      },
      withPassLimits(options, session),
    );
    return {
      json: report,
      text: () => {
        const parts = [renderRows(report), renderSummary(report.summary)];
        const diagram = describeDiagram(report, session.reader);
        return [...parts, ...diagram].join('\n\n');
      },
    };
  },
};

/** The reliability diagram of all scored questions. */
function describeDiagram(
  { reliability }: EvaluationReport,
  { columns, color }: { columns: number; color: boolean },
): string[] {
  if (reliability === null) return [];
  const { bins, slope, intercept, debiasedError } = reliability;
  const title = 'Reliability: measured rate of questions over the predicted one';
  const figure = { title, bins, slope, intercept, ece: debiasedError };
  return [renderReliability(figure, { width: columns, height: 20, color })];
}

function renderRows({ rows }: EvaluationReport): string {
  return renderTable(
    [
      { title: 'checkpoint', align: 'left' },
      { title: 'task', align: 'left' },
      { title: 'split', align: 'left' },
      { title: 'items' },
      { title: 'AUROC' },
      { title: 'of true rates' },
      { title: 'skill' },
      { title: 'MSE' },
      { title: 'level error (points)' },
    ],
    rows.map((row) => [
      row.checkpoint,
      row.task,
      row.split,
      `${row.items}`,
      fixed(row.auroc),
      fixed(row.oracleAuroc),
      fixed(row.skill, 2),
      fixed(row.mse),
      points(row.levelError),
    ]),
  );
}
