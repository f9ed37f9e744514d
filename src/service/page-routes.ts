import type { Context, Hono } from 'hono';
import { type AccessOptions, checkToken, isSame, sessionCookie, sessionOf } from './access.ts';
import { acceptsGzip } from './api-routes.ts';
import { HttpError } from './http-error.ts';
import type { PageFile, PageFiles } from './page-files.ts';
import { notBuiltPage, signInPage } from './sign-in.ts';

type PageOptions = Pick<AccessOptions, 'token'> & { readonly pages: PageFiles };

/** The dashboard's files, and signing in where there is a token. */
export function addPageRoutes(app: Hono, { token, pages }: PageOptions): void {
  app.post('/login', async (c) => {
    if (token === null) return c.redirect('/', 303);
    const form = await c.req.parseBody().catch(() => {
      throw new HttpError('bad-request', 'expected a form');
    });
    const given = form['token'];
    if (typeof given !== 'string' || !isSame(given, token)) {
      return c.html(signInPage(true), 401);
    }
    const cookie = `${sessionCookie}=${sessionOf(token)}; HttpOnly; SameSite=Strict; Path=/`;
    c.header('set-cookie', cookie);
    return c.redirect('/', 303);
  });
  app.get('/', (c) => {
    if (!isSignedIn(c, token)) return c.html(signInPage(false), 401);
    const page = pages.get('/');
    return page === undefined ? c.html(notBuiltPage, 404) : sendFile(c, page);
  });
  app.get('*', (c) => {
    const file = pages.get(c.req.path);
    if (file === undefined) throw new HttpError('not-found', 'there is nothing under this path');
    return sendFile(c, file);
  });
}

function isSignedIn(c: Context, token: string | null): boolean {
  const header = (name: string): string | null => c.req.header(name) ?? null;
  try {
    checkToken(
      {
        ...{ host: null, origin: null, site: null },
        authorization: header('authorization'),
        cookie: header('cookie'),
      },
      { token },
    );
    return true;
  } catch (error) {
    if (error instanceof HttpError) return false;
    throw error;
  }
}

function sendFile(c: Context, { bytes, gzip, type, etag, immutable }: PageFile): Response {
  c.header('etag', etag);
  c.header('vary', 'accept-encoding');
  c.header('cache-control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
  if (c.req.header('if-none-match') === etag) return c.body(null, 304);
  c.header('content-type', type);
  if (gzip === null || !acceptsGzip(c)) return c.body(bytes);
  c.header('content-encoding', 'gzip');
  return c.body(gzip);
}
