import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { absent } from './atomic.ts';
import { encodeId } from './file-name.ts';

export type ActivationKey = {
  /** Of the checkpoint's weights. */
  fingerprint: string;
  suiteHash: string;
  /** Of everything else that the numbers depend on: pooling, layers, dtype, rendering. */
  configHash: string;
};

export interface ActivationFolder {
  /** Where the finished file is, or will be. */
  path(key: ActivationKey): string;
  /** Finished files. */
  list(): Promise<{ fingerprint: string; file: string; sizeBytes: number }[]>;
}

/** Hidden states, `activations/<fingerprint>/<suite hash>-<config hash>.safetensors`. */
export function createActivationFolder(dir: string): ActivationFolder {
  const folder = join(dir, 'activations');
  return {
    path: ({ fingerprint, suiteHash, configHash }) =>
      join(
        folder,
        encodeId(fingerprint),
        `${encodeId(suiteHash)}-${encodeId(configHash)}.safetensors`,
      ),
    async list() {
      const found: Awaited<ReturnType<ActivationFolder['list']>> = [];
      for (const fingerprint of (await readdir(folder).catch(absent)) ?? []) {
        for (const name of (await readdir(join(folder, fingerprint)).catch(absent)) ?? []) {
          if (name.startsWith('.') || !name.endsWith('.safetensors')) continue;
          const file = join(folder, fingerprint, name);
          const size = await stat(file).then((entry) => entry.size, absent);
          if (size !== null) found.push({ fingerprint, file, sizeBytes: size });
        }
      }
      return found;
    },
  };
}
