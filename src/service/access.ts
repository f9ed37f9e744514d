/** Who may ask: by the names that a browser says it went to and came from, and by a token. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { isIP } from 'node:net';
import { HttpError } from './http-error.ts';

export type AccessOptions = {
  /** Null: everybody who reaches the address. */
  readonly token: string | null;
  /** Names under which the service is reached, beside `localhost` and plain addresses. */
  readonly hosts: readonly string[];
};

/** What a request says of itself. */
export type Credentials = {
  readonly host: string | null;
  readonly origin: string | null;
  /** `Sec-Fetch-Site`. */
  readonly site: string | null;
  readonly authorization: string | null;
  readonly cookie: string | null;
};

export const sessionCookie = 'sonde_session';

/**
 * Refuses what a page of somebody else sends through a visitor's browser: a name that was rebound to this address is no
 * name of ours (an address in the URL cannot be rebound), and an origin must be where the request went.
 *
 * @throws HttpError `forbidden`.
 */
export function checkOrigin(
  { host, origin, site }: Credentials,
  { hosts }: Pick<AccessOptions, 'hosts'>,
): void {
  const name = host === null ? null : hostName(host);
  const isOurs = name !== null && (isAddress(name) || name === 'localhost' || hosts.includes(name));
  if (!isOurs) {
    throw new HttpError(
      'forbidden',
      'the name in `Host` is not one of this service: use its address, or start it with --allow-host NAME',
    );
  }
  const isForeign =
    origin !== null && origin !== `http://${host ?? ''}` && origin !== `https://${host ?? ''}`;
  if (isForeign || site === 'cross-site' || site === 'same-site') {
    throw new HttpError('forbidden', 'pages of other origins may not ask');
  }
}

/** @throws HttpError `unauthorized` without the token, as a bearer's or behind a session's cookie. */
export function checkToken(
  { authorization, cookie }: Credentials,
  { token }: Pick<AccessOptions, 'token'>,
): void {
  if (token === null) return;
  const bearer = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? null;
  if (bearer !== null && isSame(bearer, token)) return;
  const session = cookieOf(cookie ?? '');
  if (session !== null && isSame(session, sessionOf(token))) return;
  throw new HttpError(
    'unauthorized',
    'expected the token: `Authorization: Bearer …`, or sign in at /',
  );
}

/** What a cookie holds after signing in: it tells that the token was known, and is not the token. */
export function sessionOf(token: string): string {
  return createHmac('sha256', token).update('sonde session').digest('base64url');
}

/** Compared through equally long digests, in a time that says nothing of either. */
export function isSame(given: string, expected: string): boolean {
  const digest = (text: string): Buffer => createHmac('sha256', 'compare').update(text).digest();
  return timingSafeEqual(digest(given), digest(expected));
}

function cookieOf(header: string): string | null {
  for (const part of header.split(';')) {
    const [name, value = ''] = part.trim().split('=', 2);
    if (name === sessionCookie) return value;
  }
  return null;
}

/** The name in a `Host` without its port, lower case; null where it is none. */
function hostName(host: string): string | null {
  const match = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::\d{1,5})?$/i.exec(host);
  return match?.[1]?.toLowerCase() ?? null;
}

function isAddress(name: string): boolean {
  return isIP(name.replace(/^\[|\]$/g, '')) !== 0;
}
