import type { Precision } from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import { architectureOf, type ProbeItem, type ScoringInput } from '../probe/index.ts';
import type { Store } from '../store/index.ts';
import { loadSuite, restrictTasks, type Render, type Suite } from '../suite/index.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import { probeItems } from './probe-inputs.ts';
import { ensureProbeStates, type WantedStates } from './probe-states.ts';
import { type LoadedProbe, loadProbe } from './probe-files.ts';
import type { JobContext } from './progress.ts';
import { randomStates } from './random-states.ts';
import { StateCache } from './state-cache.ts';

/** A probe and the suite that it was fitted on, as it was asked. */
export type ScoringProbe = LoadedProbe & { readonly suite: Suite };

/** @throws UserError where there is no such probe, or its suite is gone from the store. */
export async function openProbe(store: Store, name: string): Promise<ScoringProbe> {
  const probe = await loadProbe(store, name);
  const { suite: suiteName, suiteContentHash, tasks } = probe.origin;
  const dir = await store.suites.find(suiteContentHash);
  if (dir === null) {
    throw new UserError(
      `probe \`${name}\`: its suite \`${suiteName}\` (${suiteContentHash.slice(0, 12)}) is not in the store any more; fit the probe again`,
    );
  }
  return { ...probe, suite: restrictTasks(await loadSuite(dir), tasks) };
}

export type Scoring = {
  readonly input: ScoringInput & { readonly items: readonly ProbeItem[] };
  readonly render: Render;
  /** Tokens run and seconds taken; 0 where the states were in the store. */
  readonly tokens: number;
  readonly seconds: number;
};

/** Which states the probe reads of every checkpoint. */
export function wantedBy({ suite, origin, model }: Omit<ScoringProbe, 'id'>): WantedStates {
  const { exit = null, precision } = model.card.layout;
  const layers = tokenLayersRead(model);
  return { suite, render: origin.render, precision, exit, tokenLayers: () => layers };
}

/** The states of a checkpoint, as the probe reads them. Looks at no outcome. */
export async function prepareScoring(
  store: Store,
  { suite, origin, model }: Omit<ScoringProbe, 'id'>,
  checkpoint: KnownCheckpoint,
  context: JobContext,
): Promise<Scoring> {
  const at = { cache: new StateCache(), context };
  const wanted = wantedBy({ suite, origin, model });
  const states = await ensureProbeStates(store, checkpoint, wanted, at);
  const random = await randomStates(store, checkpoint, wanted, { compute: false, ...at });
  const { id, facts, fingerprint } = checkpoint;
  const { file, render, layout, activations, tokens, seconds } = states;
  return {
    input: {
      items: probeItems(suite, file),
      checkpoint: {
        id,
        tokens: facts.tokens,
        step: facts.step,
        stage: facts.stage,
        rendering: render,
        fingerprint,
        ...activations,
      },
      layout,
      random: random === null ? null : random.activations,
    },
    render,
    tokens,
    seconds,
  };
}

/** Layers of the states of single tokens that the probe's heads read; null where they read none. */
function tokenLayersRead({
  card: { heads, representation },
}: ScoringProbe['model']): readonly number[] | null {
  const reads = Object.values(heads).map(({ spec }) => architectureOf(spec.architecture).reads);
  if (representation === null || !reads.some((what) => what.endsWith('tokens'))) return null;
  return representation.layers;
}

/**
 * @param asked null takes the probe's own
 * @throws UserError for states of another precision than those that the probe was fitted on.
 */
export function checkPrecision(
  { model }: Pick<ScoringProbe, 'model'>,
  name: string,
  asked: Precision | null,
): void {
  const { precision: own = 'f32' } = model.card.layout;
  if (asked === null || asked === own) return;
  throw new UserError(
    `--precision: probe \`${name}\` was fitted on states in ${own}, got ${asked}; leave --precision out, or fit a probe with --precision ${asked}`,
  );
}

/** @throws UserError for a task that the probe was not fitted on. */
export function checkTasks(
  { origin }: ScoringProbe,
  name: string,
  tasks: readonly string[] | null,
): void {
  const unknown = tasks?.find((task) => !origin.tasks.includes(task));
  if (unknown === undefined) return;
  throw new UserError(
    `--tasks: expected tasks that probe \`${name}\` was fitted on (${origin.tasks.join(', ')}), got \`${unknown}\``,
  );
}
