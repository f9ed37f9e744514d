import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { AlertRecord } from '../../store/index.ts';
import type { CheckedCheckpoint } from '../checked-checkpoint.ts';
import { openExporters } from './open-exporters.ts';

let dir = '';
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'exporters-'));
});
afterEach(() => rm(dir, { recursive: true }));

const at = (step: number | null, predicted: number): CheckedCheckpoint => ({
  ...{
    checkpoint: `r/${String(step)}`,
    run: 'a "b"\\',
    stage: null,
    step,
    tokens: 1e9,
    flops: null,
  },
  ...{ suite: 's', probe: 'p', modifiedAt: Date.UTC(2026, 0, 1) },
  tasks: [
    {
      ...{ task: 'add', items: 9, predicted, low: 0.1, high: 0.5, level: 0.9, status: 'ok' },
      ...{ reason: null, labelled: 0, remeasure: { advised: false, labels: 3 }, change: null },
      expected: { forecast: 'f', accuracy: 0.4, low: 0.3, high: 0.5 },
    },
  ],
});

const alert: AlertRecord = {
  ...{ schemaVersion: 1, id: 'drop-1', kind: 'drop', run: 'r', checkpoint: 'r/1', suite: 's' },
  ...{ probe: 'p', task: 'add', message: 'm', value: 0.1, reference: 0.3, threshold: 0.1 },
  ...{ openedAt: '', lastSeenAt: '', closedAt: null, notified: [] },
  ...{ acknowledgedAt: null, acknowledgedBy: null },
};

const none = { tensorboard: null, prometheus: null, jsonl: null };

test('metrics are those of the latest checkpoint, with names escaped', async () => {
  const path = join(dir, 'metrics', 'sonde.prom');
  const [exporter] = openExporters({ ...none, prometheus: path });
  await exporter!.write({ checkpoints: [at(1, 0.25), at(2, 0.375)], alerts: [alert, alert] });
  const labels = 'run="a \\"b\\"\\\\",suite="s",task="add",probe="p"';
  expect(await readFile(path, 'utf8')).toBe(
    [
      ...['# HELP sonde_predicted_accuracy Predicted accuracy, 0 to 1'],
      ...['# TYPE sonde_predicted_accuracy gauge', `sonde_predicted_accuracy{${labels}} 0.375`],
      ...['# HELP sonde_predicted_accuracy_low Lower end of its interval'],
      ...[
        '# TYPE sonde_predicted_accuracy_low gauge',
        `sonde_predicted_accuracy_low{${labels}} 0.1`,
      ],
      ...['# HELP sonde_predicted_accuracy_high Upper end of its interval'],
      ...[
        '# TYPE sonde_predicted_accuracy_high gauge',
        `sonde_predicted_accuracy_high{${labels}} 0.5`,
      ],
      ...['# HELP sonde_forecast_accuracy Accuracy forecast for it, 0 to 1'],
      ...['# TYPE sonde_forecast_accuracy gauge', `sonde_forecast_accuracy{${labels}} 0.4`],
      ...['# HELP sonde_checkpoint_step Step of the latest checkpoint'],
      ...['# TYPE sonde_checkpoint_step gauge', 'sonde_checkpoint_step{run="a \\"b\\"\\\\"} 2'],
      ...['# HELP sonde_checkpoint_tokens Tokens seen by then'],
      ...[
        '# TYPE sonde_checkpoint_tokens gauge',
        'sonde_checkpoint_tokens{run="a \\"b\\"\\\\"} 1000000000',
      ],
      ...['# HELP sonde_alerts_open Alerts that last', '# TYPE sonde_alerts_open gauge'],
      ...['sonde_alerts_open{run="r",kind="drop",acknowledged="false"} 2', ''],
    ].join('\n'),
  );
});

test('lines are those of all checkpoints; the same again leaves the file alone', async () => {
  const path = join(dir, 'all.jsonl');
  const [exporter] = openExporters({ ...none, jsonl: path });
  const { tasks, ...about } = at(1, 0.25);
  await exporter!.write({ checkpoints: [at(1, 0.25)], alerts: [] });
  expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({
    ...Object.fromEntries(Object.entries(about).filter(([name]) => name !== 'modifiedAt')),
    writtenAt: '2026-01-01T00:00:00.000Z',
    ...tasks[0],
  });
  const before = await stat(path);
  await exporter!.write({ checkpoints: [at(1, 0.25)], alerts: [] });
  expect((await stat(path)).ino).toBe(before.ino);
});

test('event files are numbered as they are written, one a checkpoint, another where it changed', async () => {
  const write = async (...checkpoints: readonly CheckedCheckpoint[]): Promise<string[]> => {
    // A new start each time: what is there is read from the folder.
    const [exporter] = openExporters({ ...none, tensorboard: dir });
    await exporter!.write({ checkpoints, alerts: [] });
    return (await readdir(join(dir, 'a%20%22b%22%5C', 'p'))).sort();
  };
  const first = await write(at(5, 0.25), at(null, 0.3));
  expect(first).toEqual([
    expect.stringMatching(/^events\.out\.tfevents\.00000001\.sonde\.[0-9a-f]{16}$/),
  ]);
  expect(await write(at(5, 0.25))).toEqual(first);
  const later = await write(at(2, 0.1), at(5, 0.26));
  expect(later.map((name) => name.split('.')[3])).toEqual(['00000001', '00000002', '00000003']);
  expect(later[0]).toBe(first[0]);
});
