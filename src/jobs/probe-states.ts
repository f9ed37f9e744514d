/** The states of a checkpoint as a probe reads them: of the whole pass, or of one that ends early. */
import type { Precision } from '../engine/index.ts';
import type {
  Activations as ProbeActivations,
  ProbeLayout,
  TokenStates as ProbeTokens,
} from '../probe/index.ts';
import type { ActivationFile, Store, TokenFile } from '../store/index.ts';
import type { Render, Suite } from '../suite/index.ts';
import { type Activations, ensureActivations, findActivations } from './activations.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { SuiteRequest } from './known-suite.ts';
import { pooledTokens } from './pooled-tokens.ts';
import { type ExtractedFile, probeLayout } from './probe-inputs.ts';
import type { JobContext } from './progress.ts';
import type { StateCache } from './state-cache.ts';
import {
  blocksOf,
  ensureTokenStates,
  findTokenStates,
  type TokenStateRequest,
  type TokenStates,
} from './token-states.ts';

/** Which states a probe reads of every checkpoint. */
export type WantedStates = {
  readonly suite: Suite;
  readonly render: SuiteRequest['render'];
  /** @default 'f32' */
  readonly precision?: Precision | undefined;
  /**
   * The last block that is run, from 1: the states of single tokens behind it are all that is read, pooled ones are made
   * of them, and nothing is known of the output. Null for the whole model.
   */
  readonly exit: number | null;
  /** Layers (of so many) of the states of single tokens that are read beside the pooled ones of a whole pass. */
  readonly tokenLayers: (layers: number) => readonly number[] | null;
};

export type ProbeStates = {
  /** What was noted of the questions when they were extracted. */
  readonly file: ExtractedFile;
  readonly render: Render;
  readonly layout: ProbeLayout;
  readonly activations: ProbeActivations;
  /** Tokens that went through the model now, and the seconds of it; both 0 where everything was in the store. */
  readonly tokens: number;
  readonly seconds: number;
};

type At = { readonly cache: StateCache; readonly context: JobContext };

/** Most tokens of a question whose states are kept: its last ones. */
const MOST_TOKENS = 64;

/** States in the store; null where there are none. Those of single tokens beside pooled ones are left out. */
export async function findProbeStates(
  store: Store,
  checkpoint: KnownCheckpoint,
  wanted: WantedStates,
  { cache }: At,
): Promise<ProbeStates | null> {
  if (wanted.exit === null) {
    const found = await findActivations(store, checkpoint, wholePass(wanted));
    return found === null ? null : await ofWholePass(found, { wanted, cache, tokens: null });
  }
  const found = await findTokenStates(store, checkpoint, tokenPass(wanted, [wanted.exit]));
  return found === null ? null : ofEarlyExit(found, { wanted, exit: wanted.exit, cache });
}

/**
 * States from the store, else from a pass over the checkpoint.
 *
 * @throws UserError where neither can be had, or an item cannot be asked.
 */
export async function ensureProbeStates(
  store: Store,
  checkpoint: KnownCheckpoint,
  wanted: WantedStates,
  { cache, context }: At,
): Promise<ProbeStates> {
  const { exit, tokenLayers } = wanted;
  const tokensAt = (layers: readonly number[]): Promise<TokenStates> =>
    ensureTokenStates(store, checkpoint, tokenPass(wanted, layers), context);
  if (exit !== null) return ofEarlyExit(await tokensAt([exit]), { wanted, exit, cache });
  const whole = await ensureActivations(store, checkpoint, wholePass(wanted), context);
  const layers = tokenLayers(whole.file.layers.length);
  const tokens = layers === null ? null : { layers, states: await tokensAt(layers) };
  return await ofWholePass(whole, { wanted, cache, tokens });
}

/** What a probe's whole pass is asked for as. */
export function wholePass({
  suite,
  render,
  precision,
}: WantedStates): Parameters<typeof ensureActivations>[2] {
  return { suite, render, precision, layers: 'all', dtype: 'F32' };
}

function tokenPass(
  { suite, render, precision }: WantedStates,
  layers: readonly number[],
): TokenStateRequest {
  return { suite, render, precision, layers, maxTokens: MOST_TOKENS, dtype: 'F32' };
}

async function ofWholePass(
  { file, ...pass }: Activations,
  {
    wanted: { suite },
    cache,
    tokens,
  }: {
    readonly wanted: WantedStates;
    readonly cache: StateCache;
    readonly tokens: { readonly layers: readonly number[]; readonly states: TokenStates } | null;
  },
): Promise<ProbeStates> {
  return {
    ...pass,
    file,
    layout: probeLayout(suite, file, { layers: file.layers.length, exit: null }),
    activations: {
      states: (pool, layer) => cache.read(file, pool, layer),
      ...(await headPoolsOf(file)),
      tokenStates: tokens === null ? null : probeTokens(tokens.states.file, tokens.layers),
    },
    tokens: pass.tokens + (tokens?.states.tokens ?? 0),
    seconds: pass.seconds + (tokens?.states.seconds ?? 0),
  };
}

async function headPoolsOf(
  file: ActivationFile,
): Promise<Pick<ProbeActivations, 'output' | 'nextTokens' | 'likelihood'>> {
  const [output, nextTokens] = [await file.output(), await file.nextTokens()];
  return { output, nextTokens, likelihood: await file.likelihood() };
}

function ofEarlyExit(
  { file, ...pass }: TokenStates,
  {
    wanted: { suite },
    exit,
    cache,
  }: { readonly wanted: WantedStates; readonly exit: number; readonly cache: StateCache },
): ProbeStates {
  const pooled = pooledTokens(file);
  return {
    ...pass,
    file,
    layout: probeLayout(suite, file, { layers: blocksOf(file) + 1, exit }),
    activations: {
      states: (pool, layer) => cache.read(pooled, pool, layer),
      ...{ output: null, nextTokens: null, likelihood: null },
      tokenStates: probeTokens(file, [exit]),
    },
  };
}

function probeTokens(file: TokenFile, layers: readonly number[]): ProbeTokens {
  const positions = file.lengths.reduce((most, length) => Math.max(most, length), 1);
  return { layers, hidden: file.hidden, positions, read: file.read };
}
