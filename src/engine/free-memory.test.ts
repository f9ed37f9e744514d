import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freeMemory } from './free-memory.ts';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'sonde-machine-'));
});
afterEach(() => rm(root, { recursive: true }));

async function write(files: Record<string, string>): Promise<void> {
  for (const [name, text] of Object.entries(files)) {
    const file = path.join(root, name);
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(file, `${text}\n`);
  }
}

const free = 1000;

test('without control groups, what the machine has', () => {
  expect(freeMemory({ root, free })).toBe(1000);
  expect(freeMemory()).toBeGreaterThan(0);
  expect(freeMemory()).toBeLessThanOrEqual(Math.max(freemem(), 2 ** 40));
});

test('version 2: the tightest limit on the way up, pages of files left out', async () => {
  await write({
    'proc/self/cgroup': '0::/slice/job',
    'sys/fs/cgroup/slice/job/memory.max': 'max',
    'sys/fs/cgroup/slice/job/memory.current': '600',
    'sys/fs/cgroup/slice/memory.max': '800',
    'sys/fs/cgroup/slice/memory.current': '700',
    'sys/fs/cgroup/slice/memory.stat': 'anon 300\nfile 410\ninactive_file 250\nactive_file 150',
  });
  expect(freeMemory({ root, free })).toBe(500);
  expect(freeMemory({ root, free: 400 })).toBe(400);
});

test('version 1, whose path in a container is that of the machine around it', async () => {
  await write({
    'proc/self/cgroup': '9:name=systemd:/\n4:cpu,memory:/docker/0897\n0::/',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': '900',
    'sys/fs/cgroup/memory/memory.usage_in_bytes': '950',
    'sys/fs/cgroup/memory/memory.stat': 'cache 5\ntotal_inactive_file 200\ntotal_active_file 50',
  });
  expect(freeMemory({ root, free })).toBe(200);
  await write({ 'sys/fs/cgroup/memory/memory.usage_in_bytes': '5000' });
  expect(freeMemory({ root, free })).toBe(0);
  await write({ 'sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712' });
  expect(freeMemory({ root, free })).toBe(1000);
});
