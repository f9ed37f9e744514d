import { type Stats, statSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { UnusableStatesError } from '../error/index.ts';
import type { Checkpoint } from '../checkpoint/index.ts';

type Seen = Pick<Stats, 'size' | 'mtimeMs' | 'ino'>;

type WeightFile = {
  readonly path: string;
  /** How long it is at least, for the tensors that its header names. */
  readonly bytes: number;
  /** Null where it was gone already. */
  readonly seen: Seen | null;
};

/**
 * The files that a checkpoint's tensors lie in, as they were at the start: they are mapped, not copied, so what is written
 * into them during a pass is computed with.
 */
export class WeightFiles {
  readonly #id: string;
  readonly #files: readonly WeightFile[];

  constructor({ id, tensors }: Pick<Checkpoint, 'id' | 'tensors'>) {
    const needed = new Map<string, number>();
    for (const { file, offset, byteLength } of tensors.values()) {
      needed.set(file, Math.max(needed.get(file) ?? 0, offset + byteLength));
    }
    this.#id = id;
    this.#files = Array.from(needed, ([path, bytes]) => ({
      path,
      bytes,
      seen: statSync(path, { throwIfNoEntry: false }) ?? null,
    }));
  }

  /** @throws UnusableStatesError where a file is gone, too short, replaced, or was written to. */
  async check(): Promise<void> {
    for (const file of this.#files) {
      const now = await stat(file.path).catch(() => null);
      const fault = faultOf(file, now);
      if (fault === null) continue;
      throw new UnusableStatesError(
        `\`${this.#id}\`: ${fault} (in ${file.path}); the checkpoint changed since it was opened: start again once it is written`,
      );
    }
  }
}

function faultOf({ bytes, seen }: WeightFile, now: Seen | null): string | null {
  if (now === null || now.size < bytes) {
    const found = now === null ? 'none' : `${now.size}`;
    return `expected weights of at least ${bytes} bytes, found ${found}`;
  }
  if (now.ino !== seen?.ino)
    return 'expected the file of weights that was opened, found another one';
  if (now.size !== seen.size || now.mtimeMs !== seen.mtimeMs) {
    return `expected weights of ${seen.size} bytes as they were opened, found ${now.size} bytes written since`;
  }
  return null;
}
