import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeSafetensors } from '../../../safetensors/index.ts';
import { awaitStateFile } from './await-state-file.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-await-'));
});
afterEach(() => rm(folder, { recursive: true }));

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
  const waited = awaitStateFile(place(), { timeoutMs: 20_000 }).then((file) => {
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
  const waited = awaitStateFile(place(), { timeoutMs: 20_000 });
  await writeFile(place(), whole.subarray(0, 4));
  await writeFile(place(), whole.subarray(0, whole.length - 4));
  await writeFile(place(), whole);
  expect((await waited)?.size).toBe(whole.length);
});

test('a file that does not come in time is null', async () => {
  expect(await awaitStateFile(place(), { timeoutMs: 1 })).toBeNull();
});

test('a file of something else is refused', async () => {
  await writeFile(place(), 'no tensors at all, but long enough for a header');
  await expect(awaitStateFile(place(), { timeoutMs: 1 })).rejects.toThrow(
    'this is no safetensors file',
  );
});

test('waiting ends with the signal', async () => {
  const ending = new AbortController();
  const waited = awaitStateFile(place(), { timeoutMs: 20_000, signal: ending.signal });
  ending.abort();
  await expect(waited).rejects.toThrow('aborted');
});
