import { describe, expect, it } from 'vitest';
import type { Checkpoint } from '../../../../src/wire/index.ts';
import { createAxis } from './axis.ts';
import { placesOf, type Training } from './places.ts';
import { createTargetPlaces } from './target-places.ts';

/** A stage in the order of training, and the tokens at each of its checkpoints. */
type Told = readonly [stage: string, tokens: readonly (number | null)[]];

function trainingOf(told: readonly Told[]): Training {
  const checkpoints = told.flatMap(([stage, tokens]) =>
    tokens.map((seen, index): Checkpoint => {
      const checkpoint = `${stage}-${index}`;
      const size = { params: 10, paramsNonEmbedding: 8, flops: seen === null ? null : 60 * seen };
      return {
        ...{ checkpoint, run: 'r', family: null, stage, step: index, tokens: seen, ...size },
        fingerprint: null,
      };
    }),
  );
  const stages = told.map(([stage]) => ({ stage, from: `${stage}-0` }));
  return { checkpoints, stages };
}

function along(training: Training): unknown {
  const { byCheckpoint, ...rest } = placesOf(training, createAxis('tokens', training.checkpoints));
  const places = [...byCheckpoint].map(([id, { x, stage }]) => [id, x, stage]);
  return { places, ...rest };
}

describe('placesOf', () => {
  it('lays a stage that counts anew behind the stages before it', () => {
    const told: Told[] = [
      ['pretrain', [100, 200]],
      ['midtrain', [10, 20]],
      ['sft', [5, 6]],
    ];
    expect(along(trainingOf(told))).toEqual({
      places: [
        ['pretrain-0', 100, 0],
        ['pretrain-1', 200, 0],
        ['midtrain-0', 210, 1],
        ['midtrain-1', 220, 1],
        ['sft-0', 225, 2],
        ['sft-1', 226, 2],
      ],
      stages: [
        { x: 200, stage: 'midtrain' },
        { x: 220, stage: 'sft' },
      ],
      laid: true,
    });
  });

  it('leaves stages where they are that count on, also on from one that counted anew', () => {
    const told: Told[] = [
      ['pretrain', [100, 200]],
      ['midtrain', [200, 230]],
      ['sft', [10, 20]],
      ['dpo', [25, 30]],
    ];
    expect(along(trainingOf(told))).toEqual({
      places: [
        ['pretrain-0', 100, 0],
        ['pretrain-1', 200, 0],
        ['midtrain-0', 200, 1],
        ['midtrain-1', 230, 1],
        ['sft-0', 240, 2],
        ['sft-1', 250, 2],
        ['dpo-0', 255, 3],
        ['dpo-1', 260, 3],
      ],
      stages: [
        { x: 200, stage: 'midtrain' },
        { x: 230, stage: 'sft' },
        { x: 255, stage: 'dpo' },
      ],
      laid: true,
    });
  });

  it('leaves out checkpoints of which the axis is not known', () => {
    const told: Told[] = [
      ['pretrain', [100, null]],
      ['midtrain', [null]],
      ['sft', [300]],
    ];
    expect(along(trainingOf(told))).toEqual({
      places: [
        ['pretrain-0', 100, 0],
        ['sft-0', 300, 2],
      ],
      stages: [{ x: 300, stage: 'sft' }],
      laid: false,
    });
  });
});

describe('createTargetPlaces', () => {
  it('finds a checkpoint at its place, and turns computes at the rate of the whole training', () => {
    const training = trainingOf([
      ['pretrain', [100, 200]],
      ['midtrain', [10, 20]],
    ]);
    const axis = createAxis('tokens', training.checkpoints);
    const { ofTarget, ofCompute } = createTargetPlaces(training, axis, placesOf(training, axis));
    expect(ofTarget({ targetFlops: 1, targetCheckpoint: 'midtrain-0' })).toBe(210);
    expect(ofTarget({ targetFlops: 60 * 400, targetCheckpoint: 'another' })).toBe(400);
    expect(ofCompute(60 * 150)).toBe(150);
  });

  it('says nothing of a compute where order is all that counts', () => {
    const training = trainingOf([['pretrain', [100]]]);
    const axis = createAxis('order', training.checkpoints);
    expect(createTargetPlaces(training, axis, placesOf(training, axis)).ofCompute(60)).toBe(null);
  });
});
