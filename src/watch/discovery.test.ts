import {
  cp,
  mkdir,
  mkdtemp,
  rename,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTinyCheckpoint } from '../checkpoint/testing/tiny-checkpoint.ts';
import { createDiscovery, type Discovered, expectFolder } from './discovery.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'sonde-discovery-'));
});
afterEach(() => rm(root, { recursive: true }));

const long = 1e9;

/** Far enough from the files' times for any quiet period of these tests. */
const later = (): number => Date.now() + long;

const told = (found: readonly Discovered[]): Record<string, unknown> =>
  Object.fromEntries(
    found.map((one) => [
      basename(one.dir),
      one.state === 'incomplete' ? one.missing : one.state === 'refused' ? one.reason : one.state,
    ]),
  );

test('a checkpoint is complete once index and all shards are there, whole', async () => {
  const dir = await writeTinyCheckpoint(join(root, 'step10'), { shards: 2 });
  const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
  await rename(join(dir, second), join(root, 'elsewhere'));
  const discovery = createDiscovery(root, { quietMs: 0 });
  expect(told(await discovery.look(later()))).toEqual({ step10: [second] });
  await rename(join(root, 'elsewhere'), join(dir, second));
  expect(told(await discovery.look(later()))).toEqual({ step10: 'complete' });
  await truncate(join(dir, first), 200);
  expect(told(await discovery.look(later()))).toEqual({
    step10: [
      expect.stringMatching(/^model-00001-of-00002.safetensors \(200 of at least \d+ bytes\)$/),
    ],
  });
});

test('a folder that has just been made, and one without weights, are waited for', async () => {
  await mkdir(join(root, 'step10'));
  await mkdir(join(root, 'logs'));
  const whole = await writeTinyCheckpoint(join(root, 'step20'));
  await rm(join(whole, 'tokenizer.json'));
  const discovery = createDiscovery(root, { quietMs: 0 });
  expect(told(await discovery.look(later()))).toEqual({
    step10: ['model.safetensors', 'config.json', 'tokenizer.json'],
    step20: ['tokenizer.json'],
  });
});

test('what changed within the quiet period is settling; two looks that far apart count too', async () => {
  const dir = await writeTinyCheckpoint(join(root, 'step10'));
  const discovery = createDiscovery(root, { quietMs: 1000 });
  // A file server whose clock is far ahead of this machine's.
  await utimes(join(dir, 'config.json'), later() / 1000, later() / 1000);
  expect(told(await discovery.look(0))).toEqual({ step10: 'settling' });
  expect(told(await discovery.look(999))).toEqual({ step10: 'settling' });
  expect(told(await discovery.look(1000))).toEqual({ step10: 'complete' });
  await writeFile(join(dir, 'trainer_state.json'), '{"global_step": 10}');
  expect(told(await discovery.look(1500))).toEqual({ step10: 'settling' });
  expect(told(await discovery.look(2500))).toEqual({ step10: 'complete' });
  // An optimiser state that goes away is none of our business.
  await writeFile(join(dir, 'optimizer.pt'), 'x');
  expect(told(await discovery.look(2501))).toEqual({ step10: 'complete' });
});

test('pruned checkpoints, and a folder that is not there yet, are no error', async () => {
  const discovery = createDiscovery(join(root, 'run'), { quietMs: 0 });
  expect(await discovery.look(later())).toEqual([]);
  await expect(expectFolder(join(root, 'run'))).rejects.toThrow(
    `watch: expected a folder of checkpoints, found nothing at ${join(root, 'run')}; correct the path, or watch without --once, which waits for it`,
  );
  const dir = await writeTinyCheckpoint(join(root, 'run', 'step10'));
  await expectFolder(join(root, 'run'));
  await cp(dir, join(root, 'run', 'step20'), { recursive: true });
  expect(told(await discovery.look(later()))).toEqual({ step10: 'complete', step20: 'complete' });
  await rm(dir, { recursive: true });
  expect(told(await discovery.look(later()))).toEqual({ step20: 'complete' });
});

test('runs below the folder are found; links, unfinished copies and a run’s own weights are not counted', async () => {
  await writeTinyCheckpoint(join(root, 'a', 'checkpoint-10'));
  await writeTinyCheckpoint(join(root, 'a'));
  await writeTinyCheckpoint(join(root, 'a', 'tmp-checkpoint-20'));
  await writeTinyCheckpoint(join(root, 'b', 'step30'));
  await symlink(join(root, 'b', 'step30'), join(root, 'b', 'latest'));
  const found = await createDiscovery(root, { quietMs: 0 }).look(later());
  expect(found.map(({ dir }) => dir)).toEqual([
    join(root, 'a', 'checkpoint-10'),
    join(root, 'b', 'step30'),
  ]);
});

test('another form of weights is refused with the conversion to run, a file as the folder too', async () => {
  await mkdir(join(root, 'step10'));
  await writeFile(join(root, 'step10', 'pytorch_model.bin'), 'x');
  const [found] = await createDiscovery(root, { quietMs: 0 }).look(later());
  expect(found).toMatchObject({
    state: 'refused',
    reason: expect.stringContaining('pytorch_model.bin') as string,
  });
  await expect(
    createDiscovery(join(root, 'step10', 'pytorch_model.bin'), { quietMs: 0 }).look(0),
  ).rejects.toThrow(
    `watch: expected a folder of checkpoints, got the file ${join(root, 'step10', 'pytorch_model.bin')}`,
  );
});
