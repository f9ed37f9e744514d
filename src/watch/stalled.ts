/** A run that stopped producing checkpoints. */
import type { Episode } from './alerts/episode.ts';
import type { WatchedRun } from './runs.ts';

export type StallRule = {
  /** Milliseconds without a new checkpoint; null: told by the run's own pace. */
  readonly stalledAfterMs: number | null;
  readonly nowMs: number;
  /** When the watcher was started. */
  readonly watchedSinceMs: number;
};

/** Times between checkpoints that it takes to know a pace. */
const leastGaps = 3;

/** A run may be this much slower than usual. */
const patience = 3;

/** Faster ones are copies that arrive together, not a training run. */
const leastLimitMs = 60_000;

/**
 * The time is that since the newest file of all checkpoints that are there; the alert is about the latest one, also where it
 * has been pruned: it is the same alert then. Without a limit of its own a run is measured by its
 * pace (three times the median time between checkpoints), and by the clock of this watcher: of a run that had ended before
 * it was watched nothing is expected.
 */
export function stallEpisodes({ checkpoints }: WatchedRun, rule: StallRule): Episode[] {
  const there = checkpoints.filter(({ modifiedAt }) => modifiedAt !== null);
  const times = there.map(({ modifiedAt }) => modifiedAt ?? 0).sort((a, b) => a - b);
  const [last, latest] = [times.at(-1), checkpoints.at(-1)];
  if (last === undefined || latest === undefined) return [];
  const pace = rule.stalledAfterMs === null ? paceOf(times) : null;
  const limit = rule.stalledAfterMs ?? (pace === null ? null : patience * pace);
  const since = rule.stalledAfterMs === null ? Math.max(last, rule.watchedSinceMs) : last;
  if (limit === null || rule.nowMs - since <= limit) return [];
  const { checkpoint } = latest.registered;
  const usual = pace === null ? '' : `; one usually comes every ${duration(pace)}`;
  return [
    {
      ...{
        kind: 'stalled',
        task: null,
        tasks: [],
        opened: checkpoint,
        lastSeen: checkpoint,
        closed: null,
      },
      ...{ value: null, reference: null, threshold: null },
      message: `no checkpoint after ${checkpoint} within ${duration(limit)}${usual}`,
    },
  ];
}

function paceOf(times: readonly number[]): number | null {
  const gaps = times
    .slice(1)
    .map((time, index) => time - (times[index] ?? 0))
    .sort((a, b) => a - b);
  const median = gaps[Math.floor(gaps.length / 2)] ?? 0;
  return gaps.length < leastGaps || patience * median < leastLimitMs ? null : median;
}

function duration(ms: number): string {
  const minutes = ms / 60_000;
  if (minutes < 1) return `${Math.round(ms / 1000)} s`;
  return minutes < 120 ? `${Math.round(minutes)} min` : `${(minutes / 60).toFixed(1)} h`;
}
