/** What is known of runs, in Prometheus' text format (version 0.0.4). */

/** A task at the latest checkpoint of a run; accuracies from 0 to 1. */
export type MetricEstimate = {
  readonly run: string | null;
  readonly suite: string;
  readonly task: string;
  readonly probe: string;
  readonly predicted: number;
  readonly low: number;
  readonly high: number;
  /** What outcomes say; null or absent where there are none. */
  readonly measured?: number | null;
  /** What was forecast for this checkpoint; null or absent where nothing was. */
  readonly forecast?: number | null;
};

export type MetricSnapshot = {
  readonly estimates: readonly MetricEstimate[];
  /** The latest checkpoint of each run. */
  readonly checkpoints: readonly {
    readonly run: string | null;
    readonly step: number | null;
    readonly tokens: number | null;
  }[];
  /** Those that last. */
  readonly alerts: readonly {
    readonly run: string | null;
    readonly kind: string;
    readonly acknowledged: boolean;
  }[];
};

type Labels = Readonly<Record<string, string | null>>;
type Sample = { readonly labels: Labels; readonly value: number | null | undefined };

export function prometheusText({ estimates, checkpoints, alerts }: MetricSnapshot): string {
  const of = (value: (estimate: MetricEstimate) => Sample['value']): Sample[] =>
    estimates.map((estimate) => {
      const { run, suite, task, probe } = estimate;
      return { labels: { run, suite, task, probe }, value: value(estimate) };
    });
  const perRun = (
    value: (one: MetricSnapshot['checkpoints'][number]) => Sample['value'],
  ): Sample[] => checkpoints.map((one) => ({ labels: { run: one.run }, value: value(one) }));
  return [
    gauge(
      'sonde_predicted_accuracy',
      'Predicted accuracy, 0 to 1',
      of((one) => one.predicted),
    ),
    gauge(
      'sonde_predicted_accuracy_low',
      'Lower end of its interval',
      of((one) => one.low),
    ),
    gauge(
      'sonde_predicted_accuracy_high',
      'Upper end of its interval',
      of((one) => one.high),
    ),
    gauge(
      'sonde_measured_accuracy',
      'Measured accuracy, 0 to 1',
      of((one) => one.measured),
    ),
    gauge(
      'sonde_forecast_accuracy',
      'Accuracy forecast for it, 0 to 1',
      of((one) => one.forecast),
    ),
    gauge(
      'sonde_checkpoint_step',
      'Step of the latest checkpoint',
      perRun(({ step }) => step),
    ),
    gauge(
      'sonde_checkpoint_tokens',
      'Tokens seen by then',
      perRun(({ tokens }) => tokens),
    ),
    gauge('sonde_alerts_open', 'Alerts that last', countAlerts(alerts)),
  ].join('');
}

function countAlerts(alerts: MetricSnapshot['alerts']): Sample[] {
  const counts = new Map<string, { labels: Labels; value: number }>();
  for (const { run, kind, acknowledged } of alerts) {
    const labels = { run, kind, acknowledged: String(acknowledged) };
    const key = JSON.stringify(labels);
    const known = counts.get(key) ?? { labels, value: 0 };
    counts.set(key, { labels, value: known.value + 1 });
  }
  return [...counts.values()];
}

/** Nothing where there is no sample: an empty family says nothing. */
function gauge(name: string, help: string, samples: readonly Sample[]): string {
  const lines = samples.flatMap(({ labels, value }) =>
    value === null || value === undefined ? [] : [`${name}${formatLabels(labels)} ${value}\n`],
  );
  if (lines.length === 0) return '';
  return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
}

function formatLabels(labels: Labels): string {
  const parts = Object.entries(labels).flatMap(([name, value]) =>
    value === null ? [] : [`${name}="${escapeValue(value)}"`],
  );
  return parts.length === 0 ? '' : `{${parts.join(',')}}`;
}

function escapeValue(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
