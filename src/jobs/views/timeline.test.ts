import { describe, expect, it } from 'vitest';
import type { Checkpoint, Estimate } from '../../wire/index.ts';
import type { ListedForecast } from '../forecast/index.ts';
import type { Board, BoardRun } from './board.ts';
import { timelineOf, type TimelineSources } from './timeline.ts';

function runOf(name: string, steps: readonly number[]): BoardRun {
  const checkpoints = steps.map(
    (step): Checkpoint => ({
      ...{ checkpoint: `${name}/step${step}`, run: name, family: null, stage: null, step },
      ...{ tokens: null, params: null, paramsNonEmbedding: null, flops: null, fingerprint: null },
    }),
  );
  return { run: name, updatedAt: null, checkpoints };
}

const small = runOf('small', [1, 2]);
const large = runOf('large', [1]);

/** One task that both runs were measured on. */
const board: Board = {
  runs: [small, large],
  checkpoints: new Map(
    [...small.checkpoints, ...large.checkpoints].map((one) => [one.checkpoint, one] as const),
  ),
  gaps: [],
  tasks: [
    {
      ...{ suite: 's', task: 't', chance: null, items: 4, filters: [], filter: null, series: [] },
      measured: new Map(
        [...small.checkpoints, ...large.checkpoints].map(({ checkpoint }) => [
          checkpoint,
          {
            ...{ checkpoint, accuracy: 0.5, standardError: null, low: null, high: null },
            ...{ kind: 'count', items: 4, samples: 4, filter: null, source: null },
          },
        ]),
      ),
    },
  ],
};

function forecastOf(checkpoint: string | null, ladder: readonly string[]): ListedForecast {
  return {
    ...{ id: 'f', createdAt: '2026-01-02T00:00:00.000Z', sonde: '0.0.0', suite: 's', ladder },
    ...{ target: { flops: 8, checkpoint }, fromFlops: 2, changed: false, note: null, path: 'f' },
    benchmarks: [
      {
        ...{ task: 't', method: 'chosen', accuracy: 0.75, low: 0.5, high: 1 },
        ...{ verdict: 'predictable', measured: null, measuredItems: null, expectedItems: null },
        ...{ errorPoints: null, covered: null, covered80: null },
      },
    ],
  };
}

describe('what a probe says of a run', () => {
  const estimateAt = (checkpoint: string): Estimate => ({
    ...{ suite: 's', task: 't', checkpoint, run: 'small', probe: 'p', probeId: 'p2', items: 4 },
    ...{ labelled: 0, predicted: 0.5, low: 0.25, high: 0.75, level: 0.9, method: 'words' },
    ...{ status: 'ok', reason: null, remeasureAdvised: false, baselines: {} },
  });
  const estimates = new Map(
    small.checkpoints.map(({ checkpoint }) => [checkpoint, estimateAt(checkpoint)] as const),
  );
  const series = [{ probe: 'p', probeId: 'p2', current: true, estimates }];
  const predicted: Board = { ...board, tasks: board.tasks.map((task) => ({ ...task, series })) };
  const fittedWith = (probes: TimelineSources['probes']): unknown =>
    timelineOf(predicted, small, { forecasts: [], probes, query: {} }).tasks.map(({ probed }) =>
      probed.map(({ points }) => points.map(({ checkpoint, fitted }) => [checkpoint, fitted])),
    );

  it('is fitted where it learned from the checkpoint', () => {
    const card = { checkpoints: [{ id: 'small/step1' }] };
    const told = [
      ['small/step1', true],
      ['small/step2', false],
    ];
    expect(fittedWith([{ id: 'p2', card }])).toEqual([[told]]);
  });

  it('counts as predicted where no card tells', () => {
    const card = { checkpoints: [{ id: 'small/step1' }] };
    const told = [
      ['small/step1', false],
      ['small/step2', false],
    ];
    expect(fittedWith([{ id: 'p1', card }])).toEqual([[told]]);
  });
});

describe('a forecast on timelines', () => {
  const shownOn = (forecast: ListedForecast): string[] =>
    board.runs
      .filter((run) =>
        timelineOf(board, run, { forecasts: [forecast], probes: [], query: {} }).tasks.some(
          ({ forecasts }) => forecasts.length > 0,
        ),
      )
      .map(({ run }) => run);

  it('stands on the run of its target, whatever it was made from', () => {
    expect(shownOn(forecastOf('large/step1', ['small/step1', 'small/step2']))).toEqual(['large']);
  });

  it('stands on the run that its target is to come of', () => {
    expect(shownOn(forecastOf('small/step9', ['small/step1', 'large/step1']))).toEqual(['small']);
  });

  it('of a compute alone stands on the one run that it was made from', () => {
    expect(shownOn(forecastOf(null, ['small/step1', 'small/step2']))).toEqual(['small']);
    expect(shownOn(forecastOf(null, ['small/step1', 'large/step1']))).toEqual([]);
  });

  it('of a model of its own stands on no other run', () => {
    expect(shownOn(forecastOf('small/huge', ['small/step1', 'large/step1']))).toEqual([]);
  });
});
