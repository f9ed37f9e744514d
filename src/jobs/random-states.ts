import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '../checkpoint/index.ts';
import type { Store } from '../store/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import {
  ensureProbeStates,
  findProbeStates,
  type ProbeStates,
  type WantedStates,
} from './probe-states.ts';
import type { JobContext } from './progress.ts';
import { writeRandomCheckpoint } from './random-checkpoint.ts';
import type { StateCache } from './state-cache.ts';

/** Larger models are not run a second time for a control. */
const mostParameters = 2e9;

const seed = 0;

/**
 * States of the same questions under random weights of the same shape, for the baseline `randomWeights`; kept in the
 * store and shared by all checkpoints of one configuration. Null where they are not there and cannot be made: the
 * folder is gone, the model is large, or `compute` is off.
 */
export async function randomStates(
  store: Store,
  template: KnownCheckpoint,
  wanted: WantedStates,
  { compute, ...at }: { compute: boolean; cache: StateCache; context: JobContext },
): Promise<ProbeStates | null> {
  if (template.setupSha256 === null) return null;
  const random: KnownCheckpoint = {
    ...template,
    id: 'random weights',
    fingerprint: `random-${seed}-${template.setupSha256}`,
    opened: null,
  };
  // No second pass is run for a control: what reads tokens beside pooled states is replaced there.
  const own: WantedStates = { ...wanted, tokenLayers: () => null };
  const found = await findProbeStates(store, random, own, at);
  if (found !== null || !compute || template.opened === null) return found;
  if (template.opened.facts.params > mostParameters) {
    at.context.note('no randomWeights baseline: the model is too large to run a second time');
    return null;
  }
  const scratch = await mkdtemp(join(tmpdir(), 'sonde-random-'));
  try {
    const folder = join(scratch, 'random', 'weights');
    const { dir, config, tensors } = template.opened;
    await writeRandomCheckpoint(folder, { dir, config, tensors: tensors.values() }, seed);
    const opened = await openCheckpoint(folder, { id: random.id });
    return await ensureProbeStates(store, { ...random, opened }, own, at);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
