import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { openLocalEngine } from '../index.ts';
import type { EngineCheckpoint, StateServerKind } from '../index.ts';
import { openRawEngine } from './raw-engine.ts';
import { type AnsweredStates, answerStates, type StateAnswering } from './state-replies.ts';

/** What goes wrong with one request for states. */
export type StateFault =
  | { readonly status: number; readonly retryAfter?: string }
  /** No answer, a connection that ends before the answer or in it. */
  | 'silent'
  | 'cut'
  | 'half'
  /** States of one token too few, of another width, with a number that is none, or never written. */
  | 'short'
  | 'narrow'
  | 'nan'
  | 'zeros';

export type StateTestServerOptions = Partial<StateAnswering> & {
  readonly checkpoint: EngineCheckpoint;
  readonly kind: StateServerKind;
  /** Compared with the bearer token. */
  readonly apiKey?: string;
};

/** A server that speaks the protocols of vLLM, vLLM-Lens and SGLang, behind which the local engine runs. */
export type StateTestServer = AsyncDisposable & {
  /** With `/v1`. */
  readonly url: string;
  /** Bodies of the requests for states, in their order. */
  readonly requests: Record<string, unknown>[];
  /** What becomes of the next requests for states, one each; those after them are answered well. */
  readonly faults: (StateFault | null)[];
  readonly mostOpen: () => number;
};

export async function startStateTestServer(
  options: StateTestServerOptions,
): Promise<StateTestServer> {
  const { checkpoint, kind } = options;
  const isNormed = kind === 'sglang';
  const engine = await (isNormed
    ? openLocalEngine(checkpoint, { threads: 1 })
    : openRawEngine(checkpoint));
  const blocks = isNormed ? engine.layers - 1 : engine.layers - 2;
  const talk: Talk = {
    answering: {
      ...{ engine, kind, blocks, dtype: 'F32', folder: '', transport: 'binary', knowsLast: true },
      ...{ layers: Array.from({ length: blocks }, (_, i) => i + 1), ...options },
    },
    apiKey: options.apiKey ?? null,
    ...{ requests: [], faults: [], parked: new Map() },
    turn: Promise.resolve(),
  };
  let [open, mostOpen] = [0, 0];
  const server = createServer((request, response) => {
    const isPost = request.method === 'POST';
    open += isPost ? 1 : 0;
    mostOpen = Math.max(mostOpen, open);
    response.on('close', () => (open -= isPost ? 1 : 0));
    void respond(request, response, talk).catch((error: unknown) => {
      send(response, 500, { error: { message: String(error) } });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: talk.requests,
    faults: talk.faults,
    mostOpen: () => mostOpen,
    [Symbol.asyncDispose]: async () => {
      await close(server);
      await engine[Symbol.asyncDispose]();
    },
  };
}

type Talk = {
  readonly answering: StateAnswering;
  readonly apiKey: string | null;
  readonly requests: Record<string, unknown>[];
  readonly faults: (StateFault | null)[];
  /** Tensors that are fetched apart, by their handles. */
  readonly parked: Map<string, Uint8Array>;
  /** The engine runs one prompt at a time. */
  turn: Promise<unknown>;
};

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  talk: Talk,
): Promise<void> {
  const path = request.url ?? '';
  if (talk.apiKey !== null && request.headers.authorization !== `Bearer ${talk.apiKey}`) {
    send(response, 401, { error: { message: 'Invalid key' } });
  } else if (path === '/v1/models') {
    send(response, 200, { data: [{ id: 'tiny', object: 'model' }] });
  } else if (request.method === 'GET') {
    const bytes = talk.parked.get(path.replace('/v1/activations/', ''));
    if (bytes === undefined) send(response, 404, { detail: 'Unknown or expired handle' });
    else response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(bytes);
  } else {
    const body = JSON.parse(await text(request)) as Record<string, unknown>;
    talk.requests.push(body);
    const expected = talk.answering.kind === 'sglang' ? '/generate' : '/v1/completions';
    if (path !== expected) send(response, 404, { detail: 'Not Found' });
    else await answer(response, body, talk);
  }
}

async function answer(
  response: ServerResponse,
  body: Record<string, unknown>,
  talk: Talk,
): Promise<void> {
  const fault = talk.faults.shift() ?? null;
  if (fault === 'silent') return;
  if (fault === 'cut') {
    response.destroy();
  } else if (fault === 'half') {
    response.writeHead(200, { 'content-length': '500' });
    response.write('{"usage": {', () => response.destroy());
  } else if (fault !== null && typeof fault === 'object') {
    if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
    send(response, fault.status, { error: { message: 'trouble' } });
  } else {
    const turn = talk.turn.then(() => answerStates(talk.answering, body, fault));
    talk.turn = turn.catch(() => undefined);
    const { status, reply, parked }: AnsweredStates = await turn;
    for (const [handle, bytes] of parked) talk.parked.set(handle, bytes);
    send(response, status, reply);
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
