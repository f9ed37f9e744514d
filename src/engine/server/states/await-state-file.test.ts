import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type SafetensorsFile, writeSafetensors } from '../../../safetensors/index.ts';
import { awaitStateFile } from './await-state-file.ts';
import { FileLocks, type Waiting } from './file-locks.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-await-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function awaitIn(waiting: Waiting): Promise<SafetensorsFile | null> {
  using locks = new FileLocks(folder);
  return await awaitStateFile(locks, 'a.safetensors', waiting);
}

const place = (): string => join(folder, 'a.safetensors');

async function wholeFile(): Promise<Buffer> {
  const data = Float32Array.of(1, 2, 3, 4);
  await writeSafetensors(join(folder, 'whole'), [{ name: 'x', dtype: 'F32', shape: [4], data }]);
  return readFileSync(join(folder, 'whole'));
}

test('a file is waited for until its writer lets go of the lock', async () => {
  const whole = await wholeFile();
  // Of the whole length, as a file system may show it, but not written yet.
  await writeFile(place(), Buffer.concat([whole.subarray(0, whole.length - 16), Buffer.alloc(16)]));
  await writeFile(`${place()}.lock`, '');
  const writer = spawn('flock', ['--exclusive', `${place()}.lock`, 'sh', '-c', 'echo held; cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(writer.stdout, 'data');
  let isDone = false;
  const waited = awaitIn({ timeoutMs: 20_000 }).then((file) => {
    isDone = true;
    return file;
  });
  await writeFile(place(), whole);
  expect(isDone).toBe(false);
  writer.stdin.end();
  const file = await waited;
  expect(file?.tensors.get('x')?.shape).toEqual([4]);
});

test('a file without a lock is waited for until it is whole', async () => {
  const whole = await wholeFile();
  const waited = awaitIn({ timeoutMs: 20_000 });
  await writeFile(place(), whole.subarray(0, 4));
  await writeFile(place(), whole.subarray(0, whole.length - 4));
  await writeFile(place(), whole);
  expect((await waited)?.size).toBe(whole.length);
});

test('a file that does not come in time is null', async () => {
  expect(await awaitIn({ timeoutMs: 1 })).toBeNull();
});

test('a file of something else is refused', async () => {
  await writeFile(place(), 'no tensors at all, but long enough for a header');
  await expect(awaitIn({ timeoutMs: 1 })).rejects.toThrow('this is no safetensors file');
});

test('waiting ends with the signal', async () => {
  const ending = new AbortController();
  const waited = awaitIn({ timeoutMs: 20_000, signal: ending.signal });
  ending.abort();
  await expect(waited).rejects.toThrow('aborted');
});

test('many files of one folder are waited for in turn', async () => {
  const whole = await wholeFile();
  using locks = new FileLocks(folder);
  const names = Array.from({ length: 20 }, (_, i) => `${i}.safetensors`);
  for (const name of names) {
    await writeFile(join(folder, name), whole);
    await writeFile(join(folder, `${name}.lock`), '');
  }
  const files = await Promise.all(
    names.map((name) => awaitStateFile(locks, name, { timeoutMs: 20_000 })),
  );
  expect(files.map((file) => file?.size)).toEqual(names.map(() => whole.length));
});

test('a folder that is not there has no files and no locks', async () => {
  using locks = new FileLocks(join(folder, 'nowhere'));
  expect(await awaitStateFile(locks, 'a.safetensors', { timeoutMs: 1 })).toBeNull();
  expect(await awaitStateFile(locks, 'a.safetensors', { timeoutMs: 1 })).toBeNull();
});
