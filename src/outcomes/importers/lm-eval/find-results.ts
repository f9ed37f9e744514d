import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { stemOf } from './task-name.ts';
import { looksLikeResults } from './detect.ts';

/** `samples_<task>_2026-01-21T03-44-18.458309`: the hour at which all files of a run were written. */
const dateOf = /_(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?)$/;

/**
 * The results file of a run by one of its samples files: the one of the same date in the same folder. Older versions
 * write no dates: there it is the only one in the folder.
 */
export async function findResults(path: string): Promise<string | null> {
  const folder = dirname(path);
  const names = await readdir(folder).catch(() => []);
  const others = names.filter((name) => name.endsWith('.json') && name !== basename(path)).sort();
  const date = dateOf.exec(stemOf(path))?.[1] ?? null;
  const candidates =
    date === null
      ? others.filter((name) => dateOf.exec(stemOf(name)) === null)
      : others.filter((name) => stemOf(name).endsWith(`_${date}`));
  // The harness's own name decides, also for a file that is damaged: reading it says so.
  const own = date === null ? 'results.json' : `results_${date}.json`;
  if (candidates.includes(own)) return join(folder, own);
  const found: string[] = [];
  for (const name of candidates) {
    if (await looksLikeResults(join(folder, name))) found.push(name);
  }
  const [only] = found;
  return only === undefined || found.length > 1 ? null : join(folder, only);
}
