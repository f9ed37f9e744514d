import { writeFile } from 'node:fs/promises';
import type { CommandDefinition } from '../command.ts';
import { commaList, oneOf, realNumber, wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalFlag, optionalText, requiredList, textOption } from '../options.ts';
import { addDeviceOption, addPassOptions, withPassLimits } from './pass-options.ts';
import {
  addPrecisionOption,
  addSuiteOptions,
  readPrecision,
  readSuiteOptions,
} from './shared-options.ts';
import { addAcrossOption, addSourceOptions, readSourceOptions } from './source-options.ts';

const trains = ['upto', 'one'] as const;

export const transferCommand: CommandDefinition = {
  usage: 'transfer',
  summary: 'how far probes carry: a matrix, trained on rows, scored on later columns',
  configure: (command) => {
    addDeviceOption(
      addPassOptions(
        addPrecisionOption(addAcrossOption(addSourceOptions(addSuiteOptions(command)))),
      ),
    )
      .requiredOption('--checkpoints <ids>', 'ids or folders: a,b,c', commaList('--checkpoints'))
      .option(
        '--train <how>',
        'a row learns from all checkpoints `upto` its own, or from that `one` alone',
        oneOf('--train', trains),
        'upto',
      )
      .option('--probe <kind>', 'auto, or an architecture that `fit` knows', 'auto')
      .option(
        '--holdout <share>',
        'share of the questions kept unseen',
        realNumber('--holdout', { min: 0.01, max: 0.9 }),
        0.4,
      )
      .option('--seed <n>', 'seed of holdout and folds', wholeNumber('--seed', { min: 0 }), 0)
      .option('--leave-task-out', 'also predict every task by a probe that never saw it')
      .option('--plot <file>', 'write AUROC on unseen questions as SVG, a matrix a task');
  },
  run: async (_positional, options, session) => {
    const { prepareOutput, transfer } = await import('../../jobs/index.ts');
    const plot = optionalText(options, 'plot');
    const output = plot === null ? null : await prepareOutput('--plot', session.resolve(plot));
    const report = await transfer(
      await session.store(),
      {
        ...readSuiteOptions(options),
        ...readSourceOptions(options),
        checkpoints: requiredList(options, 'checkpoints'),
        precision: readPrecision(options) ?? 'f32',
      },
      {
        train: textOption(options, 'train', trains),
        probe: optionalText(options, 'probe') ?? 'auto',
        holdout: numberOption(options, 'holdout'),
        seed: numberOption(options, 'seed'),
        leaveTaskOut: optionalFlag(options, 'leaveTaskOut'),
      },
      withPassLimits(options, session),
    );
    if (output !== null) {
      const { heatMapSvg } = await import('../../report/index.ts');
      const { taskMaps } = await import('../render/transfer-maps.ts');
      const svg = await heatMapSvg(taskMaps(report));
      await output.write((temporary) => writeFile(temporary, svg));
      session.note(`--plot: wrote ${plot ?? ''}`);
    }
    const { columns, color } = session.reader;
    const text = async (): Promise<string> => {
      const { renderTransfer } = await import('../render/transfer.ts');
      return renderTransfer(report, { width: columns, color });
    };
    return { json: report, text };
  },
};
