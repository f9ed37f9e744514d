/** Whether a process that left its name in a file still lives. A number alone does not tell: numbers are used again. */
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process as named in a file: its host, its number, and when the kernel says it was started. */
export type ProcessIdentity = {
  readonly host: string;
  readonly pid: number;
  /** Clock ticks since boot; empty where the system does not tell (outside Linux). */
  readonly startedAt: string;
};

export function ownIdentity(): ProcessIdentity {
  const startedAt = readKernelState(process.pid)?.startedAt ?? '';
  return { host: hostname(), pid: process.pid, startedAt };
}

/** Whether the process is certainly gone: false for one on another host, which cannot be asked. */
export function isGone({ host, pid, startedAt }: ProcessIdentity): boolean {
  if (host !== hostname()) return false;
  const state = readKernelState(pid);
  if (state !== null) {
    return state.isDead || (startedAt !== '' && state.startedAt !== startedAt);
  }
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ESRCH';
  }
}

/** Fields 3 and 22 of `/proc/<pid>/stat` (proc(5)); null where there is no such file. */
function readKernelState(pid: number): { isDead: boolean; startedAt: string } | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return null; // Gone, or not Linux: the caller asks in another way.
  }
  // The second field, the program's name in parentheses, may itself hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { isDead: fields[0] === 'Z' || fields[0] === 'X', startedAt: fields[19] ?? '' };
}
