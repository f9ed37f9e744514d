import { basename } from 'node:path';

const ending = /\.(?:jsonl?|ndjson)$/i;
const date = /_\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(?:\.\d+)?$/;

/** A file's name without its ending. */
export function stemOf(path: string): string {
  return basename(path).replace(ending, '');
}

/**
 * The task of a samples file, which only its name tells: `samples_<task>_<date>`, before 0.4.3 `<model>_<task>`.
 *
 * @param known the tasks of the results file beside it.
 * @returns null where the name does not tell.
 */
export function taskOf(path: string, known: Iterable<string>): string | null {
  const stem = stemOf(path).replace(date, '');
  const own = stem.startsWith('samples_') ? stem.slice('samples_'.length) : null;
  if (own !== null && own !== '') return own;
  let longest: string | null = null;
  for (const task of known) {
    const ends = stem === task || stem.endsWith(`_${task}`);
    if (ends && task.length > (longest?.length ?? 0)) longest = task;
  }
  return longest;
}
