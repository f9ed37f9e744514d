/** The hidden states of a suite's questions from a server that has the checkpoint: asked for once and kept. */
import {
  openStateServer,
  parseServerUrl,
  type StateServer,
  type StateServerKind,
  type StateServerOptions,
} from '../engine/index.ts';
import type { Store } from '../store/index.ts';
import {
  type ActivationRequest,
  type Activations,
  findActivations,
  keepActivations,
} from './activations.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import type { JobContext } from './progress.ts';
import { resolveRender } from './prompts.ts';
import { askPrompts, checkComputable, preparePass } from './state-pass.ts';

export type StateServerRequest = {
  /** As OpenAI clients take it; without a path, `/v1` is meant. */
  readonly url: string;
  readonly kind: StateServerKind;
  /** Null: the only one that the server lists. */
  readonly model: string | null;
  /** Sent as a bearer token; neither shown nor stored. */
  readonly apiKey: string | null;
  /** `vllm`: the folder that the server writes to, as it is seen from here. */
  readonly folder: string | null;
  /** `vllm`: layers in its files; null: all blocks. */
  readonly layers: readonly number[] | null;
  /** Prompts asked for at a time. */
  readonly concurrency: number;
  /** Of one request. */
  readonly timeoutMs: number;
  /** Tries of one request. @default some, for half a minute */
  readonly retry?: NonNullable<StateServerOptions['retry']>;
};

/** Whose states they are. */
export type StateOrigin = {
  readonly kind: StateServerKind;
  readonly url: string;
  readonly model: string;
  /** Type of the numbers as they came; `text` where they were written out. */
  readonly dtype: string;
  /** How far a short prompt's states were from the checkpoint's own; null where they could not be compared here. */
  readonly distance: number | null;
};

export type ServedActivations = Activations & { readonly origin: StateOrigin };

/**
 * States of the server from the store, else from the server. They are kept apart from those that are computed here, and
 * from those of another kind of server, type of numbers, choice of layers or pooling.
 *
 * @throws UserError where the server has another model, or does not give what is asked for.
 */
export async function ensureServedActivations(
  store: Store,
  checkpoint: KnownCheckpoint,
  {
    server: asked,
    pools,
    ...request
  }: Omit<ActivationRequest, 'source'> & {
    readonly server: StateServerRequest;
    readonly pools: readonly ('last' | 'mean')[];
  },
  context: JobContext,
): Promise<ServedActivations> {
  const opened = checkComputable(checkpoint, request.suite);
  const { url, ...options } = asked;
  const baseUrl = parseServerUrl(url);
  await using server = await openStateServer(opened, {
    ...options,
    ...{ baseUrl, signal: context.signal },
  });
  const { kind } = asked;
  const origin = { kind, url: baseUrl, ...originOf(server) };
  context.note(describeIdentity(origin));
  const { dtype } = origin;
  const source = { kind, dtype, layers: server.offered, pools };
  const sourced = { ...request, source };
  const found = await findActivations(store, checkpoint, sourced);
  if (found !== null) return { ...found, origin };
  const render = await resolveRender(request.render, checkpoint, request.suite);
  const pass = preparePass(server, await askPrompts({ opened, request, render }));
  const metadata = { ...pass.metadata, source: kind, sourceDtype: dtype };
  const kept = await keepActivations(
    store,
    {
      ...{ checkpoint, request: sourced, render, pools, pass: { ...pass, metadata } },
      extract: (layers, { skipBatches }) =>
        server.extract(pass.prompts, { pool: pools, layers, skipBatches }),
    },
    context,
  );
  return { ...kept, origin };
}

function originOf({
  model,
  identity: { dtype, compared },
}: StateServer): Pick<StateOrigin, 'model' | 'dtype' | 'distance'> {
  return { model, dtype, distance: compared?.distance ?? null };
}

function describeIdentity({ url, model, dtype, distance }: StateOrigin): string {
  const numbers = dtype === 'text' ? 'written out' : `in ${dtype}`;
  const compared =
    distance === null
      ? 'too deep to be compared with the checkpoint here: that it is the same rests on you'
      : `of a short prompt within ${Number((100 * distance).toPrecision(2))} % of the checkpoint's own`;
  return `states of ${model} at ${url}, ${numbers}, ${compared}`;
}
