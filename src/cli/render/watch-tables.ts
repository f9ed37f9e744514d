import type { AlertRecord } from '../../store/index.ts';
import type { CheckedCheckpoint, WatchReport } from '../../watch/index.ts';
import { points } from './format.ts';
import { type Column, renderTable } from './table.ts';

/** The latest checkpoint of every run and probe, what is waited for, and what needs a person. */
export function renderWatch(report: WatchReport): string {
  const { checkpoints, waiting, alerts, failures, dir } = report;
  const parts = latestOf(checkpoints).map(renderCheckpoint);
  if (parts.length === 0) parts.push(`no finished checkpoint in ${dir} yet`);
  if (waiting.length > 0) {
    const lines = waiting.map(({ dir: folder, state, reason }) => {
      return `  ${folder}: ${state}${reason === null ? '' : `, ${reason}`}`;
    });
    parts.push(['not taken:', ...lines].join('\n'));
  }
  if (failures.length > 0) {
    const lines = failures.map(({ kind, message }) => `  ${kind}: ${message.split('\n')[0] ?? ''}`);
    parts.push(['failed:', ...lines].join('\n'));
  }
  parts.push(alerts.length === 0 ? 'no open alerts' : renderAlerts(alerts));
  return parts.join('\n\n');
}

/** What a look that did something is told by, a line a run and probe. */
export function renderLook({ checkpoints, steps }: WatchReport): string[] {
  if (steps === 0) return [];
  return latestOf(checkpoints).map(({ checkpoint, tasks }) => {
    const values = tasks.map(({ task, predicted }) => `${task} ${points(predicted)}`);
    return `${checkpoint}: ${values.join(', ')}`;
  });
}

/** Alerts, a line each. */
export function renderAlerts(alerts: readonly AlertRecord[]): string {
  const columns: Column[] = ['alert', 'since', 'state', 'what'].map((title) => {
    return { title, align: 'left' };
  });
  const rows = alerts.map((alert) => [
    alert.id,
    alert.openedAt.slice(0, 16),
    stateOf(alert),
    alert.message,
  ]);
  return renderTable(columns, rows);
}

function stateOf({ closedAt, acknowledgedAt, acknowledgedBy }: AlertRecord): string {
  if (closedAt !== null) return `over since ${closedAt.slice(0, 16)}`;
  if (acknowledgedAt === null) return 'open';
  return `acknowledged${acknowledgedBy === null ? '' : ` by ${acknowledgedBy}`}`;
}

function latestOf(checkpoints: readonly CheckedCheckpoint[]): CheckedCheckpoint[] {
  const key = ({ run, suite, probe }: CheckedCheckpoint): string =>
    JSON.stringify([run, suite, probe]);
  return [...new Map(checkpoints.map((one) => [key(one), one])).values()];
}

function renderCheckpoint({ checkpoint, probe, tasks }: CheckedCheckpoint): string {
  const columns: Column[] = [
    { title: 'task', align: 'left' },
    { title: 'predicted' },
    { title: 'low' },
    { title: 'high' },
    { title: 'change' },
    { title: 'forecast' },
    { title: 'status', align: 'left' },
  ];
  const rows = tasks.map(({ task, predicted, low, high, change, expected, status }) => [
    ...[task, points(predicted), points(low), points(high)],
    points(change?.difference ?? null),
    expected === null ? '' : `${points(expected.low)} to ${points(expected.high)}`,
    status,
  ]);
  return `${checkpoint} by probe ${probe}\n${renderTable(columns, rows)}`;
}
