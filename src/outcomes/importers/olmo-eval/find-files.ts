import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { looksLikeRun } from './detect.ts';
import type { OlmoEvalTask } from './run.ts';

const predictionsEnding = /-predictions\.jsonl$/i;
const requestsEnding = /-requests\.jsonl$/i;

/** `metrics.json` of the run: above `predictions/<model>/`, or above `predictions/` alone. */
export async function findRun(path: string): Promise<string | null> {
  let folder = dirname(path);
  for (let up = 0; up < 3; up += 1) {
    const candidate = join(folder, 'metrics.json');
    if (await looksLikeRun(candidate)) return candidate;
    const above = dirname(folder);
    if (above === folder) break;
    folder = above;
  }
  return null;
}

/** The requests of a predictions file, which lie in a tree of their own. */
export function findRequests(path: string): Promise<string | null> {
  const name = basename(path).replace(predictionsEnding, '-requests.jsonl');
  return inTwin(path, { from: 'predictions', to: 'requests', name });
}

/** The predictions of a requests file. */
export function findPredictions(path: string): Promise<string | null> {
  const name = basename(path).replace(requestsEnding, '-predictions.jsonl');
  return inTwin(path, { from: 'requests', to: 'predictions', name });
}

async function inTwin(
  path: string,
  { from, to, name }: { from: string; to: string; name: string },
): Promise<string | null> {
  if (name === basename(path)) return null;
  const folder = dirname(path);
  const twins = [
    join(dirname(folder), '..', to, basename(folder), name),
    join(folder, '..', to, name),
    join(folder, name),
  ];
  const inTree = [basename(dirname(folder)) === from, basename(folder) === from, true];
  for (const [index, twin] of twins.entries()) {
    if (inTree[index] !== true) continue;
    const found = await stat(twin).catch(() => null);
    if (found?.isFile() === true) return twin;
  }
  return null;
}

/** What stands for a task in a file's name. */
export function stemOf(path: string): string {
  return basename(path).replace(predictionsEnding, '');
}

/** The task of a predictions file: its name in the file's, and the model's in the folder's where there are several. */
export function taskOf(path: string, tasks: readonly OlmoEvalTask[]): OlmoEvalTask | null {
  const stem = stemOf(path);
  const folder = basename(dirname(path));
  const named = tasks.filter(({ name, hash }) => {
    const own = fileName(name);
    if (!stem.startsWith(own)) return false;
    const rest = stem.slice(own.length);
    // Six digits of the hash of the task's settings, which not every version writes into the metrics.
    return rest === '' || (hash === null ? hashEnding.test(rest) : rest === `_${hash.slice(-6)}`);
  });
  const own = named.filter(({ modelName }) => modelName === null || fileName(modelName) === folder);
  return own.length === 1 ? (own[0] ?? null) : named.length === 1 ? (named[0] ?? null) : null;
}

const hashEnding = /^_[0-9a-f]{6}$/;

function fileName(spec: string): string {
  return spec.replaceAll(/[:/\\ ]/g, '_');
}
