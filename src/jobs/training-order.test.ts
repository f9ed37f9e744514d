import { describe, expect, it } from 'vitest';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import { inTrainingOrder } from './training-order.ts';

function known(id: string, facts: Partial<KnownCheckpoint['facts']>): KnownCheckpoint {
  const unknown = { run: null, family: null, stage: null, step: null, tokens: null };
  const sizes = { params: null, paramsNonEmbedding: null, flops: null };
  return {
    id,
    opened: null,
    fingerprint: null,
    setupSha256: null,
    facts: { ...unknown, ...sizes, ...facts },
  };
}

function order(...checkpoints: KnownCheckpoint[]): string[] {
  return inTrainingOrder(checkpoints).map(({ id }) => id);
}

describe('inTrainingOrder', () => {
  it('goes by stage, then tokens', () => {
    const sft = known('sft', { stage: 'sft', tokens: 10 });
    const late = known('late', { stage: 'pretrain', tokens: 2e9 });
    const early = known('early', { stage: 'pretrain', tokens: 1e9 });
    expect(order(sft, late, early)).toEqual(['early', 'late', 'sft']);
  });

  it('goes by steps where one lacks tokens', () => {
    expect(order(known('b', { step: 20, tokens: 5 }), known('a', { step: 10 }))).toEqual([
      'a',
      'b',
    ]);
  });

  it('needs no facts of a single checkpoint', () => {
    expect(order(known('only', {}))).toEqual(['only']);
  });

  it('names a checkpoint that cannot be placed', () => {
    expect(() => order(known('a', { step: 1 }), known('b', {}))).toThrow(
      '`b`: expected its `tokens` or `step` to be known, to order 2 checkpoints; state them under `checkpoints` in sonde.yaml, or in the outcome records',
    );
  });
});
