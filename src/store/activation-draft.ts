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
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  closeSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
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
import { isGone, ownIdentity, type ProcessIdentity } from './process-identity.ts';

export type ActivationDraft = {
  /** Batches that an earlier start finished. */
  readonly finished: ReadonlySet<number>;
  /**
   * Keeps one batch: `rows` are row numbers of the layout, `values` per pool one row after the other.
   * On return the data are with the operating system: a kill of this process does not lose them.
   */
  write(batch: number, rows: Int32Array, values: Readonly<Record<string, Float32Array>>): void;
  /** Flushes and gives the file its final name. */
  finish(): void;
  /** Removes the draft: what it holds is not to be trusted. */
  discard(): void;
  /** Lets go of the files; an unfinished draft stays for the next start. */
  close(): void;
};

/** A writer notes each batch; one that has noted nothing for so long is taken for dead, on whatever host it was. */
const abandonedAfterMs = 10 * 60 * 1000;

/** A flush of a large file can take a while: not after every batch. */
const flushEveryMs = 5000;

/** The line of the journal that says: what stands above is on the disk. */
const flushed = 'flushed';

const dataName = 'activations.safetensors';
const journalName = 'journal';

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
  const folder = adoptDraft(path, planHash) ?? (await createDraft(path, layout, planHash));
  const file = await readSafetensorsHeader(join(folder, dataName));
  return openDraftFiles(path, folder, file.tensors);
}

function openDraftFiles(
  path: string,
  folder: string,
  tensors: ReadonlyMap<string, TensorInfo>,
): ActivationDraft {
  const data = openSync(join(folder, dataName), 'r+');
  const journal = join(folder, journalName);
  let flushedAt = performance.now();
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(data);
    isOpen = false;
  };
  return {
    finished: readJournal(journal),
    write: (batch, rows, values) => {
      for (const [name, rowValues] of Object.entries(values)) {
        const tensor = tensors.get(name);
        if (tensor === undefined) throw new Error(`activation draft: no tensor ${name} in ${path}`);
        writeRows(data, tensor, rows, rowValues);
      }
      appendFileSync(journal, `${batch}\n`);
      if (performance.now() - flushedAt < flushEveryMs) return;
      fdatasyncSync(data);
      appendFileSync(journal, `${flushed}\n`);
      flushedAt = performance.now();
    },
    finish: () => {
      fsyncSync(data);
      close();
      renameSync(join(folder, dataName), path);
      rmSync(folder, { recursive: true, force: true });
      adoptDraft(path, noPlan);
    },
    discard: () => {
      close();
      rmSync(folder, { recursive: true, force: true });
    },
    close,
  };
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

async function createDraft(
  path: string,
  layout: ActivationLayout,
  planHash: string,
): Promise<string> {
  const folder = ownDraftFolder(path, planHash);
  mkdirSync(folder);
  await allocateSafetensors(
    join(folder, dataName),
    activationTensors(layout),
    activationMetadata(layout),
  );
  // The journal comes last: a draft without one was killed while it was being made.
  appendFileSync(join(folder, journalName), `${bootId()}\n`);
  return folder;
}

/** The fullest abandoned draft of this plan becomes ours; the other abandoned ones are removed. */
function adoptDraft(path: string, planHash: string): string | null {
  let best: { folder: string; batches: number } | null = null;
  for (const name of readdirSync(dirname(path))) {
    const draft = parseDraftName(path, name);
    const left = join(dirname(path), name);
    if (draft === null || !isAbandoned(left, draft)) continue;
    const folder = ownDraftFolder(path, planHash);
    if (!tryRename(left, folder)) continue;
    const isUsable = draft.planHash === planHash && hasJournal(folder);
    const batches = isUsable ? readJournal(join(folder, journalName)).size : 0;
    const isBetter = isUsable && (best === null || batches > best.batches);
    const worse: string | undefined = isBetter ? best?.folder : folder;
    if (worse !== undefined) rmSync(worse, { recursive: true, force: true });
    if (isBetter) best = { folder, batches };
  }
  return best?.folder ?? null;
}

/** False where another process was faster. */
function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

type DraftName = { readonly planHash: string; readonly owner: ProcessIdentity };

function ownDraftFolder(path: string, planHash: string): string {
  const { host, pid, startedAt } = ownIdentity();
  const owner = [planHash, encodeURIComponent(host), pid, startedAt, randomUUID()].join('~');
  return join(dirname(path), `.${basename(path)}~${owner}.draft`);
}

function parseDraftName(path: string, name: string): DraftName | null {
  const prefix = `.${basename(path)}~`;
  if (!name.startsWith(prefix) || !name.endsWith('.draft')) return null;
  const [planHash, host, pid, startedAt] = name.slice(prefix.length).split('~');
  if (planHash === undefined || host === undefined || startedAt === undefined) return null;
  return { planHash, owner: { host: decodeURIComponent(host), pid: Number(pid), startedAt } };
}

/** Whose owner is gone: on this host its process says so; elsewhere, long silence does. */
function isAbandoned(folder: string, { owner }: DraftName): boolean {
  if (isGone(owner)) return true;
  try {
    const at = hasJournal(folder) ? join(folder, journalName) : folder;
    return Date.now() - statSync(at).mtimeMs > abandonedAfterMs;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function hasJournal(folder: string): boolean {
  return statSync(join(folder, journalName), { throwIfNoEntry: false }) !== undefined;
}

/** Batches that can be relied on; a last line without its end was being written when the process died. */
function readJournal(journal: string): ReadonlySet<number> {
  const [boot, ...lines] = readFileSync(journal, 'utf8').split('\n').slice(0, -1);
  const isSameBoot = boot === bootId() && boot !== unknownBoot;
  const reliable = isSameBoot ? lines : lines.slice(0, Math.max(0, lines.lastIndexOf(flushed)));
  return new Set(reliable.filter((line) => line !== flushed).map(Number));
}

/** Equals no plan's hash: with it, every abandoned draft is removed. */
const noPlan = '';

const unknownBoot = 'unknown';

/** Names this run of this machine's kernel. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return unknownBoot; // Not Linux: only flushed batches are relied on.
  }
}

function isMissing(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}
