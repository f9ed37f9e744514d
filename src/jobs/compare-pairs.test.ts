import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Across } from '../outcomes/index.ts';
import { type ItemOutcome, type PairedOutcomes, pairOutcomes } from './compare-pairs.ts';

const base: ItemOutcome = {
  ...{ item: 'i', k: 1, n: 2, kind: 'count', filter: null },
  ...{ temperature: null, topP: null, render: null, promptSha256: null },
  ...{ fewShot: null, chatTemplate: null, documentHash: null, targetHash: null },
};

const outcome = (item: string, parts: Partial<ItemOutcome> = {}): ItemOutcome => ({
  ...base,
  item,
  ...parts,
});

function paired(
  a: readonly ItemOutcome[],
  b: readonly ItemOutcome[],
  across: readonly Across[] = [],
): PairedOutcomes {
  const found = pairOutcomes(a, b, across);
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

const problem = (a: Partial<ItemOutcome>[], b: Partial<ItemOutcome>[]): unknown => {
  const of = (parts: Partial<ItemOutcome>[]): ItemOutcome[] =>
    parts.map((one) => outcome('i', one));
  return pairOutcomes(of(a), of(b), []);
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
      left: [
        {
          items: 1,
          reason: 'asked in other words (prompt_sha256 differs)',
          first: { item: 'i', across: 'prompt', values: ['aa', 'c'] },
        },
      ],
    });
    const both = [outcome('i', prompt), outcome('i', messages)];
    expect(paired(both, both).left).toEqual([
      { items: 1, reason: 'asked in several ways at one of the two' },
    ]);
  });
});

describe('questions under one id', () => {
  const of = (parts: Partial<ItemOutcome>): ItemOutcome[] => [outcome('i', parts)];

  it.each([
    ['document', 'documentHash', 'asked about another document (document_hash differs)'],
    ['target', 'targetHash', 'asked with another expected answer (target_hash differs)'],
  ] as const)('that differ in the %s are left out, unless allowed', (across, field, reason) => {
    const [a, b] = [of({ [field]: 'one' }), of({ [field]: 'other' })];
    const first = { item: 'i', across, values: ['one', 'other'] };
    expect(paired(a, b).left).toEqual([{ items: 1, reason, first }]);
    expect(paired(a, b, [across]).pairs).toHaveLength(1);
    expect(paired(a, of({})).pairs).toHaveLength(1);
  });

  it('asked with other few-shot counts or chat templates are no pair, unless allowed', () => {
    const [a, b] = [of({ fewShot: 0 }), of({ fewShot: 5 })];
    expect(pairOutcomes(a, b, [])).toEqual({
      problem:
        'expected the same few-shot count at both, found `0` and `5`: choose one that both have with --few-shot, or allow it with --across few-shot',
    });
    expect(paired(a, b, ['few-shot']).pairs).toHaveLength(1);
    const [plain, chat] = [of({ chatTemplate: 'none' }), of({ chatTemplate: 'ab12' })];
    expect(pairOutcomes(plain, chat, ['few-shot'])).toEqual({
      problem:
        'expected the same chat template at both, found `none` and `ab12`: choose one that both have with --chat-template, or allow it with --across chat-template',
    });
    expect(paired(plain, chat, ['chat-template']).pairs).toHaveLength(1);
  });

  it('may be worded otherwise where the few-shot count is allowed to differ, not where it is the same', () => {
    const a = of({ fewShot: 0, promptSha256: 'aa' });
    const across = ['few-shot'] as const;
    expect(paired(a, of({ fewShot: 5, promptSha256: 'bb' }), across).pairs).toHaveLength(1);
    expect(paired(a, of({ fewShot: 0, promptSha256: 'bb' }), across).pairs).toHaveLength(0);
    expect(paired(a, of({ fewShot: 0, promptSha256: 'bb' }), ['prompt']).pairs).toHaveLength(1);
  });

  it('take what needs no allowance before what does', () => {
    const both = [...of({ promptSha256: 'aa' }), ...of({ promptSha256: 'bb' })];
    const { pairs } = paired(both, of({ promptSha256: 'bb' }), ['prompt']);
    expect(pairs.map(([a]) => a.promptSha256)).toEqual(['bb']);
  });
});
