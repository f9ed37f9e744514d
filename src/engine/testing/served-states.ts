import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCheckpoint } from '../../checkpoint/index.ts';
import {
  type EngineCheckpoint,
  openStateServer,
  type StateServer,
  type StateServerKind,
  type StateServerOptions,
} from '../index.ts';
import {
  startStateTestServer,
  type StateTestServer,
  type StateTestServerOptions,
} from './state-test-server.ts';

/** A checkpoint of the bundled series. */
export function bundledCheckpoint(): Promise<EngineCheckpoint> {
  const folder = new URL(
    '../../../examples/tiny-olmo3/d128L4/stage1-step417-tokens4M',
    import.meta.url,
  );
  return openCheckpoint(folder.pathname);
}

export type ServedStatesSetup = {
  readonly checkpoint: EngineCheckpoint;
  /** What the server has. @default the checkpoint */
  readonly served?: EngineCheckpoint;
  readonly server?: Omit<Partial<StateTestServerOptions>, 'checkpoint' | 'kind'>;
  readonly client?: Partial<StateServerOptions>;
};

export type ServedEngine = AsyncDisposable & {
  readonly server: StateTestServer;
  readonly engine: StateServer;
  /** What vLLM writes to. */
  readonly folder: string;
};

/** A server of one kind and the engine that asks it. */
export async function openServedStates(
  kind: StateServerKind,
  { checkpoint, served = checkpoint, server: ofServer = {}, client = {} }: ServedStatesSetup,
): Promise<ServedEngine> {
  const folder = await mkdtemp(join(tmpdir(), 'sonde-served-'));
  const server = await startStateTestServer({ checkpoint: served, kind, folder, ...ofServer });
  const close = async (): Promise<void> => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  };
  try {
    const engine = await openStateServer(checkpoint, {
      ...{ kind, baseUrl: server.url, apiKey: null, model: null, concurrency: 3 },
      // Tests wait for nothing.
      ...{ timeoutMs: 60_000, folder, retry: { retries: 3, minDelayMs: 0, maxDelayMs: 1 } },
      ...client,
    });
    const dispose = async (): Promise<void> => {
      await engine[Symbol.asyncDispose]();
      await close();
    };
    return { server, engine, folder, [Symbol.asyncDispose]: dispose };
  } catch (error) {
    await close();
    throw error;
  }
}
