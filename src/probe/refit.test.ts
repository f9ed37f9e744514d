import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { meanSquaredError, softAuroc } from '../stats/index.ts';
import { createKernel, type Kernel } from './kernel.ts';
import { fitProbe } from './fit.ts';
import { predictCheckpoint } from './predict.ts';
import type { ProbeModel } from './probe-model.ts';
import { refitToLabels } from './refit.ts';
import { scoreCheckpoint, type ScoredCheckpoint } from './scored-checkpoint.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';

const series = syntheticSeries({ checkpoints: 4, itemsPerTask: 60 });
const { items, layout } = series;
const later = series.checkpoints[3]!;
let kernel: Kernel;
let model: ProbeModel;
let scored: ScoredCheckpoint;

beforeAll(async () => {
  kernel = await createKernel({ threads: 1 });
  model = await fitProbe(
    { items, checkpoints: series.checkpoints.slice(0, 3), layout },
    { name: 'p', architecture: 'linear', threads: 1, complete: false },
  );
  scored = await scoreCheckpoint(model, { items, checkpoint: later, layout }, kernel);
});

afterAll(async () => {
  await kernel[Symbol.asyncDispose]();
});

/** Labels of the first `count` questions of each task, moved by `flip` for one that is told otherwise. */
function labelled(count: number, tasks: readonly string[], flip = -1) {
  const taken = new Map<string, number>();
  const n = Float64Array.from(items, ({ task }, i) => {
    const place = taken.get(task) ?? 0;
    taken.set(task, place + 1);
    return tasks.includes(task) && place < count ? later.n[i]! : 0;
  });
  const k = n.map((answers, i) =>
    answers === 0 ? 0 : i === flip ? answers - later.k[i]! : later.k[i]!,
  );
  return { k, n };
}

function refitted(labels: { k: Float64Array; n: Float64Array }): Promise<Float64Array> {
  const { p, frame } = scored;
  return refitToLabels({ items, labels, head: model.heads.plain, frame, p }, kernel);
}

describe('refit to a few labels', () => {
  test('a wrong level is repaired on questions without a label, and the order kept', async () => {
    const labels = labelled(20, ['add', 'copy']);
    const low = scored.p.map((value) => value / 4);
    const others = [...items.keys()].filter((i) => labels.n[i] === 0);
    const pick = (values: Float64Array) => Float64Array.from(others, (i) => values[i]!);
    const rates = pick(later.k.map((right, i) => right / later.n[i]!));
    const { frame } = scored;
    const at = { items, labels, head: model.heads.plain, frame, p: low };
    const after = pick(await refitToLabels(at, kernel));
    expect(meanSquaredError(after, rates)!).toBeLessThan(meanSquaredError(pick(low), rates)! / 4);
    expect(softAuroc(after, rates)!).toBeGreaterThan(softAuroc(pick(low), rates)! - 0.02);
  });

  test('a labelled question’s own outcome never reaches its probability', async () => {
    const labels = labelled(20, ['add', 'copy']);
    const own = labels.n.findIndex((answers) => answers > 0);
    const [before, after] = [
      await refitted(labels),
      await refitted(labelled(20, ['add', 'copy'], own)),
    ];
    expect(after[own]).toBe(before[own]);
    const moved = [...items.keys()].filter((i) => labels.n[i] === 0 && after[i] !== before[i]);
    expect(moved).toHaveLength(items.length - 40);
  });

  test('a task with fewer than two labels keeps the probe’s probabilities', async () => {
    const after = await refitted(labelled(20, ['add']));
    const same = items.map((_, i) => after[i] === scored.p[i]);
    expect(same).toEqual(items.map(({ task }) => task === 'copy'));
    expect(await refitted(labelled(1, ['add', 'copy']))).toBe(scored.p);
  });

  test('predictCheckpoint gives refitted items beside its own, of which estimates are made', async () => {
    const input = { items, checkpoint: later, layout };
    const labels = labelled(20, ['add', 'copy']);
    const plain = await predictCheckpoint(model, input, { threads: 1, labels, refit: 'none' });
    expect(plain.items.map(({ p, refitted: after }) => [p, after])).toEqual(
      Array.from(scored.p, (p) => [p, null]),
    );
    const prior = await predictCheckpoint(model, input, { threads: 1, labels });
    const after = await refitted(labels);
    expect(prior).toEqual({
      ...plain,
      items: plain.items.map((item, i) => ({ ...item, refitted: after[i]! })),
    });
    const alone = await predictCheckpoint(model, input, { threads: 1, refit: 'prior' });
    expect(alone.items).toEqual(plain.items);
  });
});
