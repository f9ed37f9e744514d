import type { ProbeCheckpointFacts } from './activations.ts';

type Facts = Pick<ProbeCheckpointFacts, 'tokens' | 'step' | 'stage'>;

/** Where checkpoints stand in training, as one number each: what gaps and trends are measured in. */
export type Timeline = {
  readonly unit: 'log-tokens' | 'log-steps' | 'order';
  /** Positions of the fitted checkpoints, in their order; never descending. */
  readonly fitted: readonly number[];
  /** What was counted before the stage of each fitted checkpoint began, where the count starts anew; else 0. */
  readonly offsets: readonly number[];
  readonly checkpoints: readonly Facts[];
};

/** Doubling is the usual spacing of saved checkpoints: one place in the order then weighs as much as in log tokens. */
const ORDER_STEP = Math.log(2);

const STAGES = ['pretrain', 'midtrain', 'sft', 'dpo', 'rl'];

const FIELDS = [
  ['log-tokens', 'tokens'],
  ['log-steps', 'step'],
] as const;

/**
 * The finest unit that all fitted checkpoints state; their order where some lack tokens and steps. A count that falls
 * from one checkpoint to the next has started anew, and goes on from the one before. What stands at 0 is put one place
 * of the order before the first that does not.
 */
export function createTimeline(checkpoints: readonly Facts[]): Timeline {
  for (const [unit, field] of FIELDS) {
    const values = checkpoints.map((c) => c[field]).filter((value) => value !== null);
    if (values.length < checkpoints.length || !values.some((value) => value > 0)) continue;
    const offsets: number[] = [];
    let offset = 0;
    values.forEach((value, c) => {
      if (c > 0 && value < values[c - 1]!) offset += Math.max(0, values[c - 1]!);
      offsets.push(offset);
    });
    const totals = values.map((value, c) => value + offsets[c]!);
    const first = logOfFirst(totals);
    const fitted = totals.map((total) => logTotal(total, first));
    return { unit, fitted, offsets, checkpoints };
  }
  const fitted = checkpoints.map((_, i) => i * ORDER_STEP);
  return { unit: 'order', fitted, offsets: fitted.map(() => 0), checkpoints };
}

/**
 * Position of a checkpoint to score: its count, else one place behind the last fitted one. It never comes behind a
 * fitted checkpoint that it is known to precede, so that nothing later is its past.
 */
export function positionOf(timeline: Timeline, facts: Facts): number {
  const { fitted, checkpoints } = timeline;
  const next = checkpoints.findIndex((other) => precedes(facts, other));
  const before = checkpoints.findLastIndex((other) => precedes(other, facts));
  const counted = countedPosition(timeline, facts);
  const position = counted ?? (fitted.at(-1) ?? 0) + ORDER_STEP;
  if (next < 0) {
    return before >= 0 && position <= fitted[before]! ? fitted[before]! + ORDER_STEP : position;
  }
  const high = fitted[next]!;
  const low = next > 0 ? fitted[next - 1]! : high - ORDER_STEP;
  const isBetween = position <= high && (before < 0 || position > fitted[before]!);
  if (counted !== null && isBetween) return position;
  return (low + high) / 2;
}

/** The last fitted checkpoint before `position`; −1 where there is none. */
export function latestBefore(timeline: Timeline, position: number): number {
  for (let c = timeline.fitted.length - 1; c >= 0; c -= 1) {
    if (timeline.fitted[c]! < position) return c;
  }
  return -1;
}

/** Distance to the nearest fitted checkpoint, before or behind. */
export function distanceFrom(timeline: Timeline, position: number): number {
  return timeline.fitted.reduce((least, at) => Math.min(least, Math.abs(position - at)), Infinity);
}

function countedPosition({ unit, offsets, checkpoints }: Timeline, facts: Facts): number | null {
  const field = FIELDS.find(([name]) => name === unit)?.[1];
  const value = field === undefined ? null : facts[field];
  if (field === undefined || value === null) return null;
  const first = logOfFirst(checkpoints.map((c, i) => c[field]! + offsets[i]!));
  const own = checkpoints.findLastIndex((other) => other.stage === facts.stage);
  if (own >= 0) return logTotal(value + offsets[own]!, first);
  const rank = rankOf(facts);
  const base = checkpoints.findLastIndex((c) => rank !== null && (rankOf(c) ?? rank) < rank);
  if (base < 0) return logTotal(value, first);
  const count = checkpoints[base]![field]!;
  return logTotal(value + offsets[base]! + (value < count ? count : 0), first);
}

/** Whether `a` is known to stand before `b`: by stage, else by tokens, else by step. */
function precedes(a: Facts, b: Facts): boolean {
  const pairs = [
    [rankOf(a), rankOf(b)],
    [a.tokens, b.tokens],
    [a.step, b.step],
  ] as const;
  for (const [x, y] of pairs) if (x !== null && y !== null && x !== y) return x < y;
  return false;
}

function rankOf({ stage }: Facts): number | null {
  const rank = stage === null ? -1 : STAGES.indexOf(stage);
  return rank < 0 ? null : rank;
}

function logOfFirst(totals: readonly number[]): number {
  return Math.log(Math.min(...totals.filter((total) => total > 0)));
}

function logTotal(total: number, first: number): number {
  return total > 0 ? Math.log(total) : first - ORDER_STEP;
}
