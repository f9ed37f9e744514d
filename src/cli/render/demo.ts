import type { DemoReport } from '../../jobs/index.ts';
import { countAnswers, renderBenchmarks } from './forecast-tables.ts';
import { duration, points } from './format.ts';
import { renderSummary } from './summary.ts';
import { renderTable } from './table.ts';

/** The forecast, task × checkpoint, the summary beside every baseline, the seconds, and what lost. */
export function renderDemo(report: DemoReport): string {
  const { fitted, predictions, questions, evaluation } = report;
  return [
    ...renderForecastSection(report),
    '',
    `Learned on the outcomes of ${fitted.length} early checkpoints (${fitted.at(0) ?? ''} … ${fitted.at(-1) ?? ''}),`,
    `60 % of ${questions} questions; predicted pass@1 of ${predictions.length} later ones, in points:`,
    `predicted ± half of the 90 % interval | measured | persistence (the rate at the last checkpoint learned on)`,
    '',
    renderPredictions(report),
    '',
    renderSummary(evaluation.summary),
    '',
    ...renderSeconds(report),
    '',
    ...whatLost(report),
  ].join('\n');
}

function renderForecastSection({ forecast }: DemoReport): string[] {
  const { ladder, target, benchmarks } = forecast;
  return [
    `Before training: ${target.checkpoint ?? ''} forecast from ${ladder.length} models of up to a quarter of its compute.`,
    `${countAnswers(benchmarks, ['task', 'tasks'])}; the numbers of the others are no answer. In points:`,
    '',
    renderBenchmarks(benchmarks),
  ];
}

function renderPredictions({ predictions }: DemoReport): string {
  const tasks = predictions[0]?.tasks.map(({ task }) => task) ?? [];
  const columns = predictions.map(({ checkpoint }) => ({ title: shortName(checkpoint) }));
  return renderTable(
    [{ title: 'task', align: 'left' }, ...columns],
    tasks.map((name) => [
      name,
      ...predictions.map(({ tasks: scored }) => {
        const task = scored.find((candidate) => candidate.task === name);
        if (task === undefined) return '–';
        const half = points((task.high - task.low) / 2, 0);
        const persistence = points(task.baselines['persistence'] ?? null, 0);
        return `${points(task.predicted, 0)} ±${half} | ${points(task.measured, 0)} | ${persistence}`;
      }),
    ]),
  );
}

function shortName(checkpoint: string): string {
  return /step\d+/.exec(checkpoint)?.[0] ?? checkpoint;
}

function renderSeconds({ seconds, samples, questions, generatedQuestions }: DemoReport): string[] {
  const ratio = seconds.generatingACheckpoint / seconds.probingACheckpoint;
  return [
    `forecasting every task, every method:              ${duration(seconds.forecasting)}`,
    `learning (states of the early checkpoints, fit):   ${duration(seconds.learning)}`,
    `probing a later checkpoint (states, prediction):   ${duration(seconds.probingACheckpoint)}`,
    `generating ${samples} answers to each of ${questions} questions: ${duration(seconds.generatingACheckpoint)} with Sonde’s own sampler,`,
    `  scaled from ${generatedQuestions} questions measured in ${duration(seconds.generatingPart)}: ${ratio.toFixed(1)} × the probing`,
  ];
}

/** Where a baseline did better than the probe: said, not hidden. */
function whatLost({ evaluation }: DemoReport): string[] {
  const lost = Object.entries(evaluation.summary).flatMap(([split, scores]) => {
    if (scores === null || split === 'all') return [];
    return Object.entries(scores.baselines).flatMap(([name, baseline]) => [
      ...(isBetter(baseline.auroc, scores.auroc)
        ? [`${name} ranks ${split} questions better`]
        : []),
      ...(isBetter(scores.mse, baseline.mse)
        ? [`${name} has a lower MSE on ${split} questions`]
        : []),
      ...(isBetter(scores.levelError, baseline.levelError)
        ? [`${name} has a lower level error on ${split} questions`]
        : []),
    ]);
  });
  if (lost.length === 0) return ['The probe beat every baseline in every column of this run.'];
  return ['What the probe lost in this run:', ...lost.map((line) => `- ${line}`)];
}

function isBetter(a: number | null, b: number | null): boolean {
  return a !== null && b !== null && a > b;
}
