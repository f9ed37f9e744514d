import { once } from 'node:events';
import type { Context, Hono } from 'hono';
import { streamSSE } from 'hono/streaming';
import { sondeVersion } from '../jobs/index.ts';
import type { Store } from '../store/index.ts';
import { acknowledgementSchema, apiRoot, type Health, routes } from '../wire/index.ts';
import type { Answers, TaggedAnswer } from './answers.ts';
import type { EventHub } from './event-hub.ts';
import { HttpError } from './http-error.ts';
import { openApiDocument } from './openapi.ts';

export type ApiParts = {
  readonly store: Store;
  readonly answers: Answers;
  readonly hub: EventHub;
  /** Ends streams when the service ends. */
  readonly signal: AbortSignal;
};

export function addApiRoutes(app: Hono, parts: ApiParts): void {
  app.get(`${apiRoot}/health`, async (c) => c.json(await health(parts.store)));
  const document = openApiDocument();
  app.get(`${apiRoot}/openapi.json`, (c) => c.json(document));
  app.get(`${apiRoot}/events`, (c) => streamEvents(c, parts));
  for (const { method, path } of routes) {
    if (method === 'GET' && path !== '/health') {
      app.get(honoPath(path), (c) => answer(c, path, parts.answers));
    }
  }
  app.post(honoPath('/alerts/{id}/acknowledge'), (c) => acknowledge(c, parts.store));
  app.all(`${apiRoot}/*`, (c) => {
    const known = routes.find(({ path }) => patternOf(path).test(c.req.path));
    if (known === undefined) throw new HttpError('not-found', 'there is nothing under this path');
    throw new HttpError('method-not-allowed', `expected ${known.method} of this path`);
  });
}

const honoPath = (path: string): string => `${apiRoot}${path.replaceAll(/\{(\w+)\}/g, ':$1')}`;

function patternOf(path: string): RegExp {
  return new RegExp(`^${apiRoot}${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

async function health(store: Store): Promise<Health> {
  const contents = await store.contents();
  const isEmpty = Object.values(contents).every(({ size }) => size === 0);
  return {
    ...{ schemaVersion: 1, sonde: sondeVersion, status: 'ok' },
    store: isEmpty ? 'absent' : 'present',
  };
}

async function answer(c: Context, path: string, answers: Answers): Promise<Response> {
  const params = c.req.param() as Record<string, string>;
  const tagged = await answers.get(path, { params, query: singleValues(c) });
  if (tagged === null) throw new HttpError('not-found', 'there is nothing under this path');
  return await send(c, tagged);
}

/** A name that stands twice is a mistake, or somebody's trick: which one counts must not matter. */
function singleValues(c: Context): Record<string, string> {
  const values: Record<string, string> = {};
  for (const [name, all] of Object.entries(c.req.queries())) {
    if (all.length !== 1) throw new HttpError('bad-request', `query: \`${name}\` stands twice`);
    values[name] = all[0] ?? '';
  }
  return values;
}

async function send(c: Context, { etag, read }: TaggedAnswer): Promise<Response> {
  const asked = c.req.header('if-none-match')?.split(/\s*,\s*/) ?? [];
  c.header('etag', etag);
  c.header('vary', 'accept-encoding');
  if (asked.includes(etag)) return c.body(null, 304);
  const { json, gzip } = await read();
  c.header('content-type', 'application/json; charset=utf-8');
  const compressed = acceptsGzip(c) ? await gzip() : null;
  if (compressed === null) return c.body(json);
  c.header('content-encoding', 'gzip');
  return c.body(compressed);
}

export function acceptsGzip(c: Context): boolean {
  return /\bgzip\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))/.test(c.req.header('accept-encoding') ?? '');
}

async function acknowledge(c: Context, store: Store): Promise<Response> {
  if (!/^application\/json\b/.test(c.req.header('content-type') ?? '')) {
    throw new HttpError('bad-request', 'expected a body of type application/json');
  }
  const body: unknown = await c.req.json().catch(() => {
    throw new HttpError('bad-request', 'body: expected JSON');
  });
  const parsed = acknowledgementSchema.safeParse(body);
  if (!parsed.success) {
    throw new HttpError('bad-request', 'body: expected {"by": "a name of 1 to 200 characters"}');
  }
  const id = c.req.param('id') ?? '';
  if ((await store.alerts.read(id)) === null) {
    throw new HttpError('not-found', `no alert \`${id}\``);
  }
  return c.json(await store.alerts.acknowledge(id, { at: new Date(), name: parsed.data.by }));
}

/** Silence for longer looks like a broken connection to what stands in between. */
const heartbeatMs = 15_000;

async function streamEvents(c: Context, { hub, signal }: ApiParts): Promise<Response> {
  let send: (event: string, data: unknown) => void = () => undefined;
  const end = await hub.subscribe(({ event, data }) => send(event, data));
  if (end === null) throw new HttpError('busy', 'too many listen already');
  return streamSSE(c, async (stream) => {
    send = (event, data) => {
      void stream.writeSSE({ event, data: JSON.stringify(data) }).catch(() => stream.abort());
    };
    await stream.write(': listening\nretry: 2000\n\n');
    const heartbeat = setInterval(() => {
      void stream.write(': \n\n').catch(() => stream.abort());
    }, heartbeatMs);
    const gone = new AbortController();
    stream.onAbort(() => gone.abort());
    try {
      // The service outlives its listeners: nothing of theirs stays with its signal.
      if (!signal.aborted) await once(signal, 'abort', { signal: gone.signal }).catch(() => null);
    } finally {
      clearInterval(heartbeat);
      end();
    }
  });
}
