import { access } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';

/** A file's place in a run's folder: `<root>/<section>/<model>/<dataset>.json`. */
export type Place = {
  /** The folder with `predictions`, `results` and `summary`; null for a file that lies elsewhere. */
  readonly root: string | null;
  readonly section: 'predictions' | 'results' | null;
  /** By its folder: OpenCompass writes it nowhere else. */
  readonly model: string;
  readonly dataset: string;
};

export function placeOf(path: string): Place {
  const dataset = basename(path).replace(/\.jsonl?$/, '');
  const folders = dirname(path).split(sep);
  for (let at = folders.length - 2; at >= 0; at -= 1) {
    const section = folders[at];
    if (section !== 'predictions' && section !== 'results') continue;
    const root = folders.slice(0, at).join(sep);
    return { root, section, model: folders.slice(at + 1).join('/'), dataset };
  }
  return { root: null, section: null, model: folders.at(-1) ?? '', dataset };
}

/** The file of answers for a file of results, or its shards `_0`, `_1`, … in order; none where there are none. */
export async function predictionsFor({ root, section, model, dataset }: Place): Promise<string[]> {
  if (root === null || section !== 'results') return [];
  const folder = join(root, 'predictions', ...model.split('/'));
  const whole = join(folder, `${dataset}.json`);
  if (await exists(whole)) return [whole];
  const shards: string[] = [];
  for (;;) {
    const shard = join(folder, `${dataset}_${shards.length}.json`);
    if (!(await exists(shard))) return shards;
    shards.push(shard);
  }
}

/** The file of results for a file of answers, which may be a shard; null where there is none. */
export async function resultsFor({ root, section, model, dataset }: Place): Promise<string | null> {
  if (root === null || section !== 'predictions') return null;
  const folder = join(root, 'results', ...model.split('/'));
  for (const name of [dataset, dataset.replace(/_\d+$/, '')]) {
    const path = join(folder, `${name}.json`);
    if (await exists(path)) return path;
  }
  return null;
}

/** Such a folder exists beside `results` where OpenCompass wrote these. */
export async function hasPredictions({ root, model }: Place): Promise<boolean> {
  return root !== null && (await exists(join(root, 'predictions', ...model.split('/'))));
}

/** A path below the run's folder, for messages. */
export function shownPath(path: string, { root }: Place): string {
  return root === null ? basename(path) : relative(root, path).split(sep).join('/');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
