import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeTransfer, jobContext, sondeVersion } from '../jobs/index.ts';
import { alertSchema, apiRoot, routes } from '../wire/index.ts';
import { createApp } from './app.ts';
import { type SampleStore, sampleStore, sampleTransfer } from './testing/sample-store.ts';

let sample: SampleStore;
let app: ReturnType<typeof createApp>['hono'];
beforeAll(async () => {
  sample = await sampleStore();
  const failed = (error: unknown): never => {
    throw error;
  };
  app = createApp(sample.store, jobContext(), {
    ...{ token: null, hosts: [], pages: new Map(), pollMs: 1000, onError: failed },
  }).hono;
});
afterAll(() => sample[Symbol.asyncDispose]());

const ask = async (path: string): Promise<Response> =>
  await app.request(`http://localhost${apiRoot}${path}`, { headers: { host: 'localhost' } });
const near = (value: number): unknown => expect.closeTo(value);
const body = async (path: string): Promise<unknown> => await (await ask(path)).json();

test.each([
  ['/overview', '/overview'],
  ['/runs', '/runs?limit=1'],
  ['/runs/{run}', '/runs/olmo'],
  ['/checkpoints', '/checkpoints?run=olmo'],
  ['/tasks', '/tasks'],
  ['/items', '/items?suite=s&task=add&run=olmo'],
  ['/items/{item}', '/items/c%2F1?suite=s'],
  ['/estimates', '/estimates?probe=p'],
  ['/forecasts', '/forecasts'],
  ['/probes', '/probes'],
  ['/transfers', '/transfers'],
  ['/transfers/{id}', `/transfers/${'c'.repeat(32)}`],
  ['/compare', '/compare?a=olmo&b=pico'],
  ['/imports', '/imports'],
  ['/alerts', '/alerts?state=all'],
  ['/health', '/health'],
])('%s answers as its schema says', async (path, url) => {
  const route = routes.find((one) => one.path === path);
  const answer = await ask(url);
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    expect.stringMatching(/^application\/json/),
  ]);
  const given: unknown = await answer.json();
  expect(route?.answer.parse(given)).toEqual(given);
});

test('the overview tells what the latest checkpoint scores, and what changed', async () => {
  const overview = await body('/overview');
  expect(overview).toMatchObject({
    project: 'project',
    counts: { runs: 2, checkpoints: 4, tasks: 2, forecasts: 0, probes: 0, openAlerts: 1 },
    alerts: [{ id: 'drift-1', acknowledgedAt: null }],
  });
  const { runs } = overview as { runs: { run: string; scoreboard: object[] }[] };
  const olmo = runs.find(({ run }) => run === 'olmo');
  expect(olmo).toMatchObject({
    checkpoints: 3,
    openAlerts: 1,
    latest: { step: 3, stage: 'pretrain' },
  });
  expect(olmo?.scoreboard).toMatchObject([
    {
      ...{ task: 'add', chance: 0.1, items: 2, measured: null, openAlerts: 1 },
      predicted: { predicted: near(0.6), status: 'drift', baselines: { trend: null } },
      lastMeasured: { checkpoint: 'olmo/step2', accuracy: near(0.6), items: 2 },
      change: { kind: 'predicted', from: 'olmo/step2', difference: near(0.2) },
    },
    {
      ...{ task: 'sub', predicted: null, measured: null },
      lastMeasured: { checkpoint: 'olmo/step2', accuracy: 1 },
      change: null,
    },
  ]);
});

test('the matrix is in the order of training, the easiest question first', async () => {
  expect(await body('/items?suite=s&task=add&run=olmo')).toMatchObject({
    ...{ probe: 'p', probes: ['p'], filter: null, chance: 0.1 },
    checkpoints: [{ step: 1 }, { step: 2 }, { step: 3 }],
    items: [
      { item: 'b', firstSolved: 1, mean: 0.65 },
      { item: 'a', firstSolved: 2, mean: 0.45 },
    ],
    measured: [0.4, 0.8, null, 0.2, 0.4, null],
    predicted: [null, 0.5, 0.75, null, 0.5, 0.75],
  });
});

test('pages of a list follow each other', async () => {
  const first = (await body('/checkpoints?limit=3')) as { rows: object[]; next: string };
  const last = await body(`/checkpoints?limit=3&cursor=${first.next}`);
  expect(first).toMatchObject({ total: 4, rows: [{ step: 1 }, { step: 2 }, { step: 3 }] });
  expect(last).toMatchObject({ total: 4, next: null, rows: [{ run: 'pico' }] });
});

test('a tag holds until something of the answer is new', async () => {
  const first = await ask('/alerts');
  const tag = first.headers.get('etag') ?? '';
  const again = (path: string): Promise<Response> =>
    Promise.resolve(
      app.request(`http://localhost${apiRoot}${path}`, {
        headers: { host: 'localhost', 'if-none-match': tag },
      }),
    );
  expect([first.status, (await again('/alerts')).status]).toEqual([200, 304]);
  expect((await again('/alerts?state=closed')).status).toBe(200);
  const acknowledged = await app.request(`http://localhost${apiRoot}/alerts/drift-1/acknowledge`, {
    method: 'POST',
    headers: { host: 'localhost', 'content-type': 'application/json' },
    body: '{"by":"Ada"}',
  });
  expect(alertSchema.parse(await acknowledged.json())).toMatchObject({ acknowledgedBy: 'Ada' });
  expect((await again('/alerts')).status).toBe(200);
});

test.each([
  ['/runs/none', 404, 'not-found', 'no run `none`'],
  ['/runs?limit=1&limit=2', 400, 'bad-request', 'query: `limit` stands twice'],
  ['/runs?page=2', 400, 'bad-request', 'query: Unrecognized key: "page"'],
  [
    '/runs?cursor=%00',
    400,
    'bad-request',
    'cursor: expected `next` of another page of the same list',
  ],
  ['/items?suite=s&task=none&run=olmo', 404, 'not-found', 'no task `none` of suite `s`'],
  [
    '/items?suite=s',
    400,
    'bad-request',
    'query, `task`: Invalid input: expected string, received undefined',
  ],
  ['/compare?a=olmo&b=none', 404, 'not-found', 'no checkpoint and no run `none`'],
  ['/probes/none', 404, 'not-found', 'no probe `none`'],
  ['/forecasts/none', 404, 'not-found', 'no forecast `none`'],
  ['/alerts/x/acknowledge', 405, 'method-not-allowed', 'expected POST of this path'],
  ['/nothing', 404, 'not-found', 'there is nothing under this path'],
])('%s is refused in words', async (path, status, code, message) => {
  const answer = await ask(path);
  expect([answer.status, await answer.json()]).toEqual([status, { error: { code, message } }]);
});

test('metrics tell of the latest checkpoint of each run', async () => {
  const answer = await app.request('http://localhost/metrics', { headers: { host: 'localhost' } });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([
    200,
    'text/plain; version=0.0.4',
  ]);
  expect(await answer.text()).toContain('run="olmo"');
});

test('the imports tell what was refused, and not where it lies', async () => {
  expect(await body('/imports')).toMatchObject({
    sources: [{ source: 'r.csv', records: 8 }],
    refused: [
      {
        ...{ source: 'late.csv', format: 'csv', refusedAt: '2026-11-28T11:00:00.000Z' },
        reason: '`late.csv`, row 1: expected `k` to be at most `n` (10), got 11',
      },
    ],
    refusedTotal: 1,
  });
});

test('a matrix of transfer is given as the store keeps it, and in short in the list', async () => {
  const short = describeTransfer(sampleTransfer);
  expect(short).not.toHaveProperty('cells');
  expect(await body('/transfers')).toMatchObject({ rows: [short], next: null, total: 1 });
  expect(await body(`/transfers/${sampleTransfer.id}`)).toEqual({
    ...sampleTransfer,
    sonde: sondeVersion,
  });
  const missing = await ask('/transfers/none');
  expect([missing.status, await missing.json()]).toEqual([
    404,
    { error: { code: 'not-found', message: 'no transfer `none`' } },
  ]);
});
