import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { PassPlan } from '../plan-pass.ts';
import { type GroupLimits, planGroups } from './plan-groups.ts';

/** Batches of these prompts, all without a prefix. */
function planOf(batches: readonly (readonly number[])[]): PassPlan {
  return {
    ...{ prefixes: [], tokens: 0, computed: 0 },
    batches: batches.map((rows) => ({ rows: Int32Array.from(rows), prefix: null })),
  };
}

const roomy: GroupLimits = {
  ...{ promptTokens: [10, 10, 10, 4, 4], samples: [1, 1, 1, 1, 1], bytesPerToken: 1 },
  ...{ bytesPerSample: 1, memoryBytes: 1000, mostSamples: 100, mostPrompts: 100 },
};

function rowsOf(plan: PassPlan, limits: GroupLimits): number[][][] {
  return planGroups(plan, limits).map((group) => group.map(({ rows }) => [...rows]));
}

test('batches go together while they fit, and are taken apart where they do not', () => {
  const plan = planOf([
    [0, 1, 2],
    [3, 4],
  ]);
  expect(rowsOf(plan, roomy)).toEqual([
    [
      [0, 1, 2],
      [3, 4],
    ],
  ]);
  expect(rowsOf(plan, { ...roomy, mostPrompts: 2 })).toEqual([[[0, 1]], [[2], [3]], [[4]]]);
  expect(rowsOf(plan, { ...roomy, mostSamples: 3 })).toEqual([[[0, 1, 2]], [[3, 4]]]);
  // Three prompts of ten tokens with an answer each take 33 bytes; the fourth is padded to ten.
  expect(rowsOf(plan, { ...roomy, memoryBytes: 43 })).toEqual([[[0, 1, 2]], [[3, 4]]]);
  expect(rowsOf(plan, { ...roomy, memoryBytes: 1 })).toEqual([[[0]], [[1]], [[2]], [[3]], [[4]]]);
});

test('every prompt is in one group, in the order of the plan, and no group of several is too large', () => {
  const prompt = fc.record({
    tokens: fc.integer({ min: 1, max: 30 }),
    answers: fc.integer({ min: 1, max: 7 }),
    opensBatch: fc.boolean(),
  });
  const limits = fc.record({
    memoryBytes: fc.integer({ min: 1, max: 300 }),
    mostSamples: fc.integer({ min: 1, max: 20 }),
    mostPrompts: fc.integer({ min: 1, max: 9 }),
  });
  fc.assert(
    fc.property(fc.array(prompt, { minLength: 1, maxLength: 40 }), limits, (prompts, limit) => {
      const rows: number[][] = [];
      for (const [row, { opensBatch }] of prompts.entries()) {
        if (row === 0 || opensBatch) rows.push([row]);
        else rows.at(-1)!.push(row);
      }
      const promptTokens = prompts.map(({ tokens }) => tokens);
      const samples = prompts.map(({ answers }) => answers);
      const asked = { ...limit, promptTokens, samples, bytesPerToken: 1, bytesPerSample: 2 };
      const groups = rowsOf(planOf(rows), asked).map((group) => group.flat());
      expect(groups.flat()).toEqual(rows.flat());
      for (const group of groups.filter(({ length }) => length > 1)) {
        const answers = group.reduce((sum, row) => sum + samples[row]!, 0);
        const longest = Math.max(...group.map((row) => promptTokens[row]!));
        expect(group.length).toBeLessThanOrEqual(limit.mostPrompts);
        expect(answers).toBeLessThanOrEqual(limit.mostSamples);
        expect(group.length * longest + 2 * answers).toBeLessThanOrEqual(limit.memoryBytes);
      }
    }),
  );
});
