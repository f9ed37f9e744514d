/** What must not work, does not: a probe that learns nothing ranks nothing, and a question is seen or it is not. */
import { describe, expect, test } from 'vitest';
import {
  evaluateCheckpoint,
  type FitData,
  fitProbe,
  type ProbeModel,
  summariseEvaluation,
} from './index.ts';
import { shuffleOutcomes } from './testing/shuffled-outcomes.ts';
import { syntheticSeries } from './testing/synthetic-series.ts';

const series = syntheticSeries({ checkpoints: 4, itemsPerTask: 100 });
const { items, layout } = series;
const later = series.checkpoints[3]!;
const learned: FitData = { ...series, checkpoints: series.checkpoints.slice(0, 3), random: null };
const quick = {
  name: 'control',
  threads: 1,
  complete: false,
  layers: [1],
  pools: ['last'],
} as const;

const scoresOf = async (model: ProbeModel, questions = items) => {
  const input = { items: questions, checkpoint: later, layout, outcomes: later };
  return summariseEvaluation(await evaluateCheckpoint(model, input));
};

describe('labels shuffled within their task', () => {
  test('leave nothing to rank unseen questions by', async () => {
    const aurocs: number[] = [];
    for (let seed = 0; seed < 12; seed += 1) {
      const shuffled = { ...learned, checkpoints: shuffleOutcomes(learned, seed) };
      const model = await fitProbe(shuffled, { ...quick, seed, architecture: 'linear' });
      aurocs.push((await scoresOf(model)).unseen!.auroc!);
    }
    const mean = aurocs.reduce((sum, value) => sum + value, 0) / aurocs.length;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.03);
    const honest = await fitProbe(learned, { ...quick, architecture: 'linear' });
    expect((await scoresOf(honest)).unseen!.auroc).toBeGreaterThan(0.8);
  });
});

describe('a question planted under two ids', () => {
  const last = items.length - 1;
  /** Item `last` asks what item 0 asks: other text, the same hash. */
  const planted = items.map((item, i) =>
    i === last ? { ...item, textHashes: items[0]!.textHashes } : item,
  );

  test('is on one side of every split, and the card says so', async () => {
    const note =
      '2 questions ask the same as another one under another id: such questions are kept on one side of every split.';
    const sides = new Set<boolean>();
    for (let seed = 0; seed < 4; seed += 1) {
      const { card } = await fitProbe({ ...learned, items: planted }, { ...quick, seed });
      const seen = new Set(card.split.seen);
      expect(seen.has(items[last]!.id)).toBe(seen.has(items[0]!.id));
      sides.add(seen.has(items[0]!.id));
      expect(card.limits).toContain(note);
    }
    expect(sides).toEqual(new Set([true, false]));
    const { card } = await fitProbe(learned, quick);
    expect(card.limits).not.toContain(note);
  });

  test('is scored as seen where the probe learned from it under the other id', async () => {
    const model = await fitProbe(learned, quick);
    const seen = new Set(model.card.split.seen);
    const twin = items.findIndex(({ id }) => seen.has(id));
    const unseen = items.findIndex(({ id }) => !seen.has(id));
    const asked = items.map((item, i) =>
      i === unseen ? { ...item, textHashes: ['other', ...items[twin]!.textHashes] } : item,
    );
    const counts = async (questions: typeof items) => {
      const input = { items: questions, checkpoint: later, layout, outcomes: later };
      const rows = await evaluateCheckpoint(model, input);
      return rows.filter(({ task }) => task === items[unseen]!.task).map((row) => row.items);
    };
    expect(await counts(items)).toEqual([60, 40, 100]);
    expect(await counts(asked)).toEqual([61, 39, 100]);
  });
});
