import { describe, expect, it } from 'vitest';
import type {
  Checkpoint,
  Measured,
  ProbedPoint,
  RunTimeline,
  TaskTimeline,
} from '../../../../src/wire/index.ts';
import { createAxis } from './axis.ts';
import { timelineModel } from './timeline-model.ts';

/** Three checkpoints of pre-training, and two of a midtraining whose tokens count anew. */
const checkpoints: readonly Checkpoint[] = [
  ...[10, 20, 30].map((tokens) => checkpointAt('pretrain', tokens)),
  ...[1, 2].map((tokens) => checkpointAt('midtrain', tokens)),
];

function checkpointAt(stage: string, tokens: number): Checkpoint {
  const size = { params: null, paramsNonEmbedding: null, flops: null };
  const own = { checkpoint: `${stage}-${tokens}`, run: 'r', family: null, stage };
  return { ...own, step: null, tokens, ...size, fingerprint: null };
}

const measured = checkpoints.map(
  ({ checkpoint }, index): Measured => ({
    ...{ checkpoint, accuracy: [0.5, 0.25, 0.75, 0, 0.125][index] ?? 0 },
    ...{ standardError: null, low: null, high: null, kind: 'count' },
    ...{ items: 8, samples: 8, filter: null, source: null },
  }),
);

const points = checkpoints.slice(1, 4).map(
  ({ checkpoint }, index): ProbedPoint => ({
    ...{
      checkpoint,
      fitted: index === 0,
      predicted: 0.5,
      low: 0.25,
      high: 0.75,
      labelled: 0,
      status: 'ok',
    },
    ...{ reason: null, baselines: { persistence: 0.125, trend: null } },
  }),
);

const task: TaskTimeline = {
  ...{ suite: 's', task: 't', chance: 0, items: 8, filters: [], measured, forecasts: [] },
  probed: [{ probe: 'p', probeId: 'p1', level: 0.9, method: 'replays', points }],
};

const run: RunTimeline = {
  ...{ schemaVersion: 1, sonde: '0.0.0', run: 'r', checkpoints, tasks: [task] },
  stages: [
    { stage: 'pretrain', from: 'pretrain-10' },
    { stage: 'midtrain', from: 'midtrain-1' },
  ],
};

const choice = {
  axis: createAxis('tokens', checkpoints),
  smoothing: 1,
  baselines: ['persistence', 'trend'],
  references: [{ ...run, run: 'other' }],
};

describe('timelineModel', () => {
  const model = timelineModel(run, task, choice);

  it('smooths within a stage, and lays stages one after another', () => {
    expect(model.measured.map(({ x, y, stage, line }) => ({ x, y, stage, line }))).toEqual([
      { x: 10, y: 50, stage: 0, line: 50 },
      { x: 20, y: 25, stage: 0, line: 43.75 },
      { x: 30, y: 75, stage: 0, line: 75 },
      { x: 31, y: 0, stage: 1, line: 0 },
      { x: 32, y: 12.5, stage: 1, line: 12.5 },
    ]);
    expect({ stages: model.stages, laid: model.laid }).toEqual({
      stages: [{ x: 30, stage: 'midtrain' }],
      laid: true,
    });
  });

  it('holds apart what a probe learned from, where baselines know the future', () => {
    expect(model.fitted.map(({ x, stage, at }) => ({ x, stage, at }))).toEqual([
      { x: 20, stage: 0, at: checkpoints[1] },
    ]);
  });

  it('tells the stage of what a probe said, of baselines and of other runs', () => {
    expect(model.probed.map(({ x, stage, probeId }) => ({ x, stage, probeId }))).toEqual([
      { x: 30, stage: 0, probeId: 'p1' },
      { x: 31, stage: 1, probeId: 'p1' },
    ]);
    expect(model.baselines).toEqual([
      { x: 30, stage: 0, y: 12.5, name: 'persistence', probeId: 'p1' },
      { x: 31, stage: 1, y: 12.5, name: 'persistence', probeId: 'p1' },
    ]);
    expect(model.references.slice(2, 4)).toEqual([
      { x: 30, stage: 0, y: 75, run: 'other' },
      { x: 31, stage: 1, y: 0, run: 'other' },
    ]);
  });
});
