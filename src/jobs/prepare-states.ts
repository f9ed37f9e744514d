import { UserError } from '../error/index.ts';
import type { Store } from '../store/index.ts';
import { resolveCheckpoints } from './known-checkpoint.ts';
import type { JobContext } from './progress.ts';
import { openProbe, prepareScoring } from './score-checkpoint.ts';

export type PrepareStatesReport = {
  /** Tokens that went through the model, and seconds; 0 where the states were in the store. */
  readonly tokens: number;
  readonly seconds: number;
};

/**
 * The states of a checkpoint that a fitted probe reads, into the store: what `predict` would compute first.
 *
 * @throws UserError where probe or checkpoint are not known, or the checkpoint's folder is gone before it was read.
 */
export async function prepareStates(
  store: Store,
  request: { readonly checkpoint: string; readonly probe: string },
  context: JobContext,
): Promise<PrepareStatesReport> {
  const probe = await openProbe(store, request.probe);
  const [checkpoint] = await resolveCheckpoints(store, [request.checkpoint], context);
  if (checkpoint === undefined) throw new UserError('extract: expected a checkpoint, got none');
  const { tokens, seconds } = await prepareScoring(store, probe, checkpoint, context);
  return { tokens, seconds };
}
