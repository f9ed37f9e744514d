import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { parseName } from './name.ts';

export type Identity = {
  /** `<run>/<step dir>`, or `<repo>@<revision>` for a snapshot of a Hugging Face cache. */
  id: string;
  /** Absolute, as the user named it: symbolic links are kept, their names are what the user knows. */
  dir: string;
  /** The name that carries step, tokens and stage: the directory's, or the branch that a snapshot belongs to. */
  name: string;
  nameSource: 'directory name' | 'Hugging Face ref';
  /** The run it would belong to. */
  run: string | null;
};

/** Names a checkpoint by its directory. */
export async function identify(directory: string): Promise<Identity> {
  const dir = resolve(directory);
  const snapshot = parseSnapshot(dir);
  if (snapshot !== null) {
    const { repo, revision, cache } = snapshot;
    const ref = await findRef(join(cache, 'refs'), revision);
    return {
      id: `${repo}@${revision}`,
      dir,
      name: ref ?? revision,
      nameSource: 'Hugging Face ref',
      run: repo,
    };
  }
  const name = basename(dir);
  const parent = basename(dirname(dir));
  const id = parent === '' ? name : `${parent}/${name}`;
  return { id, dir, name, nameSource: 'directory name', run: parent === '' ? null : parent };
}

type Snapshot = { repo: string; revision: string; cache: string };

/** `…/models--org--name/snapshots/<revision>`: the layout of huggingface_hub's cache. */
function parseSnapshot(dir: string): Snapshot | null {
  const revision = basename(dir);
  const snapshots = dirname(dir);
  const cache = dirname(snapshots);
  const [kind, ...parts] = basename(cache).split('--');
  if (basename(snapshots) !== 'snapshots' || kind !== 'models' || parts.length === 0) return null;
  return { repo: parts.join('/'), revision, cache };
}

/** Branches of a cache that are read at most: a repository of a long run has some thousands. */
const MAX_REFS = 20_000;

/** The branch or tag that points at a revision, one that names a step before any other; null where there is none. */
async function findRef(refs: string, revision: string): Promise<string | null> {
  const entries = await readdir(refs, { recursive: true, withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries.slice(0, MAX_REFS)) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const commit = await readFile(path, 'utf8').catch(() => '');
    if (commit.trim() === revision) names.push(relative(refs, path).split(sep).join('/'));
  }
  names.sort();
  return names.find((name) => parseName(name).step !== null) ?? names[0] ?? null;
}
