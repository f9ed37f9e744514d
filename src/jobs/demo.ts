/**
 * The whole of it on the bundled series: forecast the target from five small models, learn on its early checkpoints,
 * predict the later ones, compare with the truth.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../store/index.ts';
import { loadSuite } from '../suite/index.ts';
import { bundledSeries } from './bundled-series.ts';
import { type EvaluationReport, evaluate } from './evaluate.ts';
import { fit } from './fit.ts';
import { forecast, type ForecastReport } from './forecast/index.ts';
import { importRecords } from './import/index.ts';
import { resolveCheckpoints } from './known-checkpoint.ts';
import { label } from './label.ts';
import { type CheckpointPrediction, predict } from './predict.ts';
import { anyOutcomes } from './outcome-choice.ts';
import type { JobContext } from './progress.ts';
import { inTrainingOrder } from './training-order.ts';

export type DemoReport = {
  readonly suite: string;
  readonly questions: number;
  /** The last checkpoint, from models of up to a quarter of its compute. */
  readonly forecast: ForecastReport;
  readonly fitted: readonly string[];
  readonly predictions: readonly CheckpointPrediction[];
  readonly evaluation: EvaluationReport;
  readonly seconds: {
    /** Every task's forecast, all methods. */
    readonly forecasting: number;
    /** Extraction of the early checkpoints and of random weights, and the fit. */
    readonly learning: number;
    /** Extraction and prediction of one later checkpoint, mean. */
    readonly probingACheckpoint: number;
    /** Sampling a part of the questions of the last checkpoint, measured. */
    readonly generatingPart: number;
    /** The same for all questions: the measured part, scaled. */
    readonly generatingACheckpoint: number;
  };
  /** Questions behind `generatingPart`. */
  readonly generatedQuestions: number;
  readonly samples: number;
};

/** Samples a question, as in the bundled outcomes. */
const samples = 100;

/** A share of the tasks is generated to measure its cost. */
const generatedTasks = ['add', 'count', 'sort'];

const { dir: series, run } = bundledSeries;

export async function demo(store: Store, caller: JobContext): Promise<DemoReport> {
  // How the bundled outcomes are joined is no news to anybody.
  const context: JobContext = {
    ...caller,
    note: () => undefined,
    resolve: (path) => join(series, path),
  };
  const { ladder, lastFittedStep } = bundledSeries;
  const suiteFolder = 'suite';
  const suite = await loadSuite(context.resolve(suiteFolder));
  const folders = (await readdir(join(series, run))).map((name) => join(run, name));
  const checkpoints = inTrainingOrder(await resolveCheckpoints(store, folders, context));
  await importRecords(store, join(series, 'outcomes.csv'));
  await importRecords(store, join(series, 'ladder.csv'));
  const early = checkpoints.filter(({ facts }) => (facts.step ?? 0) <= lastFittedStep);
  const later = checkpoints.filter((checkpoint) => !early.includes(checkpoint));
  const fitted = early.map(({ id }) => id);
  const asked = { suite: suiteFolder, tasks: null, render: 'auto' } as const;

  const forecastingFrom = performance.now();
  const last = checkpoints.at(-1)?.id ?? '';
  const forecasted = await forecast(
    store,
    {
      ...{ suite: suiteFolder, ladder, target: last, targetFlops: null, ...anyOutcomes },
      ...{ anchors: [], against: [], tasks: null, benchmark: 'task', methods: null, reach: null },
      ...{ replicates: 200, seed: 0, draw: 'none' },
    },
    context,
  );
  const learningFrom = performance.now();
  await fit(
    store,
    { ...asked, ...anyOutcomes, checkpoints: fitted },
    { name: 'demo', probe: 'auto', holdout: 0.4, seed: 0 },
    context,
  );
  const probingFrom = performance.now();
  const scored = { checkpoints: later.map(({ id }) => id), probe: 'demo', tasks: null };
  const predictions = await predict(
    store,
    { ...scored, ...anyOutcomes, useLabels: false, itemsOut: null },
    context,
  );
  const probedAt = performance.now();
  const evaluation = await evaluate(store, { ...scored, ...anyOutcomes }, context);
  const generated = await label(
    store,
    { ...asked, checkpoint: last, tasks: generatedTasks },
    { samples, temperature: 1, topP: 0.7, seed: 1 },
    context,
  );
  const generatedQuestions = generated.tasks.reduce((sum, { items }) => sum + items, 0);
  return {
    suite: suite.name,
    questions: suite.items.length,
    forecast: forecasted,
    fitted,
    predictions,
    evaluation,
    seconds: {
      forecasting: (learningFrom - forecastingFrom) / 1000,
      learning: (probingFrom - learningFrom) / 1000,
      probingACheckpoint: (probedAt - probingFrom) / 1000 / later.length,
      generatingPart: generated.seconds,
      generatingACheckpoint: (generated.seconds * suite.items.length) / generatedQuestions,
    },
    generatedQuestions,
    samples,
  };
}
