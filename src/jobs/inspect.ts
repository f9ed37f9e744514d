import {
  type CheckpointReport,
  inspectCheckpoint,
  loadTokenizer,
  openCheckpoint,
  readModelConfig,
} from '../checkpoint/index.ts';
import { loadConfig, type SondeConfig } from '../config/index.ts';
import { choosePassMode, estimatePass, type PassEstimate, type PassMode } from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import { checkTensors, type ModelSpec, readModelSpec, supportOf } from '../model/index.ts';
import type { Store } from '../store/index.ts';
import { isFolder, readRegistration, resolveCheckpoints } from './known-checkpoint.ts';
import type { JobContext } from './progress.ts';

export type InspectedCheckpoint = CheckpointReport & {
  /** Why the model cannot be run; null where it can. */
  readonly reason: string | null;
  /** Memory and time of a pass over prompts on this machine; null where the model cannot be run. */
  readonly pass:
    | (PassEstimate & Pick<PassMode, 'mode' | 'threads' | 'batchTokens' | 'text'>)
    | null;
};

/**
 * What is known of checkpoints, complete or not; complete ones are registered in the store where it can be written.
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
      await registerIfWritable(store, reference, context);
    }
    reports.push(report);
  }
  return reports;
}

async function inspectOne(
  store: Store,
  { reference, config, context }: { reference: string; config: SondeConfig; context: JobContext },
): Promise<InspectedCheckpoint> {
  if (reference === '') {
    throw new UserError('inspect: expected a checkpoint’s folder or id, got ""');
  }
  const dir = await folderOf(store, reference, context);
  const report = await inspectCheckpoint(dir, { facts: config.factsOf });
  const modelConfig = await readModelConfig(dir);
  if (modelConfig === null) {
    const unfinished = report.missing.find((entry) => entry.startsWith('config.json '));
    const reason = unfinished ?? 'config.json is missing';
    return { ...report, supported: false, reason, pass: null };
  }
  const { supported, reason } = supportOf(modelConfig, dir);
  if (!supported) return { ...report, supported, reason, pass: null };
  const spec = readModelSpec(modelConfig, dir);
  const refusal = report.complete ? await refusalOf(dir, spec, config) : null;
  if (refusal !== null) return { ...report, supported: false, reason: refusal, pass: null };
  const pass = await estimateHere({ id: report.checkpoint, spec }, context);
  return { ...report, supported, reason, pass };
}

/** A pass as it would go here now. */
async function estimateHere(
  model: { readonly id: string; readonly spec: ModelSpec },
  { limits }: JobContext,
): Promise<InspectedCheckpoint['pass']> {
  const chosen = choosePassMode(model, { precision: 'f32', ...limits });
  const { mode, threads, batchTokens, memoryBytes, text } = chosen;
  const estimate = await estimatePass(model.spec, { threads, tokenBudget: batchTokens });
  return { ...estimate, mode, threads, batchTokens, memoryBytes, text };
}

/** Why a complete checkpoint cannot be run all the same: its tensors or its tokenizer; null where it can. */
async function refusalOf(
  dir: string,
  spec: ModelSpec,
  config: SondeConfig,
): Promise<string | null> {
  try {
    const checkpoint = await openCheckpoint(dir, { facts: config.factsOf });
    checkTensors(spec, checkpoint.tensors, checkpoint.id);
    await loadTokenizer(checkpoint);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** Looking at a checkpoint needs no place to write: a store on a full or protected disk is only noted. */
async function registerIfWritable(
  store: Store,
  reference: string,
  context: JobContext,
): Promise<void> {
  try {
    await resolveCheckpoints(store, [reference], context);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : null;
    if (typeof code !== 'string' || !unwritable.has(code)) throw error;
    context.note(
      `${reference} is not registered: the store ${store.dir} cannot be written (${code})`,
    );
  }
}

const unwritable: ReadonlySet<string> = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT']);

async function folderOf(store: Store, reference: string, context: JobContext): Promise<string> {
  const folder = context.resolve(reference);
  if (await isFolder(folder)) return folder;
  return (await readRegistration(store, reference))?.dir ?? folder;
}
