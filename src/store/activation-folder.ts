import { mkdir, readdir, rm, stat } from 'node:fs/promises';
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

export type ActivationPaths = {
  /** The finished file. */
  file: string;
  /** A folder for finished batches while the file is being made; several processes may share it. */
  partsDir: string;
};

export interface ActivationFolder {
  paths(key: ActivationKey): ActivationPaths;
  /** The finished file, null while there is none. */
  find(key: ActivationKey): Promise<string | null>;
  /** Makes the folder for batches. */
  openParts(key: ActivationKey): Promise<string>;
  /** Removes the batches, once the file is there. */
  dropParts(key: ActivationKey): Promise<void>;
  /** Finished files. */
  list(): Promise<{ fingerprint: string; file: string; sizeBytes: number }[]>;
}

/** Hidden states, `activations/<fingerprint>/<suite hash>-<config hash>.safetensors`. */
export function createActivationFolder(dir: string): ActivationFolder {
  const folder = join(dir, 'activations');
  const paths = ({ fingerprint, suiteHash, configHash }: ActivationKey): ActivationPaths => {
    const stem = `${encodeId(suiteHash)}-${encodeId(configHash)}`;
    const place = join(folder, encodeId(fingerprint));
    return { file: join(place, `${stem}.safetensors`), partsDir: join(place, `${stem}.parts`) };
  };
  return {
    paths,
    async find(key) {
      const { file } = paths(key);
      return (await stat(file).catch(absent)) === null ? null : file;
    },
    async openParts(key) {
      const { partsDir } = paths(key);
      await mkdir(partsDir, { recursive: true });
      return partsDir;
    },
    async dropParts(key) {
      await rm(paths(key).partsDir, { recursive: true, force: true });
    },
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
