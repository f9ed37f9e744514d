/**
 * Folders of drafts, beside the final file: `.<final name>~<plan>~<host>~<process>~<start>~<number>.draft`. Adopting one
 * is a rename, so of two processes that want it one gets it.
 */
import { randomUUID } from 'node:crypto';
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { notedAtMs, readJournal } from './draft-journal.ts';
import { isGone, ownIdentity, type ProcessIdentity } from './process-identity.ts';

/** Another host's writer notes each batch; one that has noted nothing for so long is taken for dead. */
const abandonedAfterMs = 10 * 60 * 1000;

/** Names of the drafts that this process writes: what else carries its identity was left by an earlier attempt. */
const openDrafts = new Set<string>();

/** A new name for a draft of ours, which counts as open from now on. The folder is not made. */
export function claimDraftFolder(path: string, planHash: string): string {
  const { host, pid, startedAt } = ownIdentity();
  const owner = [planHash, encodeURIComponent(host), pid, startedAt, randomUUID()].join('~');
  const name = `.${basename(path)}~${owner}.draft`;
  openDrafts.add(name);
  return join(dirname(path), name);
}

/** The draft is written no more; what is left of it may be adopted. */
export function releaseDraftFolder(folder: string): void {
  openDrafts.delete(basename(folder));
}

export function removeDraftFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  releaseDraftFolder(folder);
}

/**
 * The fullest abandoned draft of this plan becomes ours; the other abandoned ones are removed, all of them where the plan
 * is null.
 */
export function adoptDraft(path: string, planHash: string | null): string | null {
  let best: { folder: string; batches: number } | null = null;
  for (const name of readdirSync(dirname(path))) {
    const draft = parseDraftName(path, name);
    const left = join(dirname(path), name);
    if (draft === null || !isAbandoned(left, draft.owner)) continue;
    const folder = claimDraftFolder(path, draft.planHash);
    if (!tryRename(left, folder)) {
      releaseDraftFolder(folder);
      continue;
    }
    // A draft without a journal was left while it was being made.
    const batches = draft.planHash === planHash ? (readJournal(folder)?.size ?? -1) : -1;
    const isBetter = batches > (best?.batches ?? -1);
    if (!isBetter) removeDraftFolder(folder);
    else if (best !== null) removeDraftFolder(best.folder);
    if (isBetter) best = { folder, batches };
  }
  return best?.folder ?? null;
}

/** Whose owner is gone: on this host its process says so, however long it is silent; elsewhere, long silence does. */
function isAbandoned(folder: string, owner: ProcessIdentity): boolean {
  const own = ownIdentity();
  if (owner.host === own.host) {
    const isOwn = owner.pid === own.pid && owner.startedAt === own.startedAt;
    return isOwn ? !openDrafts.has(basename(folder)) : isGone(owner);
  }
  const notedAt = notedAtMs(folder);
  return notedAt !== null && Date.now() - notedAt > abandonedAfterMs;
}

/** False where another process was faster. */
function tryRename(from: string, to: string): boolean {
  try {
    renameSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

type DraftName = { readonly planHash: string; readonly owner: ProcessIdentity };

function parseDraftName(path: string, name: string): DraftName | null {
  const prefix = `.${basename(path)}~`;
  if (!name.startsWith(prefix) || !name.endsWith('.draft')) return null;
  const [planHash, host, pid, startedAt] = name.slice(prefix.length).split('~');
  if (planHash === undefined || host === undefined || startedAt === undefined) return null;
  return { planHash, owner: { host: decodeURIComponent(host), pid: Number(pid), startedAt } };
}
