import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ItemOutcome, type PairedOutcomes, pairOutcomes } from './compare-pairs.ts';

const base: ItemOutcome = {
  ...{ item: 'i', k: 1, n: 2, kind: 'count', filter: null },
  ...{ temperature: null, topP: null, render: null, promptSha256: null },
};

const outcome = (item: string, parts: Partial<ItemOutcome> = {}): ItemOutcome => ({
  ...base,
  item,
  ...parts,
});

function paired(a: readonly ItemOutcome[], b: readonly ItemOutcome[]): PairedOutcomes {
  const found = pairOutcomes(a, b);
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

const problem = (a: Partial<ItemOutcome>[], b: Partial<ItemOutcome>[]): unknown => {
  const of = (parts: Partial<ItemOutcome>[]): ItemOutcome[] =>
    parts.map((one) => outcome('i', one));
  return pairOutcomes(of(a), of(b));
};

it('pairs each item that both have, in the order of ids whatever the order of records', () => {
  const ids = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 3 }), { minLength: 1 });
  fc.assert(
    fc.property(ids, ids, (left, right) => {
      const {
        pairs,
        left: alone,
        acrossRenderings,
      } = paired(
        left.map((id) => outcome(id)),
        right.map((id) => outcome(id)),
      );
      const shared = left.filter((id) => right.includes(id));
      expect(pairs.map(([{ item }]) => item)).toEqual([...shared].sort());
      expect(pairs.map(([, { item }]) => item)).toEqual([...shared].sort());
      expect(acrossRenderings).toBe(0);
      const others = left.length + right.length - 2 * shared.length;
      expect(alone.reduce((sum, { items }) => sum + items, 0)).toBe(others);
    }),
  );
});

describe('the way something was measured', () => {
  it('agrees with one that is not told, and goes before it where it is the same', () => {
    const strict = { filter: 'strict', temperature: 1 };
    expect(paired([outcome('i', strict)], [outcome('i')]).pairs).toHaveLength(1);
    const { pairs } = paired([outcome('i', strict), outcome('i')], [outcome('i', strict)]);
    expect(pairs.map(([a, b]) => [a.filter, b.filter])).toEqual([['strict', 'strict']]);
  });

  it.each([
    [
      [{ temperature: 0 }],
      [{ temperature: 1 }],
      'expected the same temperature at both, found `0` and `1`: choose one that both have with --temperature',
    ],
    [
      [{ topP: 0.7 }],
      [{ topP: 1 }],
      'expected the same top-p at both, found `0.7` and `1`: choose one that both have with --top-p',
    ],
    [
      [{ topP: 0.7 }, { topP: 1 }],
      [{ topP: 1 }, { topP: 0.7 }],
      'expected outcomes of one top-p, found `0.7` and `1`: choose one with --top-p',
    ],
    [
      [{ filter: null }],
      [{ filter: 'strict' }, { filter: 'loose' }],
      'expected outcomes of one filter, found `loose` and `strict`: choose one with --filter',
    ],
  ] satisfies [Partial<ItemOutcome>[], Partial<ItemOutcome>[], string][])(
    'is refused where %j and %j leave it open',
    (a, b, message) => {
      expect(problem(a, b)).toEqual({ problem: message });
    },
  );
});

describe('an item asked in several ways', () => {
  const prompt = { render: 'prompt', promptSha256: 'aa' };
  const messages = { render: 'messages', promptSha256: 'bb' };

  it('is paired with the same words, else across renderings', () => {
    const both = [outcome('i', prompt), outcome('i', messages)];
    const same = paired(both, [outcome('i', messages)]);
    expect(same.pairs.map(([a]) => a.render)).toEqual(['messages']);
    expect(same.acrossRenderings).toBe(0);
    expect(paired([outcome('i', prompt)], [outcome('i', messages)]).acrossRenderings).toBe(1);
  });

  it('is left out where the words changed or nothing tells which pair is meant', () => {
    const changed = paired(
      [outcome('i', prompt)],
      [outcome('i', { ...prompt, promptSha256: 'c' })],
    );
    expect(changed).toEqual({
      ...{ pairs: [], acrossRenderings: 0 },
      left: [{ items: 1, reason: 'asked in other words (prompt_sha256 differs)' }],
    });
    const both = [outcome('i', prompt), outcome('i', messages)];
    expect(paired(both, both).left).toEqual([
      { items: 1, reason: 'asked in several ways at one of the two' },
    ]);
  });
});
