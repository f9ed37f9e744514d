/** `sonde serve` as others meet it: a process, a socket, and what hostile senders send. */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import { type ServedSonde, serveSonde } from '../helpers/served-sonde.ts';
import { runJson, runSonde } from '../helpers/run-sonde.ts';

const hostile = `<script>alert(1)</script>"'&\u2028`;
const folder = mkdtempSync(join(tmpdir(), 'sonde-serve-'));
const storeDir = join(folder, 'store');
const alert: Parameters<Awaited<ReturnType<typeof openStore>>['alerts']['write']>[0] = {
  ...{ schemaVersion: 1, id: 'drop-1', kind: 'drop', run: hostile, checkpoint: hostile },
  ...{ suite: hostile, probe: hostile, task: hostile, message: hostile, value: 0.1 },
  ...{ reference: null, threshold: null, closedAt: null, notified: [hostile] },
  ...{ openedAt: '2026-11-28T10:00:00.000Z', lastSeenAt: '2026-11-28T10:00:00.000Z' },
};
let served: ServedSonde;

beforeAll(async () => {
  const rows = ['add', hostile].flatMap((task) =>
    ['a', hostile].map((item) => ({
      ...{ suite: hostile, task, item, checkpoint: `${hostile}/step1`, run: hostile, k: 1, n: 2 },
      ...{ filter: hostile, source: hostile, step: 1 },
    })),
  );
  const path = join(folder, 'records.jsonl');
  writeFileSync(path, rows.map((row) => JSON.stringify(row)).join('\n'));
  await runJson(['--store', storeDir, 'import', path]);
  const store = await openStore(storeDir);
  await store.alerts.write(alert);
  const named = { source: hostile, reason: hostile, format: hostile };
  const refusedAt = alert.openedAt;
  await store.refusedImports.write({ schemaVersion: 1, id: 'a', ...named, refusedAt });
  await store.transfers.write({
    ...{ schemaVersion: 1, id: 'b', suite: hostile, tasks: [hostile], checkpoints: [hostile] },
    ...{ train: 'upto', probe: hostile, holdout: 0.4, seed: 0, precision: 'f32' },
    ...{ across: [hostile], madeAt: alert.openedAt, cells: [], breaks: [], leftOut: [] },
  });
  await store[Symbol.asyncDispose]();
  served = await serveSonde(storeDir);
});
afterAll(async () => {
  expect(await served.end()).toBe(0);
  rmSync(folder, { recursive: true });
});

const encoded = encodeURIComponent(hostile);

test.each([
  '/api/v1/overview',
  '/api/v1/runs',
  `/api/v1/runs/${encoded}`,
  '/api/v1/checkpoints',
  '/api/v1/tasks',
  `/api/v1/items?suite=${encoded}&task=${encoded}&run=${encoded}`,
  `/api/v1/items/${encoded}?suite=${encoded}`,
  '/api/v1/imports',
  '/api/v1/transfers',
  '/api/v1/transfers/b',
  '/api/v1/alerts',
])('names out of logs come as JSON that no browser takes for a page: %s', async (path) => {
  const answer = await served.ask(path);
  expect([answer.status, Object.fromEntries(answer.headers)]).toEqual([
    200,
    expect.objectContaining({
      'content-type': 'application/json; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/script-src 'self';/) as string,
      'cross-origin-resource-policy': 'same-origin',
      'x-frame-options': 'DENY',
    }),
  ]);
  expect(answer.headers.has('access-control-allow-origin')).toBe(false);
  expect(JSON.stringify(await answer.json())).toContain('<script>alert(1)');
});

test.each([
  '/../../../../etc/passwd',
  '/%2e%2e/%2e%2e/%2e%2e/etc/passwd',
  '/..%2f..%2f..%2fpackage.json',
  '/assets/..%5c..%5cpackage.json',
  '/assets//etc/passwd',
  '/api/v1/runs/..%2f..%2f..%2fetc%2fpasswd',
  '/api/v1/probes/..%2F..%2Foutcomes',
  '/api/v1/forecasts/..%2Fcheckpoints%2Fx',
  '/api/v1/items/%00?suite=s',
  '/api/v1/compare?a=/etc&b=/etc',
  '/api/v1/%c0%ae%c0%ae/x',
  '/api/v1/runs/%zz',
])('no path of a request reaches the file system: %s', async (path) => {
  const answer = await served.raw(
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
  );
  expect(answer).toMatch(/^HTTP\/1\.1 4\d\d /);
  expect(answer).not.toMatch(/root:|"name": "sonde"/);
});

test('names that were rebound, and pages of other origins, are refused', async () => {
  const from = (headers: string): Promise<string> =>
    served.raw(`GET /api/v1/health HTTP/1.1\r\n${headers}Connection: close\r\n\r\n`);
  expect(await from('Host: localhost\r\n')).toMatch(/^HTTP\/1\.1 200 /);
  for (const headers of [
    'Host: evil.example\r\n',
    `Host: evil.example:${served.port}\r\n`,
    'Host: localhost\r\nOrigin: http://evil.example\r\n',
    'Host: localhost\r\nOrigin: null\r\n',
    'Host: localhost\r\nSec-Fetch-Site: cross-site\r\n',
  ]) {
    expect(await from(headers), headers).toMatch(/^HTTP\/1\.1 403 /);
  }
  expect(await from('Host: a\r\nHost: b\r\n')).toMatch(/^HTTP\/1\.1 40[03] /);
  expect(await from('')).toMatch(/^HTTP\/1\.1 40[03] /);
});

describe('a body', () => {
  const post = async (body: string, type = 'application/json'): Promise<unknown[]> => {
    const answer = await served.ask('/api/v1/alerts/drop-1/acknowledge', {
      ...{ method: 'POST', body, headers: { 'content-type': type } },
    });
    const { error } = (await answer.json()) as { error?: { message: string } };
    return [answer.status, error?.message];
  };

  test('that is too large, is no JSON or says something else is refused in words', async () => {
    const tooLarge = [413, 'expected a body of at most 16384 bytes'];
    expect(await post('x'.repeat(17_000))).toEqual(tooLarge);
    expect(await post(`{"by":"${'x'.repeat(20_000)}"}`)).toEqual(tooLarge);
    expect(await post('{"by":')).toEqual([400, 'body: expected JSON']);
    expect(await post('{"by":"Ada"}', 'text/plain')).toEqual([
      400,
      'expected a body of type application/json',
    ]);
    const wrong = [400, 'body: expected {"by": "a name of 1 to 200 characters"}'];
    for (const body of ['{}', '[]', 'null', '{"by":7}', '{"by":""}', '{"by":"a","x":1}']) {
      expect(await post(body), body).toEqual(wrong);
    }
    expect(await post(`{"by":"${'x'.repeat(201)}"}`)).toEqual(wrong);
  });

  test('in chunks ends at the limit too', async () => {
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    const answer = await served.raw(
      `POST /api/v1/alerts/drop-1/acknowledge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n${chunk}${chunk}0\r\n\r\n`,
    );
    expect(answer).toMatch(/^HTTP\/1\.1 413 /);
  });

  test('in chunks is read where it is short', async () => {
    const answer = await served.raw(
      'POST /api/v1/alerts/none/acknowledge HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n8\r\n{"by":"A\r\n2\r\n"}\r\n0\r\n\r\n',
    );
    expect(answer).toMatch(/^HTTP\/1\.1 404 /);
    expect(answer).toContain('no alert `none`');
  });

  test('acknowledges once; the first name stays', async () => {
    const acknowledge = async (by: string): Promise<unknown> => {
      const answer = await served.ask('/api/v1/alerts/drop-1/acknowledge', {
        method: 'POST',
        body: JSON.stringify({ by }),
        headers: { 'content-type': 'application/json' },
      });
      return await answer.json();
    };
    expect(await acknowledge(hostile)).toMatchObject({ ...alert, acknowledgedBy: hostile.trim() });
    expect(await acknowledge('Bea')).toMatchObject({ acknowledgedBy: hostile.trim() });
    const written = readdirSync(join(storeDir, 'alerts', 'acknowledgements'));
    expect(written).toEqual(['drop-1.json']);
  });
});

test('what is no HTTP, or too long, is refused, and the service goes on', async () => {
  await served.raw('\u0000\u0001\u0002 nonsense\r\n\r\n');
  await served.raw('GET / HTTP/9.9\r\n\r\n');
  const long = (length: number): Promise<string> =>
    served.raw(
      `GET /api/v1/health?${'x'.repeat(length)} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`,
    );
  expect(await long(9_000)).toMatch(/^HTTP\/1\.1 413 /);
  expect(await long(100_000)).toMatch(/^HTTP\/1\.1 431 /);
  expect((await served.ask('/api/v1/health')).status).toBe(200);
  expect((await served.ask('/api/v1/health', { method: 'DELETE' })).status).toBe(405);
});

test('answers are compressed for who takes it', async () => {
  const overview = async (encoding: string): Promise<string | null> => {
    const headers = { 'accept-encoding': encoding };
    return (await served.ask('/api/v1/overview', { headers })).headers.get('content-encoding');
  };
  expect([await overview('gzip'), await overview('identity'), await overview('gzip;q=0')]).toEqual([
    'gzip',
    null,
    null,
  ]);
});

test('an absent store is an empty one; what comes into it is told to who listens, until the service ends', async () => {
  const other = join(folder, 'absent');
  const watched = await serveSonde(other);
  const overview = await (await watched.ask('/api/v1/overview')).json();
  expect(overview).toMatchObject({ runs: [], alerts: [], counts: { checkpoints: 0 } });
  const health = await (await watched.ask('/api/v1/health')).json();
  expect(health).toMatchObject({ status: 'ok', store: 'absent' });
  expect(existsSync(other)).toBe(false);

  const stream = await watched.ask('/api/v1/events');
  const reader = stream.body!.pipeThrough(new TextDecoderStream()).getReader();
  const heard: string[] = [];
  const hear = async (wanted: string): Promise<void> => {
    while (!heard.join('').includes(wanted)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the stream ended: ${heard.join('')}`);
      heard.push(value);
    }
  };
  await hear('listening');
  const store = await openStore(other);
  await store.alerts.write(alert);
  await store[Symbol.asyncDispose]();
  await hear('event: alert\ndata: {"schemaVersion":1,"id":"drop-1"');
  expect(await watched.end()).toBe(0);
  expect((await reader.read()).done).toBe(true);
});

describe('beyond this machine', () => {
  test('nobody listens without a token', async () => {
    const result = await runSonde(['--store', storeDir, 'serve', '--host', '0.0.0.0']);
    expect([result.code, result.stdout]).toEqual([2, '']);
    expect(result.stderr).toContain(
      '--host: `0.0.0.0` is reached from other machines: set SONDE_TOKEN to a secret of 16 characters or more',
    );
  });

  test('the token opens the API, and signing in the page', async () => {
    const token = 'a-token-of-many-letters';
    const args = ['--host', '0.0.0.0'];
    const guarded = await serveSonde(storeDir, { args, env: { SONDE_TOKEN: token } });
    const status = async (path: string, headers = {}): Promise<number> =>
      (await guarded.ask(path, { headers })).status;
    expect(await status('/api/v1/health')).toBe(401);
    expect(await status('/api/v1/events')).toBe(401);
    expect(await status('/api/v1/overview', { authorization: 'Bearer wrong' })).toBe(401);
    expect(await status('/api/v1/overview', { authorization: `Bearer ${token}` })).toBe(200);
    const page = await guarded.ask('/');
    expect([page.status, await page.text()]).toEqual([
      401,
      expect.stringContaining('<form method="post" action="/login">'),
    ]);
    const signIn = (given: string): Promise<Response> =>
      guarded.ask('/login', { method: 'POST', body: new URLSearchParams({ token: given }) });
    expect((await signIn('wrong')).status).toBe(401);
    const signedIn = await signIn(token);
    const cookie = signedIn.headers.get('set-cookie') ?? '';
    expect([signedIn.status, signedIn.headers.get('location')]).toEqual([303, '/']);
    expect(cookie).toMatch(/^sonde_session=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/$/);
    expect(await status('/api/v1/overview', { cookie: cookie.split(';')[0] })).toBe(200);
    await guarded.end();
  });
});
