/**
 * Hidden states on their way: a file of the final size whose rows are filled batch by batch, and a journal of the batches
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
  type TensorSource,
} from '../safetensors/index.ts';
import {
  adoptDraft,
  claimDraftFolder,
  releaseDraftFolder,
  removeDraftFolder,
} from './draft-folder.ts';
import { noteBatch, notedAtMs, noteFlush, readJournal, startJournal } from './draft-journal.ts';

/** What the finished file holds. */
export type DraftContent = {
  readonly tensors: readonly Omit<TensorSource, 'data'>[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Little-endian bytes of tensors that are known before the work. @default none */
  readonly known?: Readonly<Record<string, Uint8Array>>;
};

export type TensorDraft = {
  /** Batches that an earlier start finished. */
  readonly finished: ReadonlySet<number>;
  /**
   * Keeps one batch: `rows` are rows of the tensors, `values` per tensor one row after the other.
   * On return the data are with the operating system: a kill of this process does not lose them.
   *
   * @throws UserError where a process of another host took the draft over.
   */
  write(
    batch: number,
    rows: Int32Array | Float64Array,
    values: Readonly<Record<string, Float32Array>>,
  ): void;
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
 * Opens the draft of the file `path`, adopting one that a dead process left, else a new one.
 * `planHash` names the batch plan: a draft of another plan is of no use and is removed.
 */
export async function openTensorDraft(
  path: string,
  content: DraftContent,
  planHash: string,
): Promise<TensorDraft> {
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
    await allocateSafetensors(join(folder, dataName), content.tensors, content.metadata);
    await writeKnown(join(folder, dataName), content.known ?? {});
    return await openDraftFiles(path, folder, new Set());
  } catch (error) {
    removeDraftFolder(folder);
    throw error;
  }
}

/** Comes before the journal: a draft without one is no draft, so what is adopted has these bytes. */
async function writeKnown(
  file: string,
  known: Readonly<Record<string, Uint8Array>>,
): Promise<void> {
  const { tensors } = await readSafetensorsHeader(file);
  const data = openSync(file, 'r+');
  try {
    for (const [name, bytes] of Object.entries(known)) {
      const tensor = tensorOf(tensors, name, file);
      checkBytes(tensor, bytes, tensor.byteLength);
      writeAt(data, bytes, tensor.offset);
    }
  } finally {
    closeSync(data);
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
): Promise<TensorDraft> {
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

function createDraft({ path, folder, data, tensors, finished }: DraftFiles): TensorDraft {
  let flushedAt = performance.now();
  let isOpen = true;
  const close = (): void => {
    if (!isOpen) return;
    isOpen = false;
    closeSync(data);
    releaseDraftFolder(folder);
  };
  const writeBatch: TensorDraft['write'] = (batch, rows, values) => {
    if (notedAtMs(folder) === null) throw takenOver(path);
    for (const [name, rowValues] of Object.entries(values)) {
      writeRows(data, tensorOf(tensors, name, path), rows, rowValues);
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

function tensorOf(
  tensors: ReadonlyMap<string, TensorInfo>,
  name: string,
  path: string,
): TensorInfo {
  const tensor = tensors.get(name);
  if (tensor === undefined) throw new Error(`activation draft: no tensor ${name} in ${path}`);
  return tensor;
}

/** Rows that follow each other in the file are written at once. */
function writeRows(
  data: number,
  tensor: TensorInfo,
  rows: Int32Array | Float64Array,
  values: Float32Array,
): void {
  const encoded = encode(values, tensor);
  const bytes = new Uint8Array(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const rowBytes = tensor.byteLength / (tensor.shape[0] ?? 1);
  checkBytes(tensor, bytes, rowBytes * rows.length);
  let start = 0;
  for (let end = 1; end <= rows.length; end += 1) {
    const first = rows[start] ?? 0;
    if (end < rows.length && rows[end] === first + end - start) continue;
    writeAt(
      data,
      bytes.subarray(start * rowBytes, end * rowBytes),
      tensor.offset + first * rowBytes,
    );
    start = end;
  }
}

function checkBytes({ name }: TensorInfo, bytes: Uint8Array, expected: number): void {
  if (bytes.length === expected) return;
  throw new Error(`activation draft: expected ${expected} bytes of ${name}, got ${bytes.length}`);
}

function writeAt(data: number, bytes: Uint8Array, offset: number): void {
  let done = 0;
  while (done < bytes.length) {
    done += writeSync(data, bytes, done, bytes.length - done, offset + done);
  }
}

function encode(values: Float32Array, { dtype, name }: TensorInfo): ArrayBufferView {
  if (dtype === 'F32') return values;
  if (dtype === 'BF16') return float32ToBfloat16(values);
  if (dtype === 'F16') return float32ToFloat16(values);
  throw new Error(`activation draft: ${name} cannot be kept as ${dtype}`);
}
