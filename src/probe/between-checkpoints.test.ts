import { describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { randomStream } from '../stats/index.ts';
import { evaluateCheckpoint, summariseEvaluation } from './evaluate.ts';
import { fitProbe } from './fit.ts';
import type { FitOptions } from './fit-settings.ts';
import { trainingRows } from './head.ts';
import { createKernel } from './kernel.ts';
import { applyRepresentation, fitRepresentation } from './representation.ts';
import { scoreCheckpoint } from './scored-checkpoint.ts';
import { modelFromTensors, modelToTensors } from './serialise.ts';
import { createTrainingSet, historyOf, trainableItems } from './training-set.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';

const series = syntheticSeries({ checkpoints: 4, itemsPerTask: 60 });
const { items, layout } = series;
const earlier = { items, checkpoints: series.checkpoints.slice(0, 3), layout };
const later = series.checkpoints[3]!;

function fitted(options: Partial<FitOptions>) {
  return fitProbe(earlier, {
    name: 'p',
    architecture: 'linear',
    threads: 1,
    complete: false,
    ...options,
  });
}

describe('options between checkpoints', () => {
  test('each is kept on the card and survives the files', async () => {
    const model = await fitted({ recency: 0.5, standardise: 'checkpoint', align: 'procrustes' });
    const { card, tensors } = modelToTensors(model);
    const restored = modelFromTensors(JSON.parse(JSON.stringify(card)), tensors, 'here');
    expect(restored.card).toEqual(card);
    expect(card.representation).toMatchObject({ standardise: 'checkpoint', align: 'procrustes' });
    expect(Object.values(card.heads).map(({ spec }) => [spec.states, spec.recency])).toEqual(
      Object.values(card.heads).map(({ spec }) => [spec.states, spec.states ? 0.5 : 1]),
    );
    expect(restored.representation?.reference).toEqual(model.representation?.reference);
    await using kernel = await createKernel({ threads: 1 });
    const input = { items, checkpoint: later, layout };
    expect((await scoreCheckpoint(restored, input, kernel)).p).toEqual(
      (await scoreCheckpoint(model, input, kernel)).p,
    );
  });

  test('a reference that names no known question is refused', async () => {
    const { card, tensors } = modelToTensors(await fitted({ align: 'affine' }));
    const broken = tensors.map((tensor) =>
      tensor.name === 'representation.reference.places'
        ? { ...tensor, data: Float64Array.from(tensor.data, (place) => place + 1) }
        : tensor,
    );
    const seen = card.split.seen.length;
    expect(() => modelFromTensors(card, broken, 'here')).toThrow(
      new UserError(
        `probe: expected tensor \`representation.reference.places\` with places below ${seen}, got ${seen} (in here); fit the probe again`,
      ),
    );
  });

  test('a turned basis ruins a probe, and aligned it ranks as before', async () => {
    const hidden = layout.hidden;
    const states = async (pool: 'last' | 'mean', layer: number) => {
      const own = await later.states(pool, layer);
      // Columns change places, one of them its sign; their scales stay comparable, for each has its own taken out.
      return own.map((_, at) => {
        const [row, j] = [at - (at % hidden), at % hidden];
        return (j === 5 ? -1 : 1) * own[row + ((j + 3) % hidden)]!;
      });
    };
    const outcomes = { k: later.k, n: later.n };
    const unseen = async (align: FitOptions['align'], checkpoint: typeof later) => {
      const model = await fitted({
        ...{ align: align!, history: false, output: false, length: false, text: false },
        ...{ standardise: 'checkpoint', layers: [1] },
      });
      const rows = await evaluateCheckpoint(
        model,
        { items, checkpoint, layout, outcomes },
        { threads: 1 },
      );
      return summariseEvaluation(rows).unseen!.auroc!;
    };
    const turned = { ...later, states };
    const before = await unseen('none', later);
    expect(await unseen('none', turned)).toBeLessThan(before - 0.1);
    expect(await unseen('procrustes', turned)).toBeGreaterThan(before - 0.02);
    expect(await unseen('affine', turned)).toBeGreaterThan(before - 0.02);
  });

  test('what cannot be is refused by name', async () => {
    await expect(fitted({ recency: 0 })).rejects.toThrow(
      new UserError('fit: expected `recency` above 0 up to 1, got 0'),
    );
    await expect(fitted({ align: 'affine', architecture: 'scalarMix' })).rejects.toThrow(
      new UserError(
        'fit: expected an architecture that reads components with `align` affine, got scalarMix, which reads layers; fit it without',
      ),
    );
  });
});

test('scaled per checkpoint, components see a shift and not a scale', async () => {
  await using kernel = await createKernel({ threads: 1 });
  const [count, hidden] = [50, 5];
  const stream = randomStream('scaled per checkpoint');
  const states = Float32Array.from({ length: count * hidden }, () => 3 * stream.normal() + 1);
  const source = (of: Float32Array) => ({
    checkpoint: 'c',
    activations: { states: () => of, output: null },
    ids: Array.from({ length: count }, (_, i) => `q${i}`),
    task: new Int32Array(count),
    rows: Int32Array.from({ length: count }, (_, i) => i),
  });
  const options = {
    pool: 'last',
    layers: [0],
    standardise: 'checkpoint',
    align: 'none',
    components: hidden,
  } as const;
  const fit = await fitRepresentation([source(states)], options, { hidden, kernel });
  const own = await applyRepresentation(fit, source(states), kernel);
  const grown = await applyRepresentation(fit, source(states.map((x) => 4 * x)), kernel);
  grown.forEach((value, i) => expect(value).toBeCloseTo(own[i]!, 4));
  const moved = await applyRepresentation(fit, source(states.map((x) => x + 3)), kernel);
  // A shift by about one deviation in every column, whatever the rotation.
  const distance = Math.hypot(...Array.from({ length: hidden }, (_, j) => moved[j]! - own[j]!));
  expect(distance).toBeGreaterThan(1.5);
  expect(distance).toBeLessThan(3);
});

test('a checkpoint weighs `recency` to the power of the labelled ones after it', () => {
  const all = syntheticSeries({ checkpoints: 3, itemsPerTask: 2, tasks: ['add'] });
  const set = createTrainingSet(all.items, all.checkpoints, [true, true]);
  const training = {
    set,
    views: null,
    history: historyOf(set, () => true),
    checkpoints: [0, 1, 2],
    items: trainableItems(set, () => true),
  };
  const spec = {
    architecture: 'linear',
    ...{ states: false, output: true, likelihood: false, length: false, text: false },
    answer: false,
    ridge: { shared: 30, deviation: 30 },
    recency: 0.5,
  } as const;
  const weights = (history: 'none' | 'item') => [
    ...trainingRows(training, { ...spec, history })!.data.weight,
  ];
  expect(weights('none')).toEqual([1, 1, 0.5, 0.5, 0.25, 0.25]);
  // With history the latest checkpoint is seen from two cuts, which share its weight; the first one has no past.
  expect(weights('item')).toEqual([0.5, 0.5, 0.5, 0.5, 0.5, 0.5]);
});
