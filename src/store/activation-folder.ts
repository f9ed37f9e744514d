import { join } from 'node:path';
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
}

/** Hidden states, `<folder>/<fingerprint>/<suite hash>-<config hash>.safetensors`. */
export function createActivationFolder(folder: string): ActivationFolder {
  return {
    path: ({ fingerprint, suiteHash, configHash }) =>
      join(
        folder,
        encodeId(fingerprint),
        `${encodeId(suiteHash)}-${encodeId(configHash)}.safetensors`,
      ),
  };
}
