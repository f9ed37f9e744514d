import { readdir } from 'node:fs/promises';
import { basename, dirname, join, sep } from 'node:path';

/** What lighteval names files of one run by. */
const date = /_(\d{4}-\d{2}-\d{2}T[^_]*)\.parquet$/;

/**
 * The results file of the run that wrote a details file: `<out>/results/<model>/results_<date>.json` for
 * `<out>/details/<model>/<date>/details_<task>_<date>.parquet`, or beside it or in the folder above. Null where none is
 * found.
 */
export async function findResults(path: string): Promise<string | null> {
  const when = date.exec(basename(path))?.[1];
  const own = dirname(path);
  const folders = [own, dirname(own)];
  const parts = own.split(sep);
  const at = parts.lastIndexOf('details');
  if (at !== -1) {
    const model = parts.slice(at + 1, -1);
    folders.unshift([...parts.slice(0, at), 'results', ...model].join(sep));
    folders.unshift([...parts.slice(0, at), 'results', ...parts.slice(at + 1)].join(sep));
  }
  for (const folder of folders) {
    const found = await resultsIn(folder, when ?? null);
    if (found !== null) return found;
  }
  return null;
}

/** A folder that holds the results of one run needs no date; with several, the date decides. */
async function resultsIn(folder: string, when: string | null): Promise<string | null> {
  const names = await readdir(folder).catch(() => []);
  const results = names.filter((name) => /^results_.*\.json$/.test(name));
  const name =
    when === null
      ? results.length === 1
        ? results[0]
        : undefined
      : results.find((one) => one === `results_${when}.json`);
  return name === undefined ? null : join(folder, name);
}

/** The model by the folders between `details` and the run's date; null where the path has none. */
export function modelInPath(path: string): string | null {
  const parts = dirname(path).split(sep);
  const at = parts.lastIndexOf('details');
  const model = at === -1 ? [] : parts.slice(at + 1, -1);
  return model.length === 0 ? null : model.join('/');
}

/**
 * The task by the file's name; null where it has another form. Of the run's own tasks it is the one with that name, since
 * some tools write `_` for `|` and `:`.
 */
export function taskInName(path: string, tasks: readonly string[]): string | null {
  const found = /^details_(.+)_\d{4}-\d{2}-\d{2}T[^_]*\.parquet$/.exec(basename(path))?.[1];
  if (found === undefined) return null;
  return tasks.find((task) => task.replaceAll(/[|:]/g, '_') === found) ?? found;
}
