/** What the operating system refuses is the user's to mend (a full disk, a folder that cannot be written), not a bug. */

const advice: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: make room, or name another place with --store',
  EDQUOT: 'the disk quota is used up: make room, or name another place with --store',
  EFBIG:
    'a file would be larger than the file system or `ulimit -f` allows: raise it, or name another place with --store',
  EROFS: 'the file system is read-only: name another place with --store',
  EACCES: 'permission denied: change the rights, or name another place with --store',
  EPERM: 'permission denied: change the rights, or name another place with --store',
  ENOTDIR: 'a part of the path is a file, not a folder',
  EISDIR: 'the path is a folder, not a file',
  ENAMETOOLONG: 'the name is too long for the file system',
  ELOOP: 'the path goes round in symbolic links',
  EMFILE: 'too many open files: raise the limit (ulimit -n)',
  ENFILE: 'too many open files on this machine',
  EIO: 'the disk could not be read or written',
  ESTALE: 'the network file system lost the file: start again',
};

/** DuckDB says in words what the system said to it. */
const sqlMarks: readonly (readonly [RegExp, string])[] = [
  [/No space left on device/, 'ENOSPC'],
  [/Permission denied/, 'EACCES'],
  [/Read-only file system/, 'EROFS'],
];

/** One sentence for an error of the operating system, anywhere in the chain of causes; null for any other error. */
export function describeSystemFailure(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause) {
    const code = 'code' in at && typeof at.code === 'string' ? at.code : sqlCode(at.message);
    const mend = code === null ? undefined : advice[code];
    if (mend === undefined) continue;
    const path = 'path' in at && typeof at.path === 'string' ? ` (${at.path})` : '';
    return path === '' ? `${at.message}; ${mend}` : `${mend}${path}`;
  }
  return null;
}

function sqlCode(message: string): string | null {
  return sqlMarks.find(([mark]) => mark.test(message))?.[1] ?? null;
}
