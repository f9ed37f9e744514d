/**
 * Activations on their way: a file of the final size whose rows are filled batch by batch, and a journal of the batches
 * that are in it. A killed extraction leaves such a draft; the next one adopts it and goes on.
 *
 * What a process has written survives its death, but not the machine's: the data are flushed every few seconds, the
 * journal says when, and after a reboot (or on another host) only batches noted before the last flush count.
 *
 * A draft is a folder beside the final file, named after its owner (host and process). Adopting it and finishing it are
 * renames, so of two processes that want one draft one gets it, and the other starts its own: both end with the same
 * final file.
 */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { UserError } from '../error/index.ts';
import {
  allocateSafetensors,
  float32ToBfloat16,
  float32ToFloat16,
  readSafetensorsHeader,
  type TensorInfo,
} from '../safetensors/index.ts';
import {
  type ActivationLayout,
  activationMetadata,
  activationTensors,
} from './activation-layout.ts';
import {
  adoptDraft,
  claimDraftFolder,
  releaseDraftFolder,
  removeDraftFolder,
} from './draft-folder.ts';
import { noteBatch, notedAtMs, noteFlush, readJournal, startJournal } from './draft-journal.ts';

export type ActivationDraft = {
  /** Batches that an earlier start finished. */
  readonly finished: ReadonlySet<number>;
  /**
   * Keeps one batch: `rows` are row numbers of the layout, `values` per pool one row after the other.
   * On return the data are with the operating system: a kill of this process does not lose them.
   *
   * @throws UserError where a process of another host took the draft over.
   */
  write(batch: number, rows: Int32Array, values: Readonly<Record<string, Float32Array>>): void;
  /**
   * Flushes and gives the file its final name.
   *
   * @throws UserError where a process of another host took the draft over.
   */
  finish(): void;
  /** Removes the draft: what it holds is not to be trusted. */
  discard(): void;
  /** Lets go of the files; an unfinished draft stays for the next start. */
  close(): void;
};

/** A flush of a large file can take a while: not after every batch. */
const flushEveryMs = 5000;

const dataName = 'activations.safetensors';

/**
 * Opens the draft of the activations file `path`, adopting one that a dead process left, else a new one.
 * `planHash` names the batch plan: a draft of another plan is of no use and is removed.
 */
export async function openActivationDraft(
  path: string,
  layout: ActivationLayout,
  planHash: string,
): Promise<ActivationDraft> {
  mkdirSync(dirname(path), { recursive: true });
  const adopted = adoptDraft(path, planHash);
  if (adopted !== null) {
    try {
      return await openDraftFiles(path, adopted, readJournal(adopted) ?? new Set());
    } catch (error) {
      releaseDraftFolder(adopted);
      if (!isDamage(error)) throw error;
      removeDraftFolder(adopted);
    }
  }
  const folder = claimDraftFolder(path, planHash);
  try {
    mkdirSync(folder);
    await allocateSafetensors(
      join(folder, dataName),
      activationTensors(layout),
      activationMetadata(layout),
    );
    return await openDraftFiles(path, folder, new Set());
  } catch (error) {
    removeDraftFolder(folder);
    throw error;
  }
}

/** Whether a file holds what it should not, as a crash of the machine may leave it, or is not there. */
function isDamage(error: unknown): boolean {
  if (!(error instanceof UserError)) return false;
  const { cause } = error;
  return !(cause instanceof Error && 'code' in cause) || cause.code === 'ENOENT';
}

async function openDraftFiles(
  path: string,
  folder: string,
  finished: ReadonlySet<number>,
): Promise<ActivationDraft> {
  const { tensors } = await readSafetensorsHeader(join(folder, dataName));
  const data = openSync(join(folder, dataName), 'r+');
  try {
    startJournal(folder, data, finished);
  } catch (error) {
    closeSync(data);
    throw error;
  }
  return createDraft({ path, folder, data, tensors, finished });
}

type DraftFiles = {
  readonly path: string;
  readonly folder: string;
  readonly data: number;
  readonly tensors: ReadonlyMap<string, TensorInfo>;
  readonly finished: ReadonlySet<number>;
};

function createDraft({ path, folder, data, tensors, finished }: DraftFiles): ActivationDraft {
  let flushedAt = performance.now();
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    closeSync(data);
    releaseDraftFolder(folder);
  };
  const writeBatch: ActivationDraft['write'] = (batch, rows, values) => {
    if (notedAtMs(folder) === null) throw takenOver(path);
    for (const [name, rowValues] of Object.entries(values)) {
      const tensor = tensors.get(name);
      if (tensor === undefined) throw new Error(`activation draft: no tensor ${name} in ${path}`);
      writeRows(data, tensor, rows, rowValues);
    }
    noteBatch(folder, batch);
    if (performance.now() - flushedAt < flushEveryMs) return;
    fdatasyncSync(data);
    noteFlush(folder);
    flushedAt = performance.now();
  };
  return {
    finished,
    write: (batch, rows, values) => {
      whileOurs(path, () => {
        writeBatch(batch, rows, values);
      });
    },
    finish: () => {
      fsyncSync(data);
      close();
      whileOurs(path, () => {
        renameSync(join(folder, dataName), path);
      });
      removeDraftFolder(folder);
      adoptDraft(path, null);
    },
    discard: () => {
      close();
      removeDraftFolder(folder);
    },
    close,
  };
}

/** A folder that is gone was renamed by a process that took this one for dead. */
function whileOurs(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw takenOver(path);
    throw error;
  }
}

function takenOver(path: string): UserError {
  return new UserError(
    `\`activations\`: another process took this extraction over, since this one wrote nothing for long: start again to use what it has done (in ${path})`,
  );
}

function writeRows(data: number, tensor: TensorInfo, rows: Int32Array, values: Float32Array): void {
  const encoded = encode(values, tensor);
  const bytes = new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const rowBytes = tensor.byteLength / (tensor.shape[0] ?? 1);
  if (bytes.length !== rowBytes * rows.length) {
    throw new Error(
      `activation draft: expected ${rowBytes * rows.length} bytes of ${tensor.name}, got ${bytes.length}`,
    );
  }
  rows.forEach((row, index) => {
    let done = 0;
    while (done < rowBytes) {
      const at = index * rowBytes + done;
      done += writeSync(data, bytes, at, rowBytes - done, tensor.offset + row * rowBytes + done);
    }
  });
}

function encode(values: Float32Array, { dtype, name }: TensorInfo): ArrayBufferView {
  if (dtype === 'F32') return values;
  if (dtype === 'BF16') return float32ToBfloat16(values);
  if (dtype === 'F16') return float32ToFloat16(values);
  throw new Error(`activation draft: ${name} cannot be kept as ${dtype}`);
}
