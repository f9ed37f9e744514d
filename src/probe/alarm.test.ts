import { describe, expect, test } from 'vitest';
import { fitProbe, modelFromTensors, modelToTensors, predictCheckpoint } from './index.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';

const series = syntheticSeries({ checkpoints: 6 });
const { items, layout } = series;
const upTo = (count: number) => ({ ...series, checkpoints: series.checkpoints.slice(0, count) });
const later = series.checkpoints[5]!;
const quick = { threads: 1, architecture: 'linear', pools: ['last'] } as const;
const fitted = fitProbe(upTo(5), { name: 'five', ...quick });

/** The latest checkpoint with every state moved. */
const moved = (by: number) => ({
  ...later,
  states: (...tap: Parameters<typeof later.states>) =>
    (later.states(...tap) as Float32Array).map((x) => x + by),
});
const predict = async (checkpoint: typeof later) =>
  (await predictCheckpoint(await fitted, { items, checkpoint, layout })).tasks;

describe('the alarm', () => {
  test('learns its limits from replays of four labelled checkpoints or more', async () => {
    const { drift, labelling } = (await fitted).card;
    expect(drift!.falseAlarmRate).toBe(0.05);
    // Cuts 1, 2 and 3 of five: 3 + 2 + 1 later checkpoints, two tasks.
    expect(drift!.signals.map(({ name, moves }) => [name, moves])).toEqual([
      ['features', 12],
      ['score', 12],
    ]);
    expect(drift!.signals.every(({ limit }) => limit > 0)).toBe(true);
    expect(Object.keys(labelling)).toEqual(['add', 'copy']);
    for (const { left, noise } of Object.values(labelling)) {
      expect(left > noise && left <= 1 && noise > 0).toBe(true);
    }
  });

  test('is quiet on a checkpoint that goes on as before', async () => {
    for (const { status, reason, remeasure } of await predict(later)) {
      expect([status, reason]).toEqual(['ok', null]);
      expect(remeasure!.labels).toBeGreaterThan(2);
    }
  });

  test('says which signal fired, advises labels and widens the interval', async () => {
    const [quiet, loud] = [await predict(later), await predict(moved(30))];
    loud.forEach((task, t) => {
      expect(task.status).toBe('drift');
      expect(task.reason).toMatch(/^states moved [\d.e+]+ times their usual move \(limit [\d.]+\)/);
      expect(task.remeasure!.advised).toBe(true);
      expect(task.high - task.low).toBeGreaterThan(quiet[t]!.high - quiet[t]!.low);
    });
  });

  test('names the break before what else moved', async () => {
    for (const { status, reason } of await predict({ ...moved(30), stage: 'sft' })) {
      expect(status).toBe('remeasure');
      expect(reason).toMatch(/^no fitted checkpoint has stage sft; states moved /);
    }
    const [task] = await predict({ ...later, rendering: 'messages' });
    expect(task!.reason).toMatch(/^no fitted checkpoint has rendering messages/);
  });

  test('says of a task that was never fitted that nothing is known of its level', async () => {
    const renamed = items.map((item) => (item.task === 'add' ? { ...item, task: 'new' } : item));
    const input = { items: renamed, checkpoint: later, layout };
    const task = (await predictCheckpoint(await fitted, input)).tasks.find(
      (t) => t.task === 'new',
    )!;
    const { status, reason, low, high, remeasure } = task;
    expect([status, reason, low, high]).toEqual(['remeasure', 'the task was never fitted', 0, 1]);
    expect(remeasure!.advised).toBe(true);
  });

  test('never sounds on a checkpoint that was fitted', async () => {
    for (const checkpoint of series.checkpoints.slice(0, 5)) {
      expect((await predict(checkpoint)).map(({ status }) => status)).toEqual(['ok', 'ok']);
    }
  });

  test('is a rule of thumb with three labelled checkpoints', async () => {
    const { drift } = (await fitProbe(upTo(3), { name: 'three', ...quick })).card;
    expect(drift!.falseAlarmRate).toBeNull();
    expect(drift!.signals).toEqual([{ name: 'features', limit: 1.5, growth: 0, moves: 0 }]);
    expect(drift!.method).toContain('(they take 4 fitted checkpoints)');
  });

  test('is the same from files, and a card with an unknown signal is refused', async () => {
    const { card, tensors } = modelToTensors(await fitted);
    const plain: typeof card = JSON.parse(JSON.stringify(card)) as typeof card;
    const restored = modelFromTensors(plain, tensors, 'x');
    expect(restored.card).toEqual(card);
    expect(restored.drift).toEqual((await fitted).drift);
    const signals = [{ ...plain.drift!.signals[0]!, name: 'mood' }];
    expect(() =>
      modelFromTensors({ ...plain, drift: { ...plain.drift!, signals } }, tensors, 'card.json'),
    ).toThrow('probe card: drift.signals.0.name: ');
    expect(() =>
      modelFromTensors(
        plain,
        tensors.filter(({ name }) => name !== 'drift.usual'),
        'x',
      ),
    ).toThrow(
      'probe: expected tensor `drift.usual` with weights, got none (in x); fit the probe again',
    );
  });
});
