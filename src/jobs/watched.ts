/** What a watcher asks of the store beside the verbs. */
import { UserError } from '../error/index.ts';
import type { Store } from '../store/index.ts';
import { type KnownFacts, readRegistration, resolveCheckpoints } from './known-checkpoint.ts';
import { readProbeOrigin } from './probe-files.ts';
import type { JobContext } from './progress.ts';

export type RegisteredCheckpoint = KnownFacts & {
  readonly checkpoint: string;
  readonly dir: string;
  readonly fingerprint: string;
  readonly setupSha256: string;
};

/**
 * Registers the checkpoint in a folder, as every verb that is given one does.
 *
 * @throws UserError where the folder holds no complete checkpoint.
 */
export async function registerCheckpoint(
  store: Store,
  dir: string,
  context: JobContext,
): Promise<RegisteredCheckpoint> {
  const [known] = await resolveCheckpoints(store, [dir], context);
  const registration = known === undefined ? null : await readRegistration(store, known.id);
  if (known === undefined || registration === null) {
    throw new UserError(`watch: expected a checkpoint's folder, got ${dir}`);
  }
  const { fingerprint, setupSha256 } = registration;
  return { checkpoint: known.id, dir, fingerprint, setupSha256, ...known.facts };
}

/** The fitted probe behind a name, and what it was fitted on. */
export type ProbeIdentity = {
  readonly name: string;
  readonly id: string;
  readonly suite: string;
  readonly tasks: readonly string[];
};

/** @throws UserError where there is no such probe. */
export async function identifyProbe(store: Store, name: string): Promise<ProbeIdentity> {
  const { id, origin } = await readProbeOrigin(store, name);
  return { name, id, suite: origin.suite, tasks: origin.tasks };
}
