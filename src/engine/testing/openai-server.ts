import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { PromptTokenizer } from '../../checkpoint/index.ts';
import type { LocalEngine } from '../index.ts';
import { echoPrompt, sampleBody, type TestRequest } from './openai-replies.ts';

/** What goes wrong with one request: an error status, a cut connection, half a reply, silence, a page of HTML; nothing. */
export type TestFault =
  | { readonly status: number; readonly retryAfter?: string; readonly body?: string }
  | 'cut'
  | 'half'
  | 'silent'
  | 'html'
  | null;

export type TestServerOptions = {
  readonly engine: LocalEngine;
  readonly tokenizer: PromptTokenizer;
  /** @default ['tiny'] */
  readonly models?: readonly string[];
  /** What becomes of `n`. @default 'given' */
  readonly severalAtOnce?: 'given' | 'ignored' | 'refused';
  /** Fields answered with 422. */
  readonly refused?: readonly string[];
  /** @default true */
  readonly echo?: boolean;
  /** @default true */
  readonly usage?: boolean;
  /** Asked for in the header, else 401. */
  readonly apiKey?: string;
};

export type SeenRequest = {
  readonly path: string;
  readonly authorization: string | null;
  readonly body: TestRequest | null;
};

/** An OpenAI-compatible server on a free port of this machine, behind which the local engine runs. */
export type TestServer = AsyncDisposable & {
  /** With `/v1`. */
  readonly url: string;
  readonly requests: SeenRequest[];
  /** What becomes of the next POST requests, one each; those after them are answered well. */
  readonly faults: TestFault[];
  /** Most POST requests that were open at once. */
  readonly mostOpen: () => number;
};

export async function startTestServer(options: TestServerOptions): Promise<TestServer> {
  const requests: SeenRequest[] = [];
  const faults: TestFault[] = [];
  let [open, mostOpen] = [0, 0];
  const server = createServer((request, response) => {
    const isPost = request.method === 'POST';
    if (isPost) open += 1;
    mostOpen = Math.max(mostOpen, open);
    response.on('close', () => (open -= isPost ? 1 : 0));
    void respond(request, response, { options, requests, faults }).catch((error: unknown) => {
      send(response, 500, { error: { message: String(error) } });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    requests,
    faults,
    mostOpen: () => mostOpen,
    [Symbol.asyncDispose]: () => close(server),
  };
}

type Talk = {
  readonly options: TestServerOptions;
  readonly requests: SeenRequest[];
  readonly faults: TestFault[];
};

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { options, requests, faults }: Talk,
): Promise<void> {
  const path = request.url ?? '';
  const authorization = request.headers.authorization ?? null;
  const body = request.method === 'POST' ? (JSON.parse(await text(request)) as TestRequest) : null;
  requests.push({ path, authorization, body });
  const { apiKey, models = ['tiny'] } = options;
  if (apiKey !== undefined && authorization !== `Bearer ${apiKey}`) {
    // As some servers do, with the key in the message.
    send(response, 401, { error: { message: `Incorrect API key: ${String(authorization)}` } });
  } else if (body === null) {
    send(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
  } else {
    const fault = faults.shift();
    if (fault === undefined || fault === null) await answer(response, path, body, options);
    else fail(response, fault);
  }
}

async function answer(
  response: ServerResponse,
  path: string,
  body: TestRequest,
  options: TestServerOptions,
): Promise<void> {
  const { severalAtOnce = 'given', refused = [], usage = true, models = ['tiny'] } = options;
  const field = refused.find((name) => body[name as keyof TestRequest] !== undefined);
  if (field !== undefined) {
    send(response, 422, { detail: `Unused fields in the request: {'${field}'}` });
  } else if ((body.n ?? 1) > 1 && severalAtOnce === 'refused') {
    send(response, 400, { error: { message: 'Only one completion choice is allowed' } });
  } else if (!models.includes(body.model)) {
    send(response, 404, { error: { message: `The model ${body.model} does not exist.` } });
  } else {
    const isChat = path.endsWith('/chat/completions');
    const given = severalAtOnce === 'ignored' ? { ...body, n: 1 } : body;
    const reply =
      body.echo === true && options.echo !== false
        ? await inTurn(options.engine, () => echoPrompt(given, options))
        : await inTurn(options.engine, () => sampleBody(given, isChat, options));
    send(response, 200, usage ? reply : { ...reply, usage: undefined });
  }
}

const turns = new WeakMap<LocalEngine, Promise<unknown>>();

/** One run of an engine at a time. */
function inTurn<Result>(engine: LocalEngine, work: () => Promise<Result>): Promise<Result> {
  const turn = (turns.get(engine) ?? Promise.resolve()).then(work);
  turns.set(
    engine,
    turn.catch(() => undefined),
  );
  return turn;
}

function fail(response: ServerResponse, fault: NonNullable<TestFault>): void {
  if (fault === 'silent') return;
  if (fault === 'cut') response.destroy();
  else if (fault === 'html') response.writeHead(200).end('<html>busy</html>');
  else if (fault === 'half') {
    response.writeHead(200, { 'content-length': '500' });
    response.write('{"choices": [', () => response.destroy());
  } else {
    if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
    response.writeHead(fault.status).end(fault.body ?? JSON.stringify({ error: 'trouble' }));
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
}
