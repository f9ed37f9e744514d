import type { CheckedCheckpoint } from '../checked-checkpoint.ts';
import type { Exporter } from './exporter.ts';
import { replaceText } from './text-file.ts';

/** A file for the textfile collector of Prometheus' node exporter: the latest checkpoint of every run and probe. */
export function prometheusExporter(path: string): Exporter {
  return {
    name: 'prometheus',
    async write({ checkpoints, alerts }) {
      // Charts come with it: only who writes metrics waits for them.
      const { prometheusText } = await import('../../report/index.ts');
      const latest = latestBy(checkpoints, ({ run, suite, probe }) => [run, suite, probe]);
      await replaceText(
        path,
        prometheusText({
          estimates: latest.flatMap(({ run, suite, probe, tasks }) =>
            tasks.map(({ task, predicted, low, high, expected }) => ({
              ...{ run, suite, task, probe, predicted, low, high },
              forecast: expected?.accuracy ?? null,
            })),
          ),
          checkpoints: latestBy(checkpoints, ({ run }) => [run]),
          alerts: alerts.map(({ run, kind, acknowledgedAt }) => {
            return { run, kind, acknowledged: acknowledgedAt !== null };
          }),
        }),
      );
    },
  };
}

function latestBy(
  checkpoints: readonly CheckedCheckpoint[],
  key: (checkpoint: CheckedCheckpoint) => unknown,
): CheckedCheckpoint[] {
  return [...new Map(checkpoints.map((one) => [JSON.stringify(key(one)), one])).values()];
}
