import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkBeside } from './output-file.ts';

test('a file among those that are read is refused, whatever names lead to it', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'output-'));
  try {
    const dir = join(folder, 'step10');
    await mkdir(join(dir, 'states'), { recursive: true });
    await symlink(dir, join(folder, 'latest'));
    const check = (path: string): Promise<void> =>
      checkBeside('--out', path, { what: 'the checkpoint', dir: join(folder, 'latest') });
    for (const path of [join(dir, 'model.safetensors'), join(folder, 'latest', 'new')]) {
      await expect(check(path)).rejects.toThrow(
        `--out: expected a file outside of the checkpoint, got ${path}: what is written there would be read as a part of it`,
      );
    }
    await check(join(dir, 'states', 'a.safetensors'));
    await check(join(folder, 'a.safetensors'));
  } finally {
    await rm(folder, { recursive: true });
  }
});
