/** The HTTP service: its routes, and what stands before all of them. */
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { describeSystemFailure } from '../error/index.ts';
import type { JobContext } from '../jobs/index.ts';
import type { Store } from '../store/index.ts';
import { apiRoot } from '../wire/index.ts';
import { type AccessOptions, checkOrigin, checkToken, type Credentials } from './access.ts';
import { addApiRoutes, type ApiParts } from './api-routes.ts';
import { createAnswers } from './answers.ts';
import { createEventHub } from './event-hub.ts';
import { HttpError } from './http-error.ts';
import { addPageRoutes } from './page-routes.ts';
import type { PageFiles } from './page-files.ts';
import { securityHeaders } from './headers.ts';

export type AppOptions = AccessOptions & {
  readonly pages: PageFiles;
  /** Between two looks at the store while somebody listens to events. */
  readonly pollMs: number;
  /** Hears of faults that are ours; who asked hears only that there was one. */
  readonly onError: (error: unknown) => void;
};

/** What a request may carry. */
const mostBodyBytes = 16 * 1024;
const mostUrlCharacters = 8 * 1024;
const mostListeners = 64;

export type App = {
  readonly hono: Hono;
  /** Makes ready what everybody asks for first. */
  warm(): Promise<void>;
};

export function createApp(store: Store, context: JobContext, options: AppOptions): App {
  const app = new Hono();
  const answers = createAnswers(store, context);
  const warm = async (): Promise<void> => {
    await (await answers.get('/overview', { params: {}, query: {} }))?.read();
  };
  app.use(async (c, next) => {
    for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
    if (c.req.url.length > mostUrlCharacters) {
      throw new HttpError('too-large', `expected a URL of at most ${mostUrlCharacters} characters`);
    }
    checkOrigin(credentialsOf(c), options);
    await next();
  });
  app.use(
    bodyLimit({
      maxSize: mostBodyBytes,
      onError: () => {
        throw new HttpError('too-large', `expected a body of at most ${mostBodyBytes} bytes`);
      },
    }),
  );
  const guarded = async (c: Context, next: () => Promise<void>): Promise<void> => {
    checkToken(credentialsOf(c), options);
    c.header('cache-control', 'private, no-cache');
    await next();
  };
  app.use(`${apiRoot}/*`, guarded);
  app.use('/metrics', guarded);
  const parts: ApiParts = {
    ...{ store, answers },
    hub: createEventHub(store, () => store.contents(), {
      ...{ intervalMs: options.pollMs, most: mostListeners, onError: options.onError },
      beforeTelling: warm,
    }),
    signal: context.signal,
  };
  addApiRoutes(app, parts);
  app.get('/metrics', async (c) =>
    c.text(await answers.metrics(), 200, { 'content-type': 'text/plain; version=0.0.4' }),
  );
  addPageRoutes(app, options);
  app.notFound((c) => failed(c, new HttpError('not-found', 'there is nothing under this path')));
  app.onError((error, c) => {
    if (error instanceof HttpError) return failed(c, error);
    options.onError(error);
    return failed(c, new HttpError('internal', faultInWords(error, store)));
  });
  return { hono: app, warm };
}

/** What the system refused is told, since whoever runs the service can mend it; what is a bug stays in its log. */
function faultInWords(error: Error, { dir }: Store): string {
  const failure = describeSystemFailure(error);
  if (failure === null) return 'a fault of the service: its log tells more';
  return `the store could not be read or written: ${failure.replaceAll(dir, 'the store')}`;
}

/** What a request says of who sent it. */
function credentialsOf(c: Context): Credentials {
  const header = (name: string): string | null => c.req.header(name) ?? null;
  return {
    host: header('host'),
    origin: header('origin'),
    site: isNavigation(c) ? null : header('sec-fetch-site'),
    authorization: header('authorization'),
    cookie: header('cookie'),
  };
}

/** Somebody follows a link to a page: that may come from anywhere. */
function isNavigation(c: Context): boolean {
  const isPage = c.req.method === 'GET' && !c.req.path.startsWith(apiRoot);
  return isPage && c.req.header('sec-fetch-mode') === 'navigate';
}

function failed(c: Context, { status, code, message }: HttpError): Response {
  for (const [name, value] of Object.entries(securityHeaders)) c.header(name, value);
  if (status === 401) c.header('www-authenticate', 'Bearer');
  if (status === 503) c.header('retry-after', '1');
  c.header('cache-control', 'no-store');
  return c.json({ error: { code, message } }, status);
}
