/**
 * The journal of a draft: the boot of the machine under which it is written, then a line for each batch whose data were
 * written, and `flushed` after those whose data are on the disk. After a reboot (or on another host) only batches above
 * a `flushed` count.
 */
import {
  appendFileSync,
  closeSync,
  fdatasyncSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';

const journalName = 'journal';

/** The line that says: what stands above is on the disk. */
const flushed = 'flushed';

/** Batches in the journal of a folder that can be relied on; null where there is no journal. */
export function readJournal(folder: string): ReadonlySet<number> | null {
  const text = readIfThere(join(folder, journalName));
  if (text === null) return null;
  // What follows the last line's end was being written when the process died.
  const [boot, ...lines] = text.split('\n').slice(0, -1);
  const isSameBoot = boot === bootId() && boot !== unknownBoot;
  const reliable = isSameBoot ? lines : lines.slice(0, Math.max(0, lines.lastIndexOf(flushed)));
  return new Set(reliable.filter((line) => /^\d+$/.test(line)).map(Number));
}

/**
 * Begins the journal of a folder anew, under this boot, with these batches, whose data are in the open file `data`: they
 * are flushed first. The journal is replaced as a whole.
 */
export function startJournal(folder: string, data: number, batches: ReadonlySet<number>): void {
  fdatasyncSync(data);
  const lines = [bootId(), ...batches, ...(batches.size > 0 ? [flushed] : [])];
  const fresh = join(folder, `${journalName}.tmp`);
  const file = openSync(fresh, 'w');
  try {
    writeSync(file, lines.map((line) => `${line}\n`).join(''));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(fresh, join(folder, journalName));
}

/** Notes a batch whose data were written. @throws ENOENT where the folder was taken over. */
export function noteBatch(folder: string, batch: number): void {
  appendLine(folder, String(batch));
}

/** Notes that the data of all batches so far are on the disk. @throws ENOENT where the folder was taken over. */
export function noteFlush(folder: string): void {
  appendLine(folder, flushed);
}

/** When something was noted last, or the folder was made; null where there is none. */
export function notedAtMs(folder: string): number | null {
  const found =
    statSync(join(folder, journalName), { throwIfNoEntry: false }) ??
    statSync(folder, { throwIfNoEntry: false });
  return found?.mtimeMs ?? null;
}

function appendLine(folder: string, line: string): void {
  appendFileSync(join(folder, journalName), `${line}\n`);
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

const unknownBoot = 'unknown';

/** Names this run of this machine's kernel. */
function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return unknownBoot; // Not Linux: only flushed batches are relied on.
  }
}
