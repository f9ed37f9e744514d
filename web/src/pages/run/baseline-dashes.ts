/** How lines of baselines are broken, so that each is known by its own: on charts, in legends and in pictures. */

/** Of guessing, which has one line for all checkpoints. */
export const guessingDash = '1.5 3';

const dashes: Readonly<Record<string, string>> = {
  persistence: '4 3',
  taskMean: '8 2',
  trend: '6 2 1 2',
  historyOnly: '2 2',
  promptOnly: '10 4',
  randomWeights: '5 2 1 2 1 2',
};

export function dashOf(baseline: string): string {
  return dashes[baseline] ?? '3 1';
}
