import { type DriftReading, distanceOf, rowOf } from './drift-reading.ts';
import { DRIFT_SIGNALS, type DriftRule, type DriftSignal } from './drift-rule.ts';

/** Whether a probe may be trusted on a checkpoint, from unlabelled data alone. */
export type ProbeStatus = 'ok' | 'drift' | 'remeasure';

/** What a later checkpoint's reading is compared with, per task: the reading of the latest fitted one. */
export type DriftReference = DriftReading & {
  /** What a task's features usually move by, in units of `spread`; see `referenceAt` and `fewReference`. */
  readonly usual: Float64Array;
};

/** What is said of one task at one checkpoint. */
export type TaskDrift = {
  readonly status: 'ok' | 'drift';
  /** Which signals are beyond their limits, and by how much; null where none is. */
  readonly reason: string | null;
  /** The largest signal over its limit; 1 or less where none is beyond. */
  readonly excess: number;
};

/** A fitted checkpoint's reading, and what features usually move by there: the move to it over √distance. */
export function referenceAt(
  before: DriftReading,
  latest: DriftReading,
  distance: number,
): DriftReference {
  const usual = latest.spread.map((_, t) => {
    return featureMove(before, latest, t) / Math.sqrt(Math.max(TINY, distance));
  });
  return { ...latest, usual };
}

/** The same for the rule of thumb: the widest move between any two of few fitted checkpoints, 1 where there is one. */
export function fewReference(readings: readonly DriftReading[]): DriftReference {
  const latest = readings.at(-1)!;
  const usual = latest.spread.map((_, t) => (readings.length === 1 ? 1 : widestMove(readings, t)));
  return { ...latest, usual };
}

/** The widest distance between any two of them, in units of the spread at the latest. */
function widestMove(readings: readonly DriftReading[], t: number): number {
  const { spread } = readings.at(-1)!;
  let widest = 0;
  readings.forEach((from, a) => {
    for (const to of readings.slice(a + 1)) {
      widest = Math.max(widest, featureMove({ ...from, spread }, to, t));
    }
  });
  return widest;
}

/** Distance of the feature means of task `t`, in units of the spread of its questions at `from`. */
export function featureMove(from: DriftReading, to: DriftReading, t: number): number {
  const width = from.means.length / from.spread.length;
  const moved = distanceOf(rowOf(from.means, t, width), rowOf(to.means, t, width));
  return moved / Math.max(TINY, from.spread[t]!);
}

const TINY = 1e-6;

/**
 * The value of a signal between the reference and a reading: features in units of what they usually move by, score as the
 * change of the mean log odds, disagreement as what it has grown by. Null where it is not known.
 */
export function signalValue(
  signal: DriftSignal,
  { from, to, t }: { readonly from: DriftReference; readonly to: DriftReading; readonly t: number },
): number | null {
  if (signal === 'features') return featureMove(from, to, t) / Math.max(TINY, from.usual[t]!);
  const [before, after] = [from[signal], to[signal]];
  if (before === null || after === null) return null;
  const change = after[t]! - before[t]!;
  return signal === 'score' ? Math.abs(change) : Math.max(0, change);
}

/**
 * What is said of every task of a checkpoint `horizon` behind the latest fitted one. A task that has no questions in the
 * reading is `ok`.
 */
export function taskDrifts(
  rule: DriftRule,
  from: DriftReference,
  { reading, horizon }: { readonly reading: DriftReading; readonly horizon: number },
): TaskDrift[] {
  return Array.from({ length: from.spread.length }, (_, t) => {
    if (Number.isNaN(reading.spread[t]!)) return { status: 'ok', reason: null, excess: 0 };
    const fired: string[] = [];
    let excess = 0;
    for (const name of DRIFT_SIGNALS) {
      const found = rule.signals.find((one) => one.name === name);
      const value = found === undefined ? null : signalValue(name, { from, to: reading, t });
      if (found === undefined || value === null) continue;
      const limit = found.limit * Math.max(horizon, rule.shortest, TINY) ** found.growth;
      excess = Math.max(excess, value / Math.max(TINY, limit));
      if (value > limit) fired.push(describe(name, value, limit));
    }
    return fired.length === 0
      ? { status: 'ok', reason: null, excess }
      : { status: 'drift', reason: fired.join('; '), excess };
  });
}

function describe(signal: DriftSignal, value: number, limit: number): string {
  const [v, l] = [value.toPrecision(2), limit.toPrecision(2)];
  if (signal === 'features') return `states moved ${v} times their usual move (limit ${l})`;
  if (signal === 'score') return `mean predicted log odds moved by ${v} (limit ${l})`;
  return `disagreement of the ensemble grew by ${v} in log odds (limit ${l})`;
}
