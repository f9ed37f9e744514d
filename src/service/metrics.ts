import type { Board, BoardRun, BoardTask } from '../jobs/index.ts';
import { type MetricEstimate, prometheusText } from '../report/index.ts';
import type { Sources } from './sources.ts';

/** What is known of each run's latest checkpoint, in Prometheus' text format. */
export async function metricsText(sources: Sources): Promise<string> {
  const board = await sources.board();
  const alerts = await sources.alerts();
  return prometheusText({
    estimates: board.runs.flatMap((run) => estimatesOf(board, run)),
    checkpoints: board.runs.flatMap(({ run, checkpoints }) => {
      const latest = checkpoints.at(-1);
      return latest === undefined ? [] : [{ run, step: latest.step, tokens: latest.tokens }];
    }),
    alerts: alerts
      .filter(({ closedAt }) => closedAt === null)
      .map(({ run, kind, acknowledgedAt }) => ({
        ...{ run, kind, acknowledged: acknowledgedAt !== null },
      })),
  });
}

function estimatesOf({ tasks }: Board, { run, checkpoints }: BoardRun): MetricEstimate[] {
  const latest = checkpoints.at(-1)?.checkpoint ?? '';
  return tasks.flatMap(({ suite, task, measured, series }: BoardTask) =>
    series
      .filter(({ current }) => current)
      .flatMap(({ estimates }) => estimates.get(latest) ?? [])
      .map(({ probe, predicted, low, high }) => ({
        ...{ run, suite, task, probe, predicted, low, high },
        measured: measured.get(latest)?.accuracy ?? null,
      })),
  );
}
