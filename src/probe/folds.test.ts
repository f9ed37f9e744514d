import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { foldOf, holdoutMask, repeatedItems, unitsOf } from './folds.ts';

type Question = Parameters<typeof unitsOf>[0][number];

const question = (id: string, textHashes: string[], group: string | null = null): Question => ({
  id,
  task: 'a',
  group,
  textHashes,
});

const hangTogether = (a: Question, b: Question): boolean =>
  (a.group !== null && a.group === b.group) ||
  a.textHashes.some((hash) => b.textHashes.includes(hash));

describe('folds', () => {
  const item = fc.record({
    id: fc.uuid(),
    task: fc.constantFrom('a', 'b', 'c'),
    group: fc.option(fc.constantFrom('g', 'h', 'i'), { nil: null }),
    textHashes: fc.uniqueArray(fc.constantFrom('1', '2', '3', '4', '5', '6'), { maxLength: 2 }),
  });
  const list = fc.uniqueArray(item, { selector: (i) => i.id, minLength: 1, maxLength: 60 });

  test('a group or a text is never on both sides, and the order of the items does not matter', () => {
    fc.assert(
      fc.property(list, fc.integer({ min: 0, max: 99 }), (items, seed) => {
        const sideOf = (sides: readonly (boolean | number)[], order: typeof items) =>
          new Map(order.map((i, at) => [i.id, sides[at]!]));
        const reversed = [...items].reverse();
        for (const split of [
          (x: typeof items) => holdoutMask(x, 0.4, seed),
          (x: typeof items) => [...foldOf(x, 3, seed)],
        ]) {
          const sides = sideOf(split(items), items);
          expect(sideOf(split(reversed), reversed)).toEqual(new Map([...sides].reverse()));
          for (const one of items) {
            const bound = items.filter((other) => hangTogether(one, other));
            for (const other of bound) expect(sides.get(other.id)).toBe(sides.get(one.id));
          }
        }
      }),
    );
  });

  test('every task gives its share', () => {
    const items = ['a', 'b'].flatMap((task) =>
      Array.from({ length: 50 }, (_, i) => ({
        id: `${task}${i}`,
        task,
        group: null,
        textHashes: [],
      })),
    );
    const held = holdoutMask(items, 0.4, 7);
    expect([held.slice(0, 50), held.slice(50)].map((side) => side.filter(Boolean).length)).toEqual([
      20, 20,
    ]);
    expect(holdoutMask(items, 0.4, 8)).not.toEqual(held);
    expect(holdoutMask(items, 0, 7).some(Boolean)).toBe(false);
  });

  test('questions hang together by group and text, over any number of steps', () => {
    const items = [
      question('q1', ['x']),
      question('q2', ['y'], 'g'),
      question('q3', ['x', 'z']),
      question('q4', ['z'], 'g'),
      question('q5', ['w']),
    ];
    expect(unitsOf(items)).toEqual(['group:g', 'group:g', 'group:g', 'group:g', 'item:q5']);
    expect(unitsOf([...items].reverse())).toEqual([
      'item:q5',
      'group:g',
      'group:g',
      'group:g',
      'group:g',
    ]);
    expect(repeatedItems(items)).toBe(3);
  });

  test('a text of its own changes nothing of the split', () => {
    const ids = Array.from({ length: 40 }, (_, i) => `q${i}`);
    const bare = ids.map((id) => question(id, []));
    const own = ids.map((id) => question(id, [`text of ${id}`, `text of ${id}`]));
    expect(holdoutMask(own, 0.4, 3)).toEqual(holdoutMask(bare, 0.4, 3));
    expect(repeatedItems(own)).toBe(0);
  });
});
