import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { jobContext } from '../jobs/index.ts';
import { apiRoot } from '../wire/index.ts';
import { createApp } from './app.ts';
import { sampleStore } from './testing/sample-store.ts';

test('who stopped listening leaves nothing behind', async () => {
  await using sample = await sampleStore();
  const { signal } = new AbortController();
  const { hono } = createApp(
    sample.store,
    { ...jobContext(), signal },
    {
      ...{ token: null, hosts: [], pages: new Map(), pollMs: 1000 },
      onError: (error) => {
        throw error;
      },
    },
  );
  const before = getEventListeners(signal, 'abort').length;
  const heard: string[] = [];
  for (let i = 0; i < 3; i += 1) {
    const answer = await hono.request(`http://localhost${apiRoot}/events`, {
      headers: { host: 'localhost' },
    });
    const reader = (answer.body as ReadableStream<Uint8Array> | null)?.getReader();
    const first = await reader?.read();
    heard.push(new TextDecoder().decode(first?.value));
    expect(getEventListeners(signal, 'abort').length).toBe(before + 1);
    await reader?.cancel();
    await expect.poll(() => getEventListeners(signal, 'abort').length).toBe(before);
  }
  expect(new Set(heard)).toEqual(new Set([': listening\nretry: 2000\n\n']));
});
