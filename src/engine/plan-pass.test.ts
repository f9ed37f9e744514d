import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type PassOptions, type PassPlan, planPass } from './plan-pass.ts';

/** Prompts over few tokens, so that they share beginnings of any length, whole prompts among them. */
const prompts = fc
  .array(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 1, maxLength: 24 }), {
    maxLength: 40,
  })
  .map((lists) => lists.map((list) => Int32Array.from(list)));

const options: fc.Arbitrary<PassOptions> = fc.record({
  tokenBudget: fc.integer({ min: 1, max: 200 }),
  prefixSharing: fc.constantFrom('paying', 'always', 'never'),
  mostPrefixTokens: fc.integer({ min: 0, max: 30 }),
});

/** Tokens of the prefix and of those that it begins with: their caches are held together. */
function heldFor({ prefixes }: PassPlan, prefix: number | null): number {
  let held = 0;
  for (let each = prefix; each !== null; each = prefixes[each]!.parent) {
    held += prefixes[each]!.length;
  }
  return held;
}

test('every prompt once, behind a prefix that it begins with, and with a token of its own', () => {
  fc.assert(
    fc.property(prompts, options, (each, limits) => {
      const plan = planPass(each, limits);
      expect(plan.batches.flatMap(({ rows }) => [...rows]).toSorted((a, b) => a - b)).toEqual([
        ...each.keys(),
      ]);
      for (const [i, { prompt, length, parent }] of plan.prefixes.entries()) {
        if (parent !== null) {
          const shorter = plan.prefixes[parent]!;
          expect(parent).toBeLessThan(i);
          expect(shorter.length).toBeLessThan(length);
          expect(each[prompt]!.subarray(0, shorter.length)).toEqual(
            each[shorter.prompt]!.subarray(0, shorter.length),
          );
        }
        expect(heldFor(plan, i)).toBeLessThanOrEqual(limits.mostPrefixTokens!);
      }
      for (const { rows, prefix } of plan.batches) {
        expect(rows.length).toBeGreaterThan(0);
        if (prefix === null) continue;
        const { prompt, length } = plan.prefixes[prefix]!;
        for (const row of rows) {
          expect(each[row]!.length).toBeGreaterThan(length);
          expect(each[row]!.subarray(0, length)).toEqual(each[prompt]!.subarray(0, length));
        }
        const own = rows.reduce((sum, row) => sum + each[row]!.length - length, 0);
        expect(rows.length === 1 || own <= limits.tokenBudget).toBe(true);
      }
      expect(
        planPass(
          each.map((ids) => ids.slice()),
          limits,
        ),
      ).toEqual(plan);
    }),
  );
});

test('batches follow their prefix, and longer prefixes come before another one does', () => {
  fc.assert(
    fc.property(prompts, options, (each, limits) => {
      const { prefixes, batches } = planPass(each, limits);
      const order = batches.flatMap(({ prefix }) => (prefix === null ? [] : [prefix]));
      expect(order).toEqual(order.toSorted((a, b) => a - b));
      // Depth first: the parent of a prefix is the one before it, or one that this begins with.
      for (const [i, { parent }] of prefixes.entries()) {
        const open = new Set<number | null>([null]);
        for (let at: number | null = i - 1; at !== null && at >= 0; at = prefixes[at]!.parent) {
          open.add(at);
        }
        expect(open.has(parent)).toBe(true);
      }
    }),
  );
});

test('sharing whatever is common computes a beginning once, last tokens apart', () => {
  fc.assert(
    fc.property(prompts, (each) => {
      const plan = planPass(each, { tokenBudget: 10_000, prefixSharing: 'always' });
      const beginnings = new Set<string>();
      for (const ids of each) {
        for (let end = 1; end <= ids.length; end += 1) beginnings.add(ids.subarray(0, end).join());
      }
      const unshared = plan.batches
        .filter(({ prefix }) => prefix === null)
        .reduce((sum, { rows }) => sum + rows.length * each[rows[0]!]!.length, 0);
      expect(plan.computed - unshared).toBeLessThanOrEqual(beginnings.size + each.length);
    }),
  );
});

describe('what pays', () => {
  const text = (length: number, seed: number): number[] =>
    Array.from({ length }, (_, i) => (i * 7919 + seed * 104_729) % 40_009);

  test('a few-shot prefix a task, a system prompt before both', () => {
    const system = text(200, 1);
    const tasks = [text(400, 2), text(500, 3)].map((shots) => [...system, ...shots]);
    const questions = tasks.flatMap((task, t) =>
      Array.from({ length: 20 }, (_, i) =>
        Int32Array.from([...task, ...text(50 + i, 10 + 100 * t + i)]),
      ),
    );
    const plan = planPass(questions, { tokenBudget: 1024 });
    expect(plan.prefixes).toEqual([
      { prompt: 0, length: 200, parent: null },
      { prompt: 0, length: 600, parent: 0 },
      { prompt: 20, length: 700, parent: 0 },
    ]);
    expect(plan.batches.map(({ rows, prefix }) => [rows.length, prefix])).toEqual([
      ...[8, 7, 5].map((rows) => [rows, 1]),
      ...[8, 7, 5].map((rows) => [rows, 2]),
    ]);
    expect(plan.computed).toBe(200 + 400 + 500 + 2 * (20 * 50 + 190));
    expect(plan.tokens).toBe(20 * (600 + 700) + 2 * (20 * 50 + 190));
  });

  test('not a few common words, nor a passage of two short questions', () => {
    const few = Array.from({ length: 50 }, (_, i) =>
      Int32Array.from([...text(5, 1), ...text(150, 2 + i)]),
    );
    const two = [3, 4].map((seed) => Int32Array.from([...text(60, 2), ...text(20, seed)]));
    for (const each of [few, two]) {
      expect(planPass(each, { tokenBudget: 1024 }).prefixes).toEqual([]);
    }
  });

  test('no sharing beside a prompt too long for a mask of all its tokens', () => {
    const shared = [3, 4, 5].map((seed) => Int32Array.from([...text(600, 2), ...text(20, seed)]));
    const long = Int32Array.from(text(5000, 9));
    expect(planPass(shared, { tokenBudget: 1024 }).prefixes).toHaveLength(1);
    expect(planPass([...shared, long], { tokenBudget: 1024 }).prefixes).toEqual([]);
  });
});

test('many nested prompts are planned without recursion, in little time', () => {
  const line = Int32Array.from({ length: 3000 }, (_, i) => i);
  const nested = Array.from({ length: 3000 }, (_, i) => line.subarray(0, i + 1));
  const plan = planPass(nested, { tokenBudget: 1024, prefixSharing: 'always' });
  expect(plan.computed).toBeLessThan(2 * 3000);
  expect(() => planPass(nested, { tokenBudget: 1024 })).not.toThrow();
});

test('more batches than a call has arguments', () => {
  const many = Array.from({ length: 150_000 }, (_, i) => Int32Array.of(1, 2, i % 300, i));
  const { batches } = planPass(many, { tokenBudget: 1, prefixSharing: 'always' });
  expect(batches.reduce((sum, { rows }) => sum + rows.length, 0)).toBe(150_000);
});
