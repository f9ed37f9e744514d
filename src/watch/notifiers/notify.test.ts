import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openStore, type Store, type StoredAlert } from '../../store/index.ts';
import { configureWatch } from '../configure.ts';
import { createNews } from '../news.ts';
import { type Notifier, NotReached } from './notifier.ts';
import { createTelling, type Telling } from './notify.ts';

let dir = '';
let store: Store;
let server: Server;
let received: unknown[];
let answers: number[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'notify-'));
  store = await openStore(dir);
  [received, answers] = [[], []];
  server = createServer((request, response) => {
    void json(request).then((body) => {
      received.push(body);
      response.writeHead(answers.shift() ?? 200).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  await new Promise((resolve) => server.close(resolve));
  await store[Symbol.asyncDispose]();
  await rm(dir, { recursive: true });
});

const drop: StoredAlert = {
  ...{ schemaVersion: 1, id: 'drop-1', kind: 'drop', run: 'r<1>', checkpoint: 'r/2', suite: 's' },
  ...{ probe: 'p', task: 'add', message: 'add fell & <fell>', value: 0.1, reference: 0.3 },
  ...{
    threshold: 0.1,
    openedAt: '2026-01-01T00:00:00.000Z',
    lastSeenAt: '2026-01-01T00:00:00.000Z',
  },
  ...{ closedAt: null, notified: [] },
};

type Notify = NonNullable<Parameters<typeof configureWatch>[1]['notify']>;

/** Of a watch; what it says at the terminal is put into `said`. */
function telling(notify: Notify, said: string[]): Telling {
  const note = (text: string): void => void said.push(text);
  const env = { HOOK: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret` };
  const { notifiers } = configureWatch(
    {
      ...{ dir, probes: ['p'], tasks: null, ladder: null, labelQuestions: null, quietPeriod: null },
      exports: { tensorboard: null, prometheus: null, jsonl: null },
    },
    { notify },
    { env, note, sectionDir: dir },
  );
  const signal = new AbortController().signal;
  return createTelling(store, notifiers, { news: createNews(note), signal });
}

/** Tells all alerts of the store; returns what was said at the terminal. */
async function tell(notify: Notify): Promise<string[]> {
  const said: string[] = [];
  await telling(notify, said).tell(await store.alerts.list());
  return said;
}

const printed = 'alert drop in r<1>: add fell & <fell> (drop-1)';

test('an alert is told once to each, as JSON and in Slack’s form', async () => {
  await store.alerts.write(drop);
  const alert = (await store.alerts.list())[0];
  const notify: Notify = [
    { name: 'ops', url_env: 'HOOK' },
    { name: 'chat', url_env: 'HOOK', form: 'slack' },
    { name: 'others', url_env: 'HOOK', kinds: ['drift'] },
  ];
  expect(await tell(notify)).toEqual([printed]);
  expect(received).toEqual([
    { event: 'alert', alert },
    { text: '*drop* r&lt;1&gt;: add fell &amp; &lt;fell&gt;' },
  ]);
  expect((await store.alerts.list())[0]!.notified).toEqual(['print', 'ops', 'chat']);
  expect(await tell(notify)).toEqual([]);
  expect(received).toHaveLength(2);
});

test('one that could not be delivered is tried again, at the next look too; its URL is never said', async () => {
  await store.alerts.write(drop);
  answers = [503, 200];
  await tell([{ name: 'ops', url_env: 'HOOK' }]);
  expect(received).toHaveLength(2);
  await store.alerts.write({ ...drop, notified: ['print'] });
  answers = [404];
  expect(await tell([{ name: 'ops', url_env: 'HOOK' }])).toEqual([
    'notify ops: alert drop-1 was not delivered (answered 404); tried again at the next look',
  ]);
  await tell([{ name: 'ops', url_env: 'HOOK' }]);
  expect((await store.alerts.list())[0]!.notified).toEqual(['print', 'ops']);
});

test('what is over, or acknowledged, is told nobody', async () => {
  await store.alerts.write({ ...drop, closedAt: '2026-01-02T00:00:00.000Z' });
  await store.alerts.write({ ...drop, id: 'drop-2' });
  await store.alerts.acknowledge('drop-2', { at: new Date(), name: null });
  expect(await tell([{ name: 'ops', url_env: 'HOOK' }])).toEqual([]);
  expect(received).toEqual([]);
});

test('a variable without a URL is named, not its content', async () => {
  await expect(tell([{ name: 'ops', url_env: 'NONE' }])).rejects.toThrow(
    'watch → notify → ops: expected an http(s) URL in the environment variable NONE, it is not set',
  );
});

test('within one look who was not reached is not tried again, and an alert that was refused keeps no other back', async () => {
  await store.alerts.write({ ...drop, notified: ['print'] });
  await store.alerts.write({ ...drop, id: 'drop-2', notified: ['print'] });
  const said: string[] = [];
  const ops = telling([{ name: 'ops', url_env: 'HOOK' }], said);
  answers = [404, 200];
  await ops.tell(await store.alerts.list());
  await ops.tell(await store.alerts.list());
  expect(received).toHaveLength(2);
  expect((await store.alerts.list()).map(({ notified }) => notified)).toEqual([
    ['print'],
    ['print', 'ops'],
  ]);
  ops.startLook();
  await ops.tell(await store.alerts.list());
  expect((await store.alerts.read('drop-1'))!.notified).toEqual(['print', 'ops']);
  expect(said).toEqual([
    'notify ops: alert drop-1 was not delivered (answered 404); tried again at the next look',
  ]);
});

test('a recipient that nobody answers for is tried with one alert a look', async () => {
  const tried: string[] = [];
  const gone: Notifier = {
    ...{ name: 'gone', wants: () => true },
    tell: ({ id }) => {
      tried.push(id);
      return Promise.reject(new NotReached('not reached (ECONNREFUSED)'));
    },
  };
  await store.alerts.write(drop);
  await store.alerts.write({ ...drop, id: 'drop-2' });
  const said: string[] = [];
  const news = createNews((text) => void said.push(text));
  const { signal } = new AbortController();
  const to = createTelling(store, [gone], { news, signal });
  const look = async (): Promise<void> => {
    news.startLook();
    to.startLook();
    await to.tell(await store.alerts.list());
    await to.tell(await store.alerts.list());
  };
  await look();
  await look();
  expect([tried, said]).toEqual([
    ['drop-1', 'drop-1'],
    [
      'notify gone: alert drop-1 was not delivered (not reached (ECONNREFUSED)); tried again at the next look',
    ],
  ]);
});
