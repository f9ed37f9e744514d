import { expect, test } from 'vitest';
import { checkOrigin, checkToken, type Credentials, sessionCookie, sessionOf } from './access.ts';

const plain: Credentials = {
  ...{ host: 'localhost:7373', origin: null, site: null, authorization: null, cookie: null },
};
const hosts = ['node-7'];

test.each([
  'localhost:7373',
  'LOCALHOST',
  '127.0.0.1:7373',
  '[::1]:7373',
  '10.1.2.3:80',
  'node-7:7373',
])('%s is a name of the service', (host) => {
  expect(() => checkOrigin({ ...plain, host }, { hosts })).not.toThrow();
});

test.each([
  null,
  '',
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example:7373',
  'localhost:7373@evil.example',
  'node-7 evil',
  'localhost:abc',
])('%s is none: it may have been rebound', (host) => {
  expect(() => checkOrigin({ ...plain, host }, { hosts })).toThrow(
    'the name in `Host` is not one of this service',
  );
});

test('pages of other origins are refused, its own are not', () => {
  const from = (origin: string | null, site: string | null = null): (() => void) => {
    return () => checkOrigin({ ...plain, origin, site }, { hosts });
  };
  expect(from('http://localhost:7373', 'same-origin')).not.toThrow();
  expect(from('https://localhost:7373')).not.toThrow();
  expect(from(null, 'none')).not.toThrow();
  for (const origin of ['http://localhost:8080', 'http://evil.example', 'null', 'file://']) {
    expect(from(origin), origin).toThrow('pages of other origins may not ask');
  }
  for (const site of ['cross-site', 'same-site']) {
    expect(from(null, site), site).toThrow('pages of other origins may not ask');
  }
});

test('the token is asked for as a bearer’s or behind the cookie of a session', () => {
  const token = 'a secret of many letters'.replaceAll(' ', '-');
  const given = (parts: Partial<Credentials>): (() => void) => {
    return () => checkToken({ ...plain, ...parts }, { token });
  };
  expect(given({ authorization: `Bearer ${token}` })).not.toThrow();
  expect(given({ authorization: `bearer  ${token}` })).not.toThrow();
  expect(given({ cookie: `a=b; ${sessionCookie}=${sessionOf(token)}` })).not.toThrow();
  for (const wrong of [
    {},
    { authorization: `Bearer ${token}x` },
    { authorization: token },
    { authorization: 'Bearer ' },
    { cookie: `${sessionCookie}=${token}` },
    { cookie: `x${sessionCookie}=${sessionOf(token)}` },
    { cookie: `${sessionCookie}=${sessionOf('another-token-of-someone')}` },
  ]) {
    expect(given(wrong), JSON.stringify(wrong)).toThrow('expected the token');
  }
  expect(() => checkToken(plain, { token: null })).not.toThrow();
});
