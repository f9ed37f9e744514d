import { type CheckpointReport, inspectCheckpoint, readModelConfig } from '../checkpoint/index.ts';
import { loadConfig, type SondeConfig } from '../config/index.ts';
import { estimatePass, type PassEstimate } from '../engine/index.ts';
import { readModelSpec, supportOf } from '../model/index.ts';
import type { Store } from '../store/index.ts';
import { isFolder, readRegistration, resolveCheckpoints } from './known-checkpoint.ts';
import type { JobContext } from './progress.ts';

export type InspectedCheckpoint = CheckpointReport & {
  /** Why the model cannot be run; null where it can. */
  readonly reason: string | null;
  /** Memory and time of a pass over prompts on this machine; null where the model cannot be run. */
  readonly pass: PassEstimate | null;
};

/**
 * What is known of checkpoints, complete or not; complete ones are registered in the store.
 *
 * @throws UserError for what is no checkpoint at all, is in another form, or contradicts itself.
 */
export async function inspectCheckpoints(
  store: Store,
  references: readonly string[],
  context: JobContext,
): Promise<InspectedCheckpoint[]> {
  const config = await loadConfig(context.resolve('.'), { store: store.dir });
  const reports: InspectedCheckpoint[] = [];
  for (const reference of references) {
    const report = await inspectOne(store, { reference, config, context });
    if (report.complete && report.supported === true) {
      await resolveCheckpoints(store, [reference], context);
    }
    reports.push(report);
  }
  return reports;
}

async function inspectOne(
  store: Store,
  { reference, config, context }: { reference: string; config: SondeConfig; context: JobContext },
): Promise<InspectedCheckpoint> {
  const dir = await folderOf(store, reference, context);
  const report = await inspectCheckpoint(dir, { facts: config.factsOf });
  const modelConfig = await readModelConfig(dir);
  if (modelConfig === null) {
    return { ...report, supported: false, reason: 'config.json is missing', pass: null };
  }
  const { supported, reason } = supportOf(modelConfig, dir);
  const pass = supported ? await estimatePass(readModelSpec(modelConfig, dir)) : null;
  return { ...report, supported, reason, pass };
}

async function folderOf(store: Store, reference: string, context: JobContext): Promise<string> {
  const folder = context.resolve(reference);
  if (await isFolder(folder)) return folder;
  return (await readRegistration(store, reference))?.dir ?? folder;
}
