import { writeFile } from 'node:fs/promises';
import type { ForecastReport } from '../../jobs/index.ts';
import type { CommandDefinition, CommandOutput } from '../command.ts';
import { commaList, numbersOrRange, realNumber } from '../option-parsers.ts';
import { optionalFlag, optionalList, optionalNumber, optionalNumbers } from '../options.ts';
import { optionalText } from '../options.ts';
import { forecastPanels } from '../render/forecast-panels.ts';
import { renderForecast } from '../render/forecast-tables.ts';
import type { CliSession } from '../session.ts';
import { addLadderOptions, readLadderOptions } from './ladder-options.ts';

export const forecastCommand: CommandDefinition = {
  usage: 'forecast',
  summary: 'what a larger model will score, from a ladder of small ones; freezes the answer',
  configure: (command) => {
    addLadderOptions(command)
      .option(
        '--target-flops <flops>',
        'training FLOPs to forecast at; F,F,… or LOW:HIGH:COUNT give the whole curve',
        numbersOrRange('--target-flops'),
      )
      .option('--target <id>', 'the checkpoint to forecast; names a coming one with --target-flops')
      .option('--reach <accuracy>', 'which compute reaches this accuracy', realNumber('--reach'))
      .option(
        '--against <ids>',
        'a second ladder to compare with at equal compute: a,b,c',
        commaList('--against'),
      )
      .option('--plot <file>', 'write ladder, curve, target and interval as SVG')
      .option('--strict', 'exit 3 where the target scores below a forecast that is an answer');
  },
  run: async (_positional, options, session) => {
    const { forecast, prepareOutput } = await import('../../jobs/index.ts');
    const plot = optionalText(options, 'plot');
    const output = plot === null ? null : await prepareOutput('--plot', session.resolve(plot));
    const ladder = readLadderOptions(options);
    const report = await forecast(
      await session.store(),
      {
        ...ladder,
        target: optionalText(options, 'target'),
        targetFlops: optionalNumbers(options, 'targetFlops'),
        reach: optionalNumber(options, 'reach'),
        against: optionalList(options, 'against') ?? [],
        draw: output !== null ? 'all' : session.reader.json ? 'none' : 'single',
      },
      session,
    );
    if (output !== null) {
      const { forecastSvg } = await import('../../report/index.ts');
      const title = `Forecast of ${report.suite}`;
      const svg = await forecastSvg({ title, panels: forecastPanels(report) });
      await output.write((temporary) => writeFile(temporary, svg));
      session.note(`--plot: wrote ${plot ?? ''}`);
    }
    const isBelow = report.benchmarks.some(({ monitoring }) => monitoring?.position === 'below');
    return {
      ...tell(report, ladder.methods !== null, session),
      needsPerson: isBelow && optionalFlag(options, 'strict'),
    };
  },
};

function tell(
  { drawn, ...json }: ForecastReport,
  showMethods: boolean,
  { reader: { columns, color } }: CliSession,
): Pick<CommandOutput, 'json' | 'text'> {
  const report = { ...json, drawn };
  const text = async (): Promise<string> => {
    const panels = report.benchmarks.length === 1 ? forecastPanels(report) : [];
    const { renderForecastPlot } = await import('../render/curve-plot.ts');
    const plots = panels.map((panel) =>
      renderForecastPlot(panel, { width: Math.min(columns, 100), height: 22, color }),
    );
    return [renderForecast(report, { showMethods }), ...plots].join('\n\n');
  };
  return { json, text };
}
