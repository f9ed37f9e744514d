import { compareOrder } from '../checkpoint/index.ts';
import { UserError } from '../error/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';

/**
 * Checkpoints in the order of training: stage, then tokens where all have them, else steps.
 *
 * @throws UserError where several checkpoints cannot be ordered, naming one and the fact that it lacks.
 */
export function inTrainingOrder(checkpoints: readonly KnownCheckpoint[]): KnownCheckpoint[] {
  const byTokens = checkpoints.every(({ facts }) => facts.tokens !== null);
  const lacking = checkpoints.find(({ facts }) => facts.tokens === null && facts.step === null);
  const noStep = checkpoints.find(({ facts }) => facts.step === null);
  if (checkpoints.length > 1 && !byTokens && noStep !== undefined) {
    const { id } = lacking ?? noStep;
    throw new UserError(
      `\`${id}\`: expected its \`tokens\` or \`step\` to be known, to order ${checkpoints.length} checkpoints; state them under \`checkpoints\` in sonde.yaml, or in the outcome records`,
    );
  }
  return [...checkpoints].sort((a, b) =>
    byTokens
      ? compareOrder(a.facts, b.facts)
      : compareOrder({ ...a.facts, tokens: null }, { ...b.facts, tokens: null }),
  );
}
