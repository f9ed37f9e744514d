import { expect, test } from 'vitest';
import { jobContext } from '../jobs/index.ts';
import { type ServeOptions, startService } from './index.ts';
import { sampleStore } from './testing/sample-store.ts';

const local: ServeOptions = {
  ...{ host: '127.0.0.1', port: 0, token: null, allowHosts: [] },
  onError: (error) => {
    throw error;
  },
};

test.each([
  [{ host: '0.0.0.0' }, '`0.0.0.0` is reached from other machines: set SONDE_TOKEN'],
  [{ host: 'node-7' }, '`node-7` is reached from other machines: set SONDE_TOKEN'],
  [{ host: '127.0.0.1.example' }, 'is reached from other machines'],
  [{ token: 'short' }, 'SONDE_TOKEN: expected 16 characters or more, got 5'],
  [{ token: 'with spaces in it, long' }, 'SONDE_TOKEN: expected printable ASCII without spaces'],
  [{ host: '203.0.113.7', token: 'x'.repeat(16) }, 'this machine has no such address'],
])('does not listen as %j', async (changes, message) => {
  await using sample = await sampleStore();
  const started = startService(sample.store, { ...local, ...changes }, jobContext());
  await expect(started).rejects.toThrow(message);
});

test('says where it listens, and where somebody else does', async () => {
  await using sample = await sampleStore();
  const service = await startService(sample.store, local, jobContext());
  try {
    expect(service.url).toBe(`http://127.0.0.1:${service.port}/`);
    const again = startService(sample.store, { ...local, port: service.port }, jobContext());
    await expect(again).rejects.toThrow(
      `serve: cannot listen on 127.0.0.1:${service.port}: something listens there already: end it, or choose another --port`,
    );
  } finally {
    await service.close();
  }
});
