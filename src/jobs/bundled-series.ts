import { fileURLToPath } from 'node:url';

/** The series of checkpoints that comes with the package: a tiny OLMo-3, with suite, outcomes and a ladder's outcomes. */
export const bundledSeries: {
  readonly dir: string;
  readonly run: string;
  /** The probe learns up to this step: 8 of 12 checkpoints, 28 % of the training run. */
  readonly lastFittedStep: number;
  /** Five models of one recipe, of 0.8 % to 25 % of the compute of the series' last checkpoint. */
  readonly ladder: readonly string[];
} = {
  dir: fileURLToPath(new URL('../../examples/tiny-olmo3/', import.meta.url)),
  run: 'd128L4',
  lastFittedStep: 781,
  ladder: ['d16L2', 'd32L2', 'd32L3', 'd48L3', 'd64L4'].map(
    (name) => `${name}/stage1-step2604-tokens24M`,
  ),
};
