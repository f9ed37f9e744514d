import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore, type PredictionRecord } from '../../store/index.ts';
import { monitor, probedAccuracy, readProbed } from './monitor.ts';

const chosen = { accuracy: 0.5, low: 0.4, high: 0.6, verdict: 'predictable' } as const;

test.each([
  [{ measured: 0.39, probed: null }, 'below'],
  [{ measured: 0.4, probed: 0.9 }, 'within'],
  [{ measured: null, probed: 0.61 }, 'above'],
] as const)('%j is %s', (found, position) => {
  expect(monitor(chosen, found)).toMatchObject({ ...found, expected: 0.5, position });
});

test('a forecast that is no answer is not departed from', () => {
  const refused = { ...chosen, verdict: 'not-predictable' } as const;
  const found = { measured: 0.1, probed: null };
  expect(monitor(refused, found)).toMatchObject({ ...found, position: null });
});

test('nothing is compared with nothing', () => {
  expect(monitor(chosen, { measured: null, probed: null })).toBeNull();
  const none = { ...chosen, accuracy: null, low: null, high: null };
  expect(monitor(none, { measured: 0.5, probed: null })).toBeNull();
});

test('stored predictions of the probe with the most items count, where it knows every item', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'monitor-'));
  try {
    await using store = await openStore(join(dir, '.sonde'));
    const row = (probeId: string, item: string, p: number): PredictionRecord => ({
      ...{ suite: 's', task: 't', item, checkpoint: 'c', fingerprint: 'f', promptSha256: 'h' },
      ...{ probe: 'name', probeId, p },
    });
    await store.predictions.write([row('p1', 'i', 0.1), row('p2', 'i', 0.2), row('p2', 'j', 0.4)]);
    const probed = await readProbed(store, { suite: 's', checkpoint: 'c' });
    const measurement = {
      filter: null,
      temperature: null,
      topP: null,
      fewShot: null,
      chatTemplate: null,
      kind: 'count',
      render: null,
    } as const;
    const unknown = { prompts: null, documents: null, targets: null };
    const part = { task: 't', ...unknown, measurement, across: [] };
    expect(probedAccuracy(probed, [{ ...part, items: ['i', 'j'] }])).toBeCloseTo(0.3, 12);
    expect(probedAccuracy(probed, [{ ...part, items: null }])).toBeCloseTo(0.3, 12);
    expect(probedAccuracy(probed, [{ ...part, items: ['i', 'l'] }])).toBeNull();
    expect(probedAccuracy(probed, [{ ...part, task: 'u', items: null }])).toBeNull();
  } finally {
    await rm(dir, { recursive: true });
  }
});
