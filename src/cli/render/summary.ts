import type { EvaluationReport } from '../../jobs/index.ts';
import { fixed, points } from './format.ts';
import { renderTable } from './table.ts';

/** The probe beside every baseline, for seen, unseen and all questions. */
export function renderSummary(summary: EvaluationReport['summary']): string {
  const rows = Object.entries(summary).flatMap(([split, scores]) =>
    scores === null
      ? []
      : [
          [
            `${split} questions: probe`,
            fixed(scores.auroc),
            fixed(scores.skill, 2),
            fixed(scores.mse),
            points(scores.levelError),
          ],
          ...Object.entries(scores.baselines).map(([name, baseline]) => [
            `  ${name}`,
            fixed(baseline.auroc),
            '',
            fixed(baseline.mse),
            points(baseline.levelError),
          ]),
        ],
  );
  return renderTable(
    [
      { title: 'mean over task × checkpoint', align: 'left' },
      { title: 'AUROC' },
      { title: 'skill' },
      { title: 'MSE' },
      { title: '|level error| (points)' },
    ],
    rows,
  );
}
