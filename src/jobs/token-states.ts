/** The states of single tokens of a suite's questions: found in the store, or computed once and kept. */
import type { Checkpoint } from '../checkpoint/index.ts';
import { keptLengths } from '../engine/index.ts';
import { UserError } from '../error/index.ts';
import {
  openTokenDraft,
  openTokenFile,
  type Store,
  tokenBytes,
  type TokenFile,
  type TokenLayout,
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
  preparePass,
  type StateRequest,
  stateConfigHash,
  storedCandidates,
} from './state-pass.ts';

export type TokenStateRequest = StateRequest & {
  /** Most tokens of a question to keep: its last ones; null keeps all. */
  readonly maxTokens: number | null;
};

export type TokenStates = {
  /** The tokens of each question that follow what all prompts of its task share, at least its last one. */
  readonly file: TokenFile;
  readonly render: Render;
  /** Tokens that went through the model now, and the seconds of it; both 0 where everything was in the store. */
  readonly tokens: number;
  readonly seconds: number;
};

/** Changes when what is noted beside the states does; files of another version are not used. */
const notesVersion = 2;

/** Token states in the store that serve the request; null where there are none. */
export async function findTokenStates(
  store: Store,
  checkpoint: KnownCheckpoint,
  request: TokenStateRequest,
): Promise<TokenStates | null> {
  const render = await resolveRender(request.render, checkpoint, request.suite);
  for (const candidate of storedCandidates(request)) {
    const path = tokenPath(store, checkpoint, candidate, render);
    const file = path === null ? null : await openTokenFile(path);
    if (file !== null) return { file, render, tokens: 0, seconds: 0 };
  }
  return null;
}

/**
 * Token states from the store, else from a pass over the checkpoint up to the highest layer asked for. The file may hold
 * more layers than were asked for.
 *
 * @throws UserError where neither can be had, or an item cannot be asked.
 */
export async function ensureTokenStates(
  store: Store,
  checkpoint: KnownCheckpoint,
  request: TokenStateRequest,
  context: JobContext,
): Promise<TokenStates> {
  const found = await findTokenStates(store, checkpoint, request);
  if (found !== null) return found;
  const opened = checkComputable(checkpoint, request.suite);
  const render = await resolveRender(request.render, checkpoint, request.suite);
  return await extractInto(store, { checkpoint, opened, request, render }, context);
}

function tokenPath(
  store: Store,
  checkpoint: KnownCheckpoint,
  request: TokenStateRequest,
  render: Render,
): string | null {
  const { fingerprint } = checkpoint;
  if (fingerprint === null) return null;
  const { suite, maxTokens } = request;
  const configHash = stateConfigHash(checkpoint, request, render, { maxTokens, notesVersion });
  return store.tokenStates.path({ fingerprint, suiteHash: suite.hash, configHash });
}

type Extraction = {
  readonly checkpoint: KnownCheckpoint;
  readonly opened: Checkpoint;
  readonly request: TokenStateRequest;
  readonly render: Render;
};

async function extractInto(
  store: Store,
  { checkpoint, opened, request, render }: Extraction,
  context: JobContext,
): Promise<TokenStates> {
  const { precision = 'f32' } = request;
  const asked = await askPrompts({ opened, request, render });
  await using engine = await openPassEngine(asked, precision, context);
  const pass = preparePass(engine, asked);
  const { suite, dtype, maxTokens } = request;
  const kept = {
    layers: pass.layers,
    from: firstTokens(pass.lengths),
    ...(maxTokens === null ? {} : { maxTokens }),
  };
  const layout: TokenLayout = {
    items: suite.items.map(({ id }) => id),
    layers: pass.layers,
    hidden: engine.hidden,
    lengths: keptLengths(pass.lengths.prompt, kept),
    dtype,
    metadata: {
      ...pass.metadata,
      ...passMetadata(precision, context),
      maxTokens: JSON.stringify(maxTokens),
      blocks: `${engine.layers - 1}`,
    },
  };
  const path = tokenPath(store, checkpoint, request, render);
  if (path === null) throw new Error(`token states: ${opened.id} has no fingerprint`);
  noteSize({ what: `the token states of ${opened.id}`, bytes: tokenBytes(layout), path }, context);
  const draft = await openTokenDraft(path, layout, hashPlan(pass, layout.metadata));
  const done = await keepStates(
    pass,
    {
      draft,
      batches: (onWork) =>
        engine.extractTokens(pass.prompts, { ...kept, skipBatches: draft.finished, onWork }),
      keep: ({ batch, rows, lengths, values }) => {
        const ids = Array.from(rows).flatMap((row, i) =>
          Array<string>(lengths[i] ?? 0).fill(layout.items[row] ?? ''),
        );
        const { layers, hidden } = layout;
        checkStorable(values, dtype, { checkpoint: opened.id, ids, layers, hidden });
        draft.write(batch, rows, values);
      },
    },
    context,
  );
  const file = await openTokenFile(path);
  if (file === null) throw new Error(`token states: ${path} vanished`);
  return { file, render, ...done };
}

/**
 * Blocks of the whole model, whether they were run or not.
 *
 * @throws UserError where the file does not say.
 */
export function blocksOf({ metadata, path }: Pick<TokenFile, 'metadata' | 'path'>): number {
  const blocks = Number(metadata['blocks'] ?? Number.NaN);
  if (Number.isSafeInteger(blocks) && blocks >= 1) return blocks;
  throw new UserError(
    `token states: expected metadata \`blocks\`, a whole number from 1, in ${path}, got ${JSON.stringify(metadata['blocks'] ?? null)}; delete the file and extract again`,
  );
}

/** Where each question's own tokens begin; a question that is all prefix (the only one of its task) has its last token. */
function firstTokens({ prompt, suffix }: PromptLengths): Int32Array {
  return Int32Array.from(prompt, (length, i) => length - Math.max(1, suffix[i] ?? 0));
}
