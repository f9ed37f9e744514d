import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { allocate } from './allocate.ts';
import {
  type ChooseInput,
  chooseQuestions,
  type Design,
  estimateAccuracy,
  estimateFromDesign,
  plainMean,
  shareBudget,
} from './index.ts';
import { ask, population, stream } from './testing/population.ts';

const floats = (values: readonly number[]) => Float64Array.from(values);
const idsOf = (count: number) => Array.from({ length: count }, (_, i) => `item-${i}`);
const average = (values: ArrayLike<number>) =>
  Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
const designs: readonly Design[] = ['random', 'stratified', 'pps'];

describe('chooseQuestions', () => {
  test('chooses as many as asked, each with the probability it says', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 2, max: 70 }),
        fc.constantFrom(...designs),
        fc.constantFrom('neyman' as const, 'proportional' as const),
        (predicted, budget, design, allocation) => {
          const ids = idsOf(predicted.length);
          const input = { task: 't', ids, budget, design, seed: 1, allocation };
          const choice = chooseQuestions({ ...input, predicted: floats(predicted) });
          const wanted = Math.min(budget, ids.length);
          expect(new Set(choice.places).size).toBe(wanted);
          expect([...choice.places]).toEqual([...choice.places].sort((i, j) => i - j));
          expect(choice.inclusion.reduce((sum, p) => sum + p, 0)).toBeCloseTo(wanted, 9);
          expect(choice.inclusion.every((p) => p > 0 && p <= 1)).toBe(true);
          for (let h = 0; h <= Math.max(...choice.stratum); h += 1) {
            const members = [...choice.stratum.keys()].filter((i) => choice.stratum[i] === h);
            const taken = members.filter((i) => choice.places.includes(i)).length;
            expect(taken).toBeGreaterThanOrEqual(Math.min(2, members.length));
          }
        },
      ),
    );
  });

  test.each(designs)('does not mind the order of the questions: %s', (design) => {
    const { predicted } = population(stream('order'), { size: 80, skill: 0.5 });
    const ids = idsOf(80);
    const input = { task: 't', budget: 20, design, seed: 'a' };
    const chosen = (turned: boolean, seed: string) => {
      const at = turned ? [...ids.keys()].reverse() : [...ids.keys()];
      const choice = chooseQuestions({
        ...input,
        seed,
        ids: at.map((i) => ids[i]!),
        predicted: Float64Array.from(at, (i) => predicted[i]!),
      });
      return Array.from(choice.places, (i) => ids[at[i]!]!).sort();
    };
    expect(chosen(true, 'a')).toEqual(chosen(false, 'a'));
    expect(chosen(false, 'b')).not.toEqual(chosen(false, 'a'));
  });

  test('a larger random budget keeps the chosen ones', () => {
    const at = (budget: number) =>
      chooseQuestions({
        task: 't',
        ids: idsOf(50),
        predicted: new Float64Array(50),
        budget,
        design: 'random',
        seed: 3,
      }).places;
    expect([...at(20)]).toEqual(expect.arrayContaining([...at(8)]));
  });

  test('Pareto sampling meets its inclusion probabilities', () => {
    const { predicted } = population(stream('pareto'), { size: 30, skill: 0.5 });
    const ids = idsOf(30);
    const times = new Float64Array(30);
    const rounds = 2000;
    const input: Omit<ChooseInput, 'seed'> = {
      task: 't',
      ids,
      predicted,
      budget: 8,
      design: 'pps',
    };
    for (let seed = 0; seed < rounds; seed += 1) {
      for (const i of chooseQuestions({ ...input, seed }).places) times[i]! += 1;
    }
    const { inclusion } = chooseQuestions({ ...input, seed: 0 });
    for (const [i, p] of inclusion.entries()) {
      const sigma = Math.sqrt((p * (1 - p)) / rounds);
      expect(Math.abs(times[i]! / rounds - p)).toBeLessThan(4 * sigma + 0.004);
    }
  });

  test('refuses what it cannot choose from', () => {
    const input = { task: 'add', ids: ['a', 'b'], predicted: floats([0.1, 0.2]), seed: 0 };
    const of = (change: Partial<ChooseInput>) => () =>
      chooseQuestions({ ...input, budget: 2, design: 'random', ...change });
    expect(of({ ids: ['a'] })).toThrow(
      'chooseQuestions: expected a prediction for each question of add, got 2 for 1',
    );
    expect(of({ budget: 1 })).toThrow(
      'chooseQuestions: expected a whole `budget` of 2 or more, got 1',
    );
    expect(of({ predicted: floats([0.1, 2]) })).toThrow(
      'chooseQuestions: expected predictions from 0 to 1, got 2 for b',
    );
  });
});

describe('estimateFromDesign', () => {
  const settings = designs.flatMap((design) => [
    { design, skill: 0.7, size: 150, budget: 40, answers: 4 },
    { design, skill: 0.2, size: 120, budget: 16, answers: 1 },
  ]);

  test.each(settings)('covers: $design, skill $skill, $budget labels', (setting) => {
    const { design, skill, size, budget, answers } = setting;
    const draws = stream(JSON.stringify(setting));
    const these = population(draws, { size, skill, shift: 0.5 });
    const ids = idsOf(size);
    const truth = average(these.truth);
    const rounds = 600;
    let [covered, bias] = [0, 0];
    for (let seed = 0; seed < rounds; seed += 1) {
      const { predicted } = these;
      const choice = chooseQuestions({ task: 't', ids, predicted, budget, design, seed });
      const given = ask(these, choice.places, { answers, stream: draws });
      const found = estimateFromDesign(choice, given, { level: 0.9 })!;
      covered += found.low <= truth && truth <= found.high ? 1 : 0;
      bias += (found.estimate - truth) / rounds;
    }
    expect(covered / rounds).toBeGreaterThan(0.87);
    expect(covered / rounds).toBeLessThan(0.93);
    expect(Math.abs(bias)).toBeLessThan(0.02);
  });

  const known = population(stream('design'), { size: 100, skill: 0.8 });
  const choose = (design: Design) =>
    chooseQuestions({
      task: 't',
      ids: idsOf(100),
      predicted: known.predicted,
      budget: 20,
      design,
      seed: 5,
    });

  test('of a random choice is the plain estimate of it', () => {
    const choice = choose('random');
    const given = ask(known, choice.places, { answers: 3, stream: stream('r') });
    expect(estimateFromDesign(choice, given, { level: 0.9 })).toEqual(
      estimateAccuracy(given, { level: 0.9 }),
    );
  });

  test.each(designs)('leaves out other labels, takes missing ones as they come: %s', (design) => {
    const choice = choose(design);
    const given = ask(known, choice.places, { answers: 3, stream: stream('m') });
    const found = estimateFromDesign(choice, given, { level: 0.9 });
    const more = { ...given, n: given.n.map((n) => (n > 0 ? n : 3)) };
    expect(estimateFromDesign(choice, more, { level: 0.9 })).toEqual(found);
    const kept = new Set(choice.places.slice(0, 7));
    const few = {
      ...given,
      k: given.k.map((k, i) => (kept.has(i) ? k : 0)),
      n: given.n.map((n, i) => (kept.has(i) ? n : 0)),
    };
    expect(estimateFromDesign(choice, few, { level: 0.9 })).toMatchObject({ labelled: 7 });
    const none = { ...given, k: new Float64Array(100), n: new Float64Array(100) };
    expect(estimateFromDesign(choice, none, { level: 0.9 })).toBe(null);
  });

  test.each(designs)('of all questions, with λ = 0, is their mean: %s', (design) => {
    const choice = chooseQuestions({
      task: 't',
      ids: idsOf(100),
      predicted: known.predicted,
      budget: 100,
      design,
      seed: 5,
    });
    const given = ask(known, choice.places, { answers: 3, stream: stream('all') });
    const found = estimateFromDesign(choice, given, { level: 0.9, lambda: 0 })!;
    const plain = plainMean(given, { level: 0.9 })!;
    expect(found.estimate).toBeCloseTo(plain.estimate, 12);
    expect(found.standardError).toBeCloseTo(plain.standardError, 12);
  });

  test('says how it was made, and refuses other questions', () => {
    const choice = choose('stratified');
    const given = ask(known, choice.places, { answers: 3, stream: stream('w') });
    expect(estimateFromDesign(choice, given, { level: 0.9, lambda: 1 })!.method).toBe(
      'stratified: 5 strata by prediction, 20 of 100 questions labelled, 1.00 of the predictions used within strata',
    );
    const fewer = { predicted: floats([0.1]), k: floats([0]), n: floats([1]) };
    expect(() => estimateFromDesign(choice, fewer, { level: 0.9 })).toThrow(
      'estimateFromDesign: expected the 100 questions of the choice, got 1',
    );
  });
});

describe('allocate and shareBudget', () => {
  test('gives what is asked, within the bounds, more to the heavier', () => {
    const share = fc.record({
      weight: fc.double({ min: 0, max: 10, noNaN: true }),
      size: fc.integer({ min: 0, max: 40 }),
    });
    fc.assert(
      fc.property(
        fc.array(share, { minLength: 1, maxLength: 8 }),
        fc.nat(200),
        (shares, budget) => {
          const given = allocate(shares, budget, 2);
          const least = shares.reduce((sum, { size }) => sum + Math.min(2, size), 0);
          const most = shares.reduce((sum, { size }) => sum + size, 0);
          const total = given.reduce((sum, value) => sum + value, 0);
          expect(total).toBe(Math.min(most, Math.max(least, budget)));
          for (const [i, { size }] of shares.entries()) {
            expect(given[i]).toBeGreaterThanOrEqual(Math.min(2, size));
            expect(given[i]).toBeLessThanOrEqual(size);
          }
        },
      ),
    );
    const none = [5, 5].map((size) => ({ weight: 0, size }));
    expect([...allocate(none, 7, 2)]).toEqual([4, 3]);
    const three = [1, 2, 3].map((weight) => ({ weight, size: 100 }));
    expect([...allocate(three, 60, 2)]).toEqual([10, 20, 30]);
    expect([...allocate([{ weight: 1, size: 3 }, ...three], 63, 2)]).toEqual([3, 10, 20, 30]);
  });

  test('gives uncertain tasks more labels, and each its least', () => {
    const tasks = [0.5, 0.02, 0.5].map((f, t) => ({
      task: `t${t}`,
      predicted: new Float64Array(t === 2 ? 12 : 200).fill(f),
    }));
    expect([...shareBudget(tasks, 100)]).toEqual([69, 19, 12]);
    expect([...shareBudget(tasks, 5)]).toEqual([10, 10, 10]);
  });
});
