import type { FitReport } from '../../jobs/index.ts';
import type { CommandDefinition } from '../command.ts';
import { commaList, oneOf, realNumber, wholeNumber } from '../option-parsers.ts';
import { numberOption, optionalList, optionalText, requiredList, textOption } from '../options.ts';
import { renderCard } from '../render/card.ts';
import { duration } from '../render/format.ts';
import { addAcrossOption, addSourceOptions, readSourceOptions } from './source-options.ts';
import { addDeviceOption, addPassOptions, withPassLimits } from './pass-options.ts';
import {
  addPrecisionOption,
  addSuiteOptions,
  readPrecision,
  readSuiteOptions,
} from './shared-options.ts';

const STANDARDISE = ['auto', 'none', 'task', 'checkpoint'] as const;
const ALIGN = ['none', 'procrustes', 'affine'] as const;
const CALIBRATION = ['none', 'platt', 'beta', 'isotonic'] as const;

export const fitCommand: CommandDefinition = {
  usage: 'fit',
  summary: 'trains and selects a probe on the outcomes of some checkpoints',
  configure: (command) => {
    addDeviceOption(
      addPassOptions(
        addPrecisionOption(addAcrossOption(addSourceOptions(addSuiteOptions(command)))),
      ),
    )
      .requiredOption('--checkpoints <ids>', 'ids or folders: a,b,c', commaList('--checkpoints'))
      .option(
        '--probe <kind>',
        'auto, or an architecture: linear, ridge, massMean, lda, mlp, scalarMix, layerTransformer, attention, submodel, twoStage',
        'auto',
      )
      .option('--name <name>', 'the probe’s name (default: the suite’s)')
      .option(
        '--holdout <share>',
        'share of the questions kept unseen',
        realNumber('--holdout', { min: 0, max: 0.9 }),
        0.4,
      )
      .option('--seed <n>', 'seed of holdout and folds', wholeNumber('--seed', { min: 0 }), 0)
      .option(
        '--without <what>',
        'do not look at: states, output, likelihood, answer, length, text, history',
        commaList('--without'),
      )
      .option(
        '--recency <weight>',
        'weight of a checkpoint’s outcomes against those of the next labelled one',
        realNumber('--recency', { min: 0.001, max: 1 }),
        1,
      )
      .option(
        '--standardise <how>',
        'auto, none, task (per task and checkpoint) or checkpoint (its scale alone)',
        oneOf('--standardise', STANDARDISE),
        'auto',
      )
      .option(
        '--align <how>',
        'map states to the latest fitted checkpoint’s: none, procrustes or affine',
        oneOf('--align', ALIGN),
        'none',
      )
      .option(
        '--calibration <method>',
        'correct predictions by how replays of the past erred: none, platt, beta or isotonic',
        oneOf('--calibration', CALIBRATION),
        'none',
      );
  },
  run: async (_positional, options, session) => {
    const { fit } = await import('../../jobs/index.ts');
    const report = await fit(
      await session.store(),
      {
        ...readSuiteOptions(options),
        ...readSourceOptions(options),
        checkpoints: requiredList(options, 'checkpoints'),
        precision: readPrecision(options) ?? 'f32',
      },
      {
        probe: optionalText(options, 'probe') ?? 'auto',
        name: optionalText(options, 'name'),
        holdout: numberOption(options, 'holdout'),
        seed: numberOption(options, 'seed'),
        without: optionalList(options, 'without') ?? [],
        recency: numberOption(options, 'recency'),
        standardise: textOption(options, 'standardise', STANDARDISE),
        align: textOption(options, 'align', ALIGN),
        calibration: textOption(options, 'calibration', CALIBRATION),
      },
      withPassLimits(options, session),
    );
    return { json: report, text: () => renderReport(report) };
  },
};

function renderReport({ card, suite, collectSeconds, fitSeconds }: FitReport): string {
  const seconds = `states and outcomes ${duration(collectSeconds)}, fit ${duration(fitSeconds)}`;
  return `${renderCard(card, suite)}\n\n${seconds}`;
}
