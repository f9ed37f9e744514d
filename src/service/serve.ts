/** The service as a server of this process. */
import { once } from 'node:events';
import { hostname } from 'node:os';
import type { AddressInfo } from 'node:net';
import { serve as serveApp } from '@hono/node-server';
import { UserError } from '../error/index.ts';
import type { JobContext } from '../jobs/index.ts';
import type { Store } from '../store/index.ts';
import { createApp } from './app.ts';
import { builtPages, readPageFiles } from './page-files.ts';

export type ServeOptions = {
  /** An address, or a name of this machine. */
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** Null: none is asked for, which only a loopback address allows. */
  readonly token: string | null;
  /** More names under which it is reached: of a proxy, of a tunnel. */
  readonly allowHosts: readonly string[];
  /** @default 1000 */
  readonly pollMs?: number;
  readonly onError: (error: unknown) => void;
};

export type RunningService = {
  readonly url: string;
  readonly port: number;
  /** Ends streams and idle connections, waits for what is being answered. */
  close(): Promise<void>;
};

/** A guess at so many characters does not succeed. */
const shortestToken = 16;

/**
 * Listens until it is closed; returns once what everybody asks for first was read, so that who follows the address need not
 * wait for that.
 *
 * @throws UserError for an address beyond this machine without a token, for a weak token, and where it cannot listen.
 */
export async function startService(
  store: Store,
  options: ServeOptions,
  context: JobContext,
): Promise<RunningService> {
  checkToken(options);
  const { host, port, token, allowHosts, pollMs = 1000, onError } = options;
  const ending = new AbortController();
  const app = createApp(
    store,
    { ...context, signal: AbortSignal.any([context.signal, ending.signal]) },
    {
      ...{ token, pollMs, onError },
      hosts: [hostname().toLowerCase(), ...allowHosts.map((name) => name.toLowerCase())],
      pages: await readPageFiles(builtPages),
    },
  );
  const server = serveApp({
    fetch: (request) => app.hono.fetch(request),
    ...{ hostname: host, port },
    serverOptions: {
      // Who sends a request slowly does not hold a connection for long.
      ...{ headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 65_000 },
      maxHeaderSize: 16 * 1024,
    },
  });
  await once(server, 'listening').catch((error: unknown) => {
    throw refusal(error, options);
  });
  await app.warm().catch(onError);
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${actual}/`,
    port: actual,
    async close() {
      ending.abort();
      const closed = once(server, 'close');
      server.close();
      if ('closeIdleConnections' in server) server.closeIdleConnections();
      await closed;
    },
  };
}

function refusal(error: unknown, { host, port }: ServeOptions): unknown {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: 'something listens there already: end it, or choose another --port',
    EACCES: 'this port needs rights that you do not have: choose one above 1023',
    EADDRNOTAVAIL: 'this machine has no such address',
    ENOTFOUND: 'this name stands for no address',
  };
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const reason = reasons[code];
  if (reason === undefined) return error;
  return new UserError(`serve: cannot listen on ${host}:${port}: ${reason}`, { cause: error });
}

function checkToken({ host, token }: ServeOptions): void {
  if (token === null && !isLoopback(host)) {
    throw new UserError(
      `--host: \`${host}\` is reached from other machines: set SONDE_TOKEN to a secret of ${shortestToken} characters or more (openssl rand -hex 24), or use 127.0.0.1 and a tunnel`,
    );
  }
  if (token !== null && !/^[\x21-\x7e]+$/.test(token)) {
    throw new UserError('SONDE_TOKEN: expected printable ASCII without spaces');
  }
  if (token !== null && token.length < shortestToken) {
    throw new UserError(
      `SONDE_TOKEN: expected ${shortestToken} characters or more, got ${token.length}: openssl rand -hex 24 makes one`,
    );
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(?:\.\d{1,3}){3}$/.test(host);
}
