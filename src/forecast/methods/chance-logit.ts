/** The share above chance is held this far from 0 and 1, where its logit is infinite. */
const margin = 0.005;

/**
 * The logit of the share above chance, z = (y − g) / (1 − g), and how fast the accuracy moves with it,
 * z (1 − z) (1 − g): an error of an accuracy is that of the logit times this.
 */
export function chanceLogit(accuracy: number, chance: number): { logit: number; slope: number } {
  const room = Math.max(1 - chance, margin);
  const z = Math.min(1 - margin, Math.max(margin, (accuracy - chance) / room));
  return { logit: Math.log(z / (1 - z)), slope: z * (1 - z) * room };
}

/** The accuracy at a logit of the share above chance. */
export function fromChanceLogit(logit: number, chance: number): number {
  return chance + Math.max(1 - chance, margin) / (1 + Math.exp(-logit));
}
