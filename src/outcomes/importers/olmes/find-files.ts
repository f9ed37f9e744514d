import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';

const ending = /-?predictions\.jsonl$/i;

/** `task-000-arc_easy` of `task-000-arc_easy-predictions.jsonl`. */
export function prefixOf(path: string): string {
  return basename(path).replace(ending, '');
}

/** A file of the same task, by the ending of its name; null where it is not there. */
export async function besideTask(path: string, name: string): Promise<string | null> {
  if (!ending.test(basename(path))) return null;
  const prefix = prefixOf(path);
  return existing(join(dirname(path), prefix === '' ? name : `${prefix}-${name}`));
}

/** A file of the same folder; null where it is not there. */
export function besideRun(path: string, name: string): Promise<string | null> {
  return existing(join(dirname(path), name));
}

async function existing(path: string): Promise<string | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() === true ? path : null;
}
