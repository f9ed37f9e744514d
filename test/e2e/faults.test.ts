import { existsSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { randomStream } from '../../src/stats/index.ts';
import { openStore } from '../../src/store/index.ts';
import type { WatchReport } from '../../src/watch/index.ts';
import { hasRedis, startRedis, type TestRedis } from '../helpers/redis.ts';
import { runSonde } from '../helpers/run-sonde.ts';
import { type Started, startSonde } from '../helpers/start-sonde.ts';
import {
  contentOf,
  prepareSeries,
  type Scenario,
  type WatchedSeries,
} from '../helpers/watched-series.ts';

/** More of them in `npm run test:faults`. */
const kills = Number(process.env['SONDE_KILLS'] ?? 3);
const seed = Number(process.env['SONDE_SEED'] ?? 1);

/** Milliseconds between two kills: long enough to be in the middle of something, short enough to never get through. */
const [shortest, longest] = [300, 1800];

let series: WatchedSeries;
let redis: TestRedis | null;
beforeAll(async () => {
  const size = kills > 3 ? 'full' : 'small';
  [series, redis] = await Promise.all([prepareSeries(size), hasRedis ? startRedis() : null]);
});
afterAll(async () => {
  await redis?.stop();
  series.remove();
});

it(`kill -9 at ${kills} random moments leaves the store that an undisturbed watch leaves`, {
  timeout: 120_000 + 30_000 * kills,
}, async () => {
  const undisturbed = series.scenario('undisturbed');
  for (const name of series.later) undisturbed.arrive(name);
  const from = performance.now();
  const { code, stderr } = await runSonde(undisturbed.watch('--once'));
  expect([0, 3], stderr).toContain(code);
  const seconds = (performance.now() - from) / 1000;

  const disturbed = series.scenario('disturbed');
  const victims = await startVictims(disturbed);
  const random = randomStream('faults', seed);
  const told: string[] = [];
  for (let kill = 0; kill < kills; kill += 1) {
    const next = series.later[Math.floor((kill * series.later.length) / kills)];
    if (next !== undefined) arriveOnce(disturbed, next);
    await wait(shortest + random.uniform() * (longest - shortest));
    const victim = victims[random.integer(victims.length)]!;
    victim.process.child.kill('SIGKILL');
    told.push(victim.name);
    victim.process = victim.start();
  }
  for (const name of series.later) arriveOnce(disturbed, name);
  const all = 4 + series.later.length;
  await vi
    .waitFor(async () => expect(await estimates(disturbed)).toBe(all), {
      timeout: 120_000,
      interval: 500,
    })
    .catch(async (error: unknown) => {
      for (const { process } of victims) process.child.kill('SIGTERM');
      process.stderr.write(await account(disturbed, victims));
      throw error;
    });
  // The last one may have been started a moment ago: until it listens, a signal ends it as it ends any program.
  await vi.waitFor(() => {
    expect(victims.filter(({ process }) => !isUp(process.child.pid))).toEqual([]);
  }, 30_000);
  for (const { process } of victims) process.child.kill('SIGTERM');
  const ends = await Promise.all(victims.map(({ process }) => process.finished));
  for (const [i, end] of ends.entries()) {
    expect([0, 3, 130], `${victims[i]?.name}: ${end.stderr}`).toContain(end.code);
  }

  const last = await runSonde([...disturbed.watch('--once'), '--json']);
  expect((JSON.parse(last.stdout) as WatchReport).failures).toEqual([]);
  expect(await contentOf(disturbed.store)).toEqual(await contentOf(undisturbed.store));
  process.stderr.write(
    `faults: undisturbed ${seconds.toFixed(1)} s, seed ${seed}, killed ${told.join(', ')}\n`,
  );
});

type Victim = { readonly name: string; process: Started; readonly start: () => Started };

/** The watcher; over a queue its worker too; and the service, where there is one. */
async function startVictims(scenario: Scenario): Promise<Victim[]> {
  const queue = redis === null ? [] : ['--redis', redis.url];
  const commands: [string, readonly string[]][] = [
    ['watcher', scenario.watch('--poll', '0.3', ...queue)],
  ];
  const store = ['--store', scenario.store];
  if (redis !== null) commands.push(['worker', [...store, 'worker', ...queue, '--lock', '1']]);
  const { stdout } = await runSonde(['--help']);
  if (/^ +serve /m.test(stdout)) commands.push(['service', [...store, 'serve', '--port', '0']]);
  return commands.map(([name, args]) => {
    const start = (): Started => startSonde(args);
    return { name, process: start(), start };
  });
}

/** Whether its signals are its own: they are before a command's modules are read, the database's among them. Linux tells. */
function isUp(pid: number | undefined): boolean {
  const maps = `/proc/${pid}/maps`;
  return !existsSync(maps) || readFileSync(maps, 'utf8').includes('duckdb');
}

/** What the processes said and where the jobs stand, for whoever has to find out why it did not get through. */
async function account({ store: dir }: Scenario, victims: readonly Victim[]): Promise<string> {
  await using store = await openStore(dir);
  const jobs = (await store.jobs.list()).map(({ kind, checkpoint, state, attempts, error }) =>
    JSON.stringify({ kind, checkpoint, state, attempts, error }),
  );
  const said = await Promise.all(
    victims.map(async ({ name, process }) => `== ${name}\n${(await process.finished).stderr}`),
  );
  return [...jobs, ...said, ''].join('\n');
}

const arrived = new Set<string>();

function arriveOnce(scenario: Scenario, name: string): void {
  if (!arrived.has(name)) scenario.arrive(name);
  arrived.add(name);
}

/** Checkpoints that have an estimate. */
async function estimates({ store: dir }: Scenario): Promise<number> {
  await using store = await openStore(dir);
  const jobs = await store.jobs.list();
  const done = jobs.filter(({ kind, state }) => kind === 'estimate' && state === 'done');
  return new Set(done.map(({ checkpoint }) => checkpoint)).size;
}
