import { expect, test } from 'vitest';
import { groupRuns, type WatchedRun } from './runs.ts';
import { stallEpisodes } from './stalled.ts';

const minute = 60_000;

/** Checkpoints at these minutes; null: pruned since. */
const run = (...minutes: readonly (number | null)[]): WatchedRun => {
  const found = minutes.map((at, index) => ({
    registered: {
      ...{ checkpoint: `r/step${index}`, dir: `/r/step${index}`, fingerprint: '', setupSha256: '' },
      ...{ run: 'r', family: null, stage: null, step: index, tokens: null, flops: null },
      ...{ params: null, paramsNonEmbedding: null },
    },
    modifiedAt: at === null ? null : at * minute,
  }));
  return groupRuns(found)[0]!;
};

const told = (
  of: WatchedRun,
  rule: { after?: number; now: number; since?: number },
): readonly string[] =>
  stallEpisodes(of, {
    stalledAfterMs: rule.after === undefined ? null : rule.after * minute,
    nowMs: rule.now * minute,
    watchedSinceMs: (rule.since ?? 0) * minute,
  }).map(({ opened, message }) => `${opened}: ${message}`);

test('a run is measured by three times its own pace, once it is watched that long', () => {
  const paced = run(0, 10, 20, 30);
  expect(told(paced, { now: 60 })).toEqual([]);
  expect(told(paced, { now: 61 })).toEqual([
    'r/step3: no checkpoint after r/step3 within 30 min; one usually comes every 10 min',
  ]);
  expect(told(paced, { now: 1000, since: 990 })).toEqual([]);
  expect(told(run(null, 10, 20, 30), { now: 1000 })).toEqual([]);
  expect(told(run(0, 10, 20, 30, null), { now: 61 })).toEqual([
    'r/step4: no checkpoint after r/step4 within 30 min; one usually comes every 10 min',
  ]);
});

test('a limit of its own goes before, whenever the watch began; copies that arrive together tell no pace', () => {
  expect(told(run(0), { after: 5, now: 6, since: 6 })).toEqual([
    'r/step0: no checkpoint after r/step0 within 5 min',
  ]);
  expect(told(run(0), { after: 5, now: 5 })).toEqual([]);
  expect(told(run(0, 0.01, 0.02, 0.03), { now: 1000 })).toEqual([]);
});
