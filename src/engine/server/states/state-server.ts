import { UserError } from '../../../error/index.ts';
import { checkLayers } from '../../check-layers.ts';
import { type EngineCheckpoint, LoadedModel } from '../../loaded-model.ts';
import { planBatches } from '../../plan-batches.ts';
import type { PassPlan } from '../../plan-pass.ts';
import type { HiddenStateProvider, TokenisedPrompt } from '../../provider.ts';
import type { AskedServer } from '../asked-server.ts';
import { HttpClient, type HttpOptions } from '../http-client.ts';
import { extractFromServer, offeredLayers } from './extract-from-server.ts';
import { type Identity, identify } from './identify.ts';
import { loadFinalNorm } from './served-model.ts';
import { servedName } from './served-name.ts';
import { sglangSource } from './sglang.ts';
import type { StateServerKind, StateSource } from './state-source.ts';
import { vllmSource } from './vllm-files.ts';
import { lensSource } from './vllm-lens.ts';

export type StateServerOptions = Omit<HttpOptions, 'maxReplyBytes'> & {
  readonly kind: StateServerKind;
  /** As the server calls it; null: the only one that it lists. */
  readonly model: string | null;
  /** Prompts asked for at a time, from 1. */
  readonly concurrency: number;
  /** `vllm` alone: the folder that the server writes states to, as it is seen from here. */
  readonly folder?: string | null;
  /** `vllm` alone: layers in its files, ascending, as the contract counts them. @default all blocks */
  readonly layers?: readonly number[] | null;
  /** Ends requests that wait. */
  readonly signal?: AbortSignal;
};

/** A checkpoint on a server that gives its hidden states, pooled here. */
export type StateServer = HiddenStateProvider & {
  /** As the server calls it. */
  readonly model: string;
  /** Layers that `extract` gives, ascending; all of them by default. */
  readonly offered: readonly number[];
  readonly identity: Identity;
  /** The batches of `extract`: equal prompts give equal plans. */
  plan(prompts: readonly Pick<TokenisedPrompt, 'ids'>[]): PassPlan;
};

/** A batch is what a killed extraction may lose, and what is in memory at once. */
const budgets = { tokenBudget: 2 ** 16, rowBudget: 16 };

/** Longest replies: numbers written out have to fit a string. */
const replyBytes: Readonly<Record<StateServerKind, number>> = {
  vllm: 2 ** 24,
  'vllm-lens': 500e6,
  sglang: 500e6,
};

/**
 * Asks the server for its model, and for the states of a short prompt, which are compared with the checkpoint's own.
 *
 * @throws UserError where the config is not understood, or the server cannot be asked or has another model.
 */
export async function openStateServer(
  checkpoint: EngineCheckpoint,
  options: StateServerOptions,
): Promise<StateServer> {
  const { signal } = options;
  const model = new LoadedModel(checkpoint, { threads: 1 });
  const client = clientFor(options);
  let source: StateSource | null = null;
  const dispose = async (): Promise<void> => {
    source?.[Symbol.dispose]();
    await client[Symbol.asyncDispose]();
    await model[Symbol.asyncDispose]();
  };
  try {
    const server = await askedServer(client, options);
    source = sourceOf(server, model, options);
    const norm = source.isNormed ? null : await loadFinalNorm(model);
    const served = { server, source, model, norm };
    const identified = {
      ...served,
      identity: await identify(served, signal),
      plan: budgets,
      signal,
    };
    return {
      ...{ layers: model.spec.layers.length + 1, hidden: model.spec.hidden },
      plan: planRequests,
      model: server.model,
      offered: offeredLayers(identified),
      identity: identified.identity,
      extract: (prompts, extractOptions) => extractFromServer(identified, prompts, extractOptions),
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

function planRequests(prompts: readonly Pick<TokenisedPrompt, 'ids'>[]): PassPlan {
  const lengths = prompts.map(({ ids }) => ids.length);
  const { batches, tokens, padded } = planBatches(lengths, budgets);
  return {
    prefixes: [],
    batches: batches.map((rows) => ({ rows, prefix: null })),
    tokens,
    computed: padded,
  };
}

/** SGLang's own protocol stands beside the OpenAI one, not under `/v1`. */
function clientFor({ kind, baseUrl, ...options }: StateServerOptions): HttpClient {
  const root = kind === 'sglang' ? baseUrl.replace(/\/v1$/, '') : baseUrl;
  return new HttpClient({ ...options, baseUrl: root, maxReplyBytes: replyBytes[kind] });
}

async function askedServer(
  client: HttpClient,
  { kind, model: wanted, concurrency, signal }: StateServerOptions,
): Promise<AskedServer> {
  const path = kind === 'sglang' ? 'v1/models' : 'models';
  return { client, model: await servedName(client, { path, wanted }, signal), concurrency };
}

function sourceOf(
  server: AskedServer,
  { spec }: LoadedModel,
  { kind, folder = null, layers = null, timeoutMs }: StateServerOptions,
): StateSource {
  if (kind === 'sglang') return sglangSource(server, spec.layers.length);
  if (kind === 'vllm-lens') return lensSource(server);
  if (folder === null) {
    throw new UserError(
      '--server-dir: expected the folder that the server writes hidden states to (shared_storage_path), as it is seen from here, got none',
    );
  }
  if (layers !== null) checkLayers(layers, spec.layers.length);
  return vllmSource(server, { folder, layers, timeoutMs });
}
