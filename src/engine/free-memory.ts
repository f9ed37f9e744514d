import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import path from 'node:path';

/** Where a machine tells of itself, and what it has free in bytes: other ones for tests. */
export type MachineFiles = { readonly root: string; readonly free: number };

/**
 * Memory that this process can still take, in bytes: what the machine has available, or what the control groups of a
 * container leave (version 1 or 2), whichever is less. Pages of files that only wait to be read again count as free.
 */
export function freeMemory(files: MachineFiles = { root: '/', free: freemem() }): number {
  const groups = lines(path.join(files.root, 'proc/self/cgroup')).flatMap((line) => {
    const [, controllers = '', group = ''] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (controllers === '') return [{ folder: 'sys/fs/cgroup', group, names: VERSION_2 }];
    const isMemory = controllers.split(',').includes('memory');
    return isMemory ? [{ folder: 'sys/fs/cgroup/memory', group, names: VERSION_1 }] : [];
  });
  const left = groups.flatMap(({ folder, group, names }) =>
    foldersUpwards(path.join(files.root, folder), group).flatMap((each) => leftIn(each, names)),
  );
  return Math.max(0, Math.min(files.free, ...left));
}

type GroupFiles = {
  readonly limit: string;
  readonly usage: string;
  /** Fields of `memory.stat` that are pages of files. */
  readonly cached: readonly string[];
};

const VERSION_1: GroupFiles = {
  limit: 'memory.limit_in_bytes',
  usage: 'memory.usage_in_bytes',
  cached: ['total_inactive_file', 'total_active_file'],
};
const VERSION_2: GroupFiles = {
  limit: 'memory.max',
  usage: 'memory.current',
  cached: ['inactive_file', 'active_file'],
};

/** A group is under the limits of all above it. Inside a container its own folder may be the root. */
function foldersUpwards(root: string, group: string): string[] {
  const parts = group.split('/').filter((part) => part !== '' && part !== '..');
  return Array.from({ length: parts.length + 1 }, (_, depth) =>
    path.join(root, ...parts.slice(0, depth)),
  );
}

/** Nothing where there is no limit. */
function leftIn(folder: string, { limit, usage, cached }: GroupFiles): number[] {
  const most = numberIn(path.join(folder, limit));
  const used = numberIn(path.join(folder, usage));
  if (most === null || used === null) return [];
  const stat = new Map(
    lines(path.join(folder, 'memory.stat')).map((line) => {
      const [name = '', value = ''] = line.split(' ');
      return [name, Number(value)] as const;
    }),
  );
  const reclaimable = cached.reduce((sum, name) => sum + (stat.get(name) ?? 0), 0);
  return [most - Math.max(0, used - reclaimable)];
}

/** Null for `max`, and where there is no such file. */
function numberIn(file: string): number | null {
  const [text = ''] = lines(file);
  return /^\d+$/.test(text) ? Number(text) : null;
}

function lines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').trim().split('\n');
  } catch {
    // Not Linux, or not this version: it says nothing.
    return [];
  }
}
