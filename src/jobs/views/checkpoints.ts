import { compareOrder, type Stage } from '../../checkpoint/index.ts';
import { type ConfiguredFacts, loadConfig } from '../../config/index.ts';
import { UserError } from '../../error/index.ts';
import type { Store, StoredFacts } from '../../store/index.ts';
import type { Checkpoint, Conflict } from '../../wire/index.ts';
import { compareText } from '../compare-text.ts';
import {
  factsByName,
  readRegistration,
  type Registration,
  runByName,
} from '../known-checkpoint.ts';
import type { JobContext } from '../progress.ts';

/** The checkpoints of a run, in the order of training. */
export type RunCheckpoints = { readonly run: string; readonly checkpoints: readonly Checkpoint[] };

/**
 * Every checkpoint that folders or outcomes tell of, by run. Facts come first found wins, from `sonde.yaml`, the folder, the
 * newest outcomes: to look at, a contradiction is no reason to refuse; `readConflicts` lists them.
 */
export async function readRuns(store: Store, context: JobContext): Promise<RunCheckpoints[]> {
  const { factsOf } = await loadConfig(context.resolve('.'), { store: store.dir });
  const stored = new Map((await store.outcomes.checkpoints()).map((one) => [one.checkpoint, one]));
  const registered = await readRegistrations(store, context);
  const ids = [...new Set([...stored.keys(), ...registered.keys()])].sort(compareText);
  const runs = new Map<string, Checkpoint[]>();
  for (const id of ids) {
    const own = registered.get(id) ?? null;
    const stated = factsOf({ id, ...(own === null ? {} : { dir: own.dir }) });
    const checkpoint = describe(id, { stated, own, stored: stored.get(id) ?? null });
    runs.set(checkpoint.run, [...(runs.get(checkpoint.run) ?? []), checkpoint]);
  }
  return [...runs].map(([run, checkpoints]) => ({ run, checkpoints: inTraining(checkpoints) }));
}

/** Facts on which sources disagree: verbs that need one of these refuse. */
export async function readConflicts(store: Store): Promise<Conflict[]> {
  return (await store.outcomes.checkpoints()).flatMap(({ checkpoint, disagreements }) =>
    disagreements.map(({ field, values }) => ({ checkpoint, field, values })),
  );
}

/** One broken file must not take the others with it. */
async function readRegistrations(
  store: Store,
  { note }: JobContext,
): Promise<ReadonlyMap<string, Registration>> {
  const found = new Map<string, Registration>();
  for (const id of await store.checkpoints.ids()) {
    try {
      const registration = await readRegistration(store, id);
      if (registration !== null) found.set(id, registration);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      note(error.message);
    }
  }
  return found;
}

type Origins = {
  readonly stated: ConfiguredFacts;
  readonly own: Registration | null;
  readonly stored: StoredFacts | null;
};

function describe(id: string, { stated, own, stored }: Origins): Checkpoint {
  const named = factsByName(id);
  const numberOf = (
    field: 'step' | 'tokens' | 'params' | 'paramsNonEmbedding' | 'flops',
  ): number | null => stated[field] ?? own?.facts[field] ?? stored?.[field] ?? null;
  return {
    checkpoint: id,
    run: stated.run ?? own?.facts.run ?? stored?.run ?? runByName(id) ?? id,
    family: stated.family ?? own?.facts.family ?? stored?.family ?? null,
    stage: stated.stage ?? own?.facts.stage ?? stored?.stage ?? named.stage,
    step: numberOf('step') ?? named.step,
    tokens: numberOf('tokens') ?? named.tokens,
    params: numberOf('params'),
    paramsNonEmbedding: numberOf('paramsNonEmbedding'),
    flops: numberOf('flops'),
    fingerprint: own?.fingerprint ?? null,
  };
}

const stages: readonly Stage[] = ['pretrain', 'midtrain', 'sft', 'dpo', 'rl'];

/** By stage, then by tokens where all have them, else by steps. */
function inTraining(checkpoints: readonly Checkpoint[]): Checkpoint[] {
  const byTokens = checkpoints.every(({ tokens }) => tokens !== null);
  const key = ({ stage, tokens, step }: Checkpoint): Parameters<typeof compareOrder>[0] => ({
    stage: stages.find((known) => known === stage) ?? null,
    tokens: byTokens ? tokens : null,
    step,
  });
  return [...checkpoints].sort(
    (a, b) => compareOrder(key(a), key(b)) || compareText(a.checkpoint, b.checkpoint),
  );
}
