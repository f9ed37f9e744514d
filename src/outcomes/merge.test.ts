import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { mergeOutcomes, outcomeGroup, relate } from './merge.ts';
import type { OutcomeRecord } from './record.ts';
import { record } from './testing/record.ts';

const nothing = { added: [], unchanged: [], superseded: [], conflicts: [], twice: [] };

describe('outcomeGroup', () => {
  test.each<[Partial<OutcomeRecord>, boolean]>([
    [{ suite: 'x' }, false],
    [{ task: 'x' }, false],
    [{ item: null }, false],
    [{ checkpoint: 'x' }, false],
    [{ temperature: 1 }, false],
    [{ topP: 0.7 }, false],
    [{ seed: 0 }, true],
    [{ filter: 'x' }, false],
    [{ render: 'prompt' }, false],
    [{ promptSha256: 'x' }, false],
    [{ source: 'label:0' }, false],
    [{ source: 'harness' }, true],
    [{ k: 4, n: 20 }, true],
    [{ kind: 'score' }, true],
    [{ tokens: 5 }, true],
  ])('%j: same group %s', (changes, same) => {
    expect(outcomeGroup(record(changes)) === outcomeGroup(record())).toBe(same);
  });
});

describe('relate', () => {
  test.each<[Partial<OutcomeRecord>, Partial<OutcomeRecord>, ReturnType<typeof relate>]>([
    [{}, {}, 'same'],
    [{ seed: 0 }, { seed: 0 }, 'same'],
    [{}, { k: 4 }, 'conflicts'],
    [{}, { source: 'b' }, 'same'],
    [{ source: 'a' }, { source: 'b' }, 'same'],
    [{ source: 'a' }, { source: 'b', k: 4 }, 'conflicts'],
    [{ source: 'label:0' }, { source: 'label:1' }, 'conflicts'],
    [{ tokens: 1 }, { tokens: 2 }, 'conflicts'],
    [{ tokens: 1 }, { flops: 2 }, 'conflicts'],
    [{ k: null, n: null, loss: 2 }, {}, 'conflicts'],
    [{}, { seed: 1 }, 'conflicts'],
    [{ seed: 0 }, { seed: 1 }, 'adds'],
    [{ seed: 0, topK: 5, servedModel: 'm' }, { seed: 1, topK: 5, servedModel: 'm' }, 'adds'],
    [{ seed: 0, topK: 5 }, { seed: 1 }, 'conflicts'],
    [{ seed: 0, servedModel: 'm' }, { seed: 1, servedModel: 'o' }, 'conflicts'],
    [{ seed: 0 }, { seed: 0, k: 4 }, 'conflicts'],
    [{ seed: 0, kind: 'score', k: 0.5 }, { seed: 1, kind: 'score', k: 0.5 }, 'conflicts'],
    [{ seed: 0 }, { seed: 1, kind: 'score', k: 0.5 }, 'conflicts'],
  ])('%j and %j: %s', (a, b, expected) => {
    expect(relate(record(a), record(b))).toBe(expected);
    expect(relate(record(b), record(a))).toBe(expected);
  });

  test('what is not told of a checkpoint agrees; what is told for the first time is kept', () => {
    const more = record({ tokens: 1, chance: 0.25, source: 'b' });
    expect([relate(more, record()), relate(record(), more)]).toEqual(['same', 'completes']);
  });
});

describe('mergeOutcomes', () => {
  const old = record({ source: 'a' });
  const other = record({ source: 'b', k: 5 });

  test('adds what is new, and says what is there already', () => {
    const incoming = record({ item: 'j' });
    expect(mergeOutcomes([old], [old, incoming], { replace: false })).toEqual({
      ...nothing,
      added: [incoming],
      unchanged: [old],
    });
  });

  test('another source for the same key is a conflict, or supersedes', () => {
    expect(mergeOutcomes([old], [other], { replace: false })).toEqual({
      ...nothing,
      conflicts: [{ existing: old, incoming: other }],
    });
    expect(mergeOutcomes([old], [other], { replace: true })).toEqual({
      ...nothing,
      added: [other],
      superseded: [old],
    });
  });

  test('the same with more facts stands in, without being told to', () => {
    const more = record({ source: 'b', tokens: 1 });
    expect(mergeOutcomes([old], [more], { replace: false })).toEqual({
      ...nothing,
      added: [more],
      superseded: [old],
    });
    expect(mergeOutcomes([more], [old], { replace: false })).toEqual({
      ...nothing,
      unchanged: [old],
    });
  });

  test('seeds add, and a record without one stands in for all of them', () => {
    const seeds = [0, 1].map((seed) => record({ seed }));
    const third = record({ seed: 2, k: 9 });
    expect(mergeOutcomes(seeds, [third], { replace: false })).toEqual({
      ...nothing,
      added: [third],
    });
    expect(mergeOutcomes(seeds, [other], { replace: true })).toEqual({
      ...nothing,
      added: [other],
      superseded: seeds,
    });
  });

  test('a thing said twice in one file is found, the same or not', () => {
    expect(mergeOutcomes([], [old, old], { replace: true }).twice).toEqual([
      { first: old, second: old },
    ]);
    expect(mergeOutcomes([], [old, other], { replace: true }).twice).toEqual([
      { first: old, second: other },
    ]);
    expect(
      mergeOutcomes([], [record({ seed: 0 }), record({ seed: 1 })], { replace: false }).twice,
    ).toEqual([]);
  });

  test('sampled answers stand beside imported ones', () => {
    const label = record({ source: 'label:0', seed: 0, k: 9 });
    expect(mergeOutcomes([old], [label], { replace: false })).toEqual({
      ...nothing,
      added: [label],
    });
  });

  test('every incoming record is accounted for', () => {
    const records = fc.array(
      fc.record({
        item: fc.constantFrom('a', 'b'),
        seed: fc.constantFrom(null, 0, 1),
        k: fc.constantFrom(1, 2),
      }),
    );
    fc.assert(
      fc.property(records, records, fc.boolean(), (before, after, replace) => {
        const existing = before.map(record);
        const incoming = after.map(record);
        const result = mergeOutcomes(existing, incoming, { replace });
        const conflicting = new Set(result.conflicts.map((pair) => pair.incoming));
        expect(result.added.length + result.unchanged.length + conflicting.size).toBe(
          incoming.length,
        );
        expect(replace ? result.conflicts : result.superseded).toEqual([]);
      }),
    );
  });
});
