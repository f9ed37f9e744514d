import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CheckedCheckpoint } from '../checked-checkpoint.ts';
import { openExporters } from './open-exporters.ts';

const python = process.env['SONDE_PYTHON'] ?? 'python3';
const packages = 'import tensorboard, prometheus_client';
const hasPackages = spawnSync(python, ['-c', packages]).status === 0;

if (!hasPackages) {
  process.stderr.write(
    '\n*** reading exports back by tensorboard and prometheus_client did NOT run: name a Python that has them in SONDE_PYTHON ***\n\n',
  );
}

describe.runIf(hasPackages)('what others read of the exports', () => {
  let dir = '';
  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'read-back-'));
  });
  afterAll(() => rm(dir, { recursive: true }));

  const at = (step: number, predicted: number): CheckedCheckpoint => ({
    ...{
      checkpoint: `r/step${step}`,
      run: 'my run/1',
      stage: null,
      step,
      tokens: null,
      flops: null,
    },
    ...{ suite: 's', probe: 'p', modifiedAt: Date.UTC(2026, 0, step) },
    tasks: [
      {
        ...{ task: 'add', items: 9, predicted, low: 0.125, high: 0.5, level: 0.9, status: 'ok' },
        ...{ reason: null, labelled: 0, remeasure: { advised: false, labels: 3 }, change: null },
        expected: null,
      },
    ],
  });

  test('TensorBoard and Prometheus read every number, written look by look', async () => {
    const [logs, metrics] = [join(dir, 'logs'), join(dir, 'sonde.prom')];
    const paths = { tensorboard: logs, prometheus: metrics, jsonl: null };
    for (const known of [[at(1, 0.25)], [at(1, 0.25), at(2, 0.375)]]) {
      for (const exporter of openExporters(paths)) {
        await exporter.write({ checkpoints: known, alerts: [] });
      }
    }
    const script = fileURLToPath(new URL('../../../scripts/read-exports.py', import.meta.url));
    const { stdout, stderr } = spawnSync(python, [script, logs, metrics], { encoding: 'utf8' });
    expect(stdout, stderr).not.toBe('');
    const labels = { run: 'my run/1', suite: 's', task: 'add', probe: 'p' };
    expect(JSON.parse(stdout)).toEqual({
      scalars: {
        'my%20run%2F1/p': {
          's/add/predicted': [
            [1, 0.25],
            [2, 0.375],
          ],
          's/add/low': [
            [1, 0.125],
            [2, 0.125],
          ],
          's/add/high': [
            [1, 0.5],
            [2, 0.5],
          ],
        },
      },
      samples: [
        ['sonde_predicted_accuracy', labels, 0.375],
        ['sonde_predicted_accuracy_low', labels, 0.125],
        ['sonde_predicted_accuracy_high', labels, 0.5],
        ['sonde_checkpoint_step', { run: 'my run/1' }, 2],
      ],
    });
  });
});
