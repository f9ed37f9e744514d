/** Distance on the timeline at which what happened counts half: a factor 1.65 of tokens. */
const HALF_LIFE = 0.5;

/**
 * Weight of what was learned `age` (on the timeline) before the latest labelled checkpoint, 1 for age 0. Training slows
 * down: what errors and moves were long ago says little of the coming ones.
 */
export function recencyWeight(age: number): number {
  return 0.5 ** (age / HALF_LIFE);
}
