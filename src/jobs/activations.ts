/** The hidden states of a suite's questions at a checkpoint: found in the store, or computed once and kept. */
import type { Checkpoint } from '../checkpoint/index.ts';
import type { ExtractOptions, PooledBatch } from '../engine/index.ts';
import {
  type ActivationFile,
  activationBytes,
  type ActivationLayout,
  type ActivationPool,
  openActivationDraft,
  openActivationFile,
  type Store,
} from '../store/index.ts';
import type { Render } from '../suite/index.ts';
import { checkStorable } from './check-storable.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { JobContext } from './progress.ts';
import { openPassEngine, passMetadata } from './pass-engine.ts';
import { type PromptLengths, resolveRender } from './prompts.ts';
import {
  askPrompts,
  checkComputable,
  hashPlan,
  keepStates,
  noteSize,
  type Pass,
  preparePass,
  type StateRequest,
  stateConfigHash,
  storedCandidates,
} from './state-pass.ts';

export type ActivationRequest = StateRequest & {
  /** What tells the states from those that are computed here, where they are not. */
  readonly source?: Readonly<Record<string, unknown>>;
};

export type Activations = {
  readonly file: ActivationFile;
  readonly render: Render;
  /** Tokens that went through the model now, and the seconds of it; both 0 where everything was in the store. */
  readonly tokens: number;
  readonly seconds: number;
};

/** All are always kept: they cost one pass together. */
const pools = ['last', 'mean', 'output', 'nextTokens', 'likelihood'] as const;

/** States in the store that serve the request; null where there are none. */
export async function findActivations(
  store: Store,
  checkpoint: KnownCheckpoint,
  request: ActivationRequest,
): Promise<Activations | null> {
  const render = await resolveRender(request.render, checkpoint, request.suite);
  for (const candidate of storedCandidates(request)) {
    const path = activationPath(store, checkpoint, candidate, render);
    const file = path === null ? null : await openActivationFile(path);
    if (file !== null) return { file, render, tokens: 0, seconds: 0 };
  }
  return null;
}

/**
 * States from the store, else from a pass over the checkpoint.
 *
 * @throws UserError where neither can be had, or an item cannot be asked.
 */
export async function ensureActivations(
  store: Store,
  checkpoint: KnownCheckpoint,
  request: ActivationRequest,
  context: JobContext,
): Promise<Activations> {
  const found = await findActivations(store, checkpoint, request);
  if (found !== null) return found;
  const opened = checkComputable(checkpoint, request.suite);
  const render = await resolveRender(request.render, checkpoint, request.suite);
  return await extractInto(store, { checkpoint, opened, request, render }, context);
}

function activationPath(
  store: Store,
  checkpoint: KnownCheckpoint,
  request: ActivationRequest,
  render: Render,
): string | null {
  const { fingerprint } = checkpoint;
  if (fingerprint === null) return null;
  const { source } = request;
  const more = source === undefined ? {} : { source };
  const configHash = stateConfigHash(checkpoint, request, render, more);
  return store.activations.path({ fingerprint, suiteHash: request.suite.hash, configHash });
}

type Extraction = {
  readonly checkpoint: KnownCheckpoint;
  readonly opened: Checkpoint;
  readonly request: ActivationRequest;
  readonly render: Render;
};

async function extractInto(
  store: Store,
  { checkpoint, opened, request, render }: Extraction,
  context: JobContext,
): Promise<Activations> {
  const { precision = 'f32' } = request;
  const asked = await askPrompts({ opened, request, render });
  await using engine = await openPassEngine(asked, precision, context);
  const prepared = preparePass(engine, asked);
  const metadata = { ...prepared.metadata, ...passMetadata(precision, context) };
  const pass = { ...prepared, metadata };
  return await keepActivations(
    store,
    {
      ...{ checkpoint, request, render, pass, pools },
      extract: (layers, how) =>
        engine.extract(pass.prompts, {
          ...{ pool: pools, first: ownTokens(pass.lengths), layers, ...how },
        }),
    },
    context,
  );
}

export type Keeping = Pick<Extraction, 'checkpoint' | 'request' | 'render'> & {
  readonly pass: Pass;
  readonly pools: readonly ActivationPool[];
  readonly extract: (
    layers: readonly number[],
    how: Required<Pick<ExtractOptions, 'skipBatches' | 'onWork'>>,
  ) => AsyncIterable<PooledBatch>;
};

/** Runs a pass into the store; one that was interrupted goes on. */
export async function keepActivations(
  store: Store,
  { checkpoint, request, render, pass, pools: kept, extract }: Keeping,
  context: JobContext,
): Promise<Activations> {
  const layout = layoutOf(pass, request, kept);
  const { id } = pass.opened;
  const path = activationPath(store, checkpoint, request, render);
  if (path === null) throw new Error(`activations: ${id} has no fingerprint`);
  noteSize({ what: `the states of ${id}`, bytes: activationBytes(layout), path }, context);
  const draft = await openActivationDraft(path, layout, hashPlan(pass, layout.metadata));
  const done = await keepStates(
    pass,
    {
      draft,
      batches: (onWork) => extract(layout.layers, { skipBatches: draft.finished, onWork }),
      keep: (batch) => {
        const values = pooledValues(batch, kept);
        const ids = Array.from(batch.rows, (row) => layout.items[row] ?? '');
        const rows = { checkpoint: id, ids, layers: layout.layers, hidden: layout.hidden };
        for (const states of [batch.last, batch.mean]) {
          if (states !== null) checkStorable(states, layout.dtype, rows);
        }
        draft.write(batch.batch, batch.rows, values);
      },
    },
    context,
  );
  const file = await openActivationFile(path);
  if (file === null) throw new Error(`activations: ${path} vanished`);
  return { file, render, ...done };
}

/** Where each question's own tokens begin; its length where it is all prefix: the only one of its task. */
function ownTokens({ prompt, suffix }: PromptLengths): Int32Array {
  return Int32Array.from(prompt, (length, i) => length - (suffix[i] ?? 0));
}

function layoutOf(
  pass: Pass,
  { suite, dtype }: ActivationRequest,
  kept: readonly ActivationPool[],
): ActivationLayout {
  return {
    items: suite.items.map(({ id }) => id),
    layers: pass.layers,
    hidden: pass.engine.hidden,
    pools: kept,
    dtype,
    metadata: pass.metadata,
  };
}

function pooledValues(
  batch: PooledBatch,
  kept: readonly ActivationPool[],
): Record<string, Float32Array> {
  return Object.fromEntries(
    kept.map((pool) => {
      const values = batch[pool];
      if (values === null) throw new Error(`activations: the engine returned no \`${pool}\``);
      return [pool, values];
    }),
  );
}
