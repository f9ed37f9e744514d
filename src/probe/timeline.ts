import type { ProbeCheckpointFacts } from './activations.ts';

/** Where checkpoints stand in training, as one number each: what gaps and trends are measured in. */
export type Timeline = {
  readonly unit: 'log-tokens' | 'log-steps' | 'order';
  /** Positions of the fitted checkpoints, in their order. */
  readonly fitted: readonly number[];
};

type Facts = Pick<ProbeCheckpointFacts, 'tokens' | 'step'>;

/** Doubling is the usual spacing of saved checkpoints: one place in the order then weighs as much as in log tokens. */
const ORDER_STEP = Math.log(2);

/** The finest unit that all fitted checkpoints state; their order where some lack tokens and steps. */
export function createTimeline(checkpoints: readonly Facts[]): Timeline {
  const all = (field: keyof Facts) => checkpoints.every((c) => (c[field] ?? 0) > 0);
  if (all('tokens'))
    return { unit: 'log-tokens', fitted: checkpoints.map((c) => Math.log(c.tokens!)) };
  if (all('step')) return { unit: 'log-steps', fitted: checkpoints.map((c) => Math.log(c.step!)) };
  return { unit: 'order', fitted: checkpoints.map((_, i) => i * ORDER_STEP) };
}

/** Position of a checkpoint to score; one place behind the last fitted one where it lacks the timeline's unit. */
export function positionOf(timeline: Timeline, facts: Facts): number {
  const value = timeline.unit === 'log-tokens' ? facts.tokens : facts.step;
  if (timeline.unit !== 'order' && value !== null && value > 0) return Math.log(value);
  return (timeline.fitted.at(-1) ?? 0) + ORDER_STEP;
}

/** The last fitted checkpoint before `position`; −1 where there is none. */
export function latestBefore(timeline: Timeline, position: number): number {
  for (let c = timeline.fitted.length - 1; c >= 0; c -= 1) {
    if (timeline.fitted[c]! < position) return c;
  }
  return -1;
}
