import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openStore } from '../../src/store/index.ts';
import type { WatchReport } from '../../src/watch/index.ts';
import { hasRedis, startRedis, type TestRedis } from '../helpers/redis.ts';
import { runSonde } from '../helpers/run-sonde.ts';
import { type Started, startSonde } from '../helpers/start-sonde.ts';
import { contentOf, prepareSeries, type WatchedSeries } from '../helpers/watched-series.ts';

describe.runIf(hasRedis)('sonde watch --redis and sonde worker', () => {
  let series: WatchedSeries;
  let redis: TestRedis;
  beforeAll(async () => {
    [series, redis] = await Promise.all([prepareSeries(), startRedis()]);
  });
  afterAll(async () => {
    await redis.stop();
    series.remove();
  });

  it('two workers, one killed in a step, and a Redis that forgets everything: each result once', async () => {
    const undisturbed = series.scenario('undisturbed');
    for (const name of series.later) undisturbed.arrive(name);
    await runSonde(undisturbed.watch('--once'));

    const queued = series.scenario('queued');
    for (const name of series.later) queued.arrive(name);
    const worker = (): Started =>
      startSonde(['--store', queued.store, 'worker', '--redis', redis.url, '--lock', '2']);
    const [first, second] = [worker(), worker()];
    const watching = startSonde(queued.watch('--once', '--redis', redis.url, '--json'));
    await vi.waitFor(async () => expect(await running(queued.store)).toBeGreaterThan(0), {
      timeout: 30_000,
      interval: 20,
    });
    first.child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await done(queued.store)).toBeGreaterThan(9), {
      timeout: 60_000,
      interval: 50,
    });
    await redis.restart();
    const { code, stdout, stderr } = await watching.finished;
    expect([0, 3], stderr).toContain(code);
    expect((JSON.parse(stdout) as WatchReport).failures).toEqual([]);
    second.child.kill('SIGTERM');
    const ended = await second.finished;
    expect(ended).toMatchObject({
      ...{ code: 0, stderr: expect.not.stringContaining('queue: ERR') as string },
      stdout: expect.stringMatching(/^\d+ steps done, 0 of them failed\n$/) as string,
    });
    expect(await contentOf(queued.store)).toEqual(await contentOf(undisturbed.store));
  });

  it('no server, and something that is no server’s address, are said without the password', async () => {
    const { store } = series.scenario('nowhere');
    const of = (url: string): Promise<unknown> =>
      runSonde(['--store', store, 'worker', '--redis', url]);
    expect(await of('redis://:secret@127.0.0.1:1')).toMatchObject({
      ...{ code: 2, stdout: '' },
      stderr: expect.stringMatching(
        /^sonde: --redis or SONDE_REDIS: expected a Redis server at 127\.0\.0\.1:1, found none \(.*\); start it, or correct the URL\n$/,
      ) as string,
    });
    expect(await of('secret.example:6379')).toMatchObject({
      stderr:
        'sonde: --redis or SONDE_REDIS: expected redis://HOST:PORT or rediss://HOST:PORT, got something else\n',
    });
  });
});

/** Steps that somebody is at, or was when they were killed. */
async function running(dir: string): Promise<number> {
  await using store = await openStore(dir);
  return (await store.jobs.list()).filter(
    ({ kind, state }) => kind === 'extract' && state === 'running',
  ).length;
}

async function done(dir: string): Promise<number> {
  await using store = await openStore(dir);
  return (await store.jobs.list()).filter(({ state }) => state === 'done').length;
}
