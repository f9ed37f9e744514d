/** The files of a HELM run, told apart by what they hold. */
import { stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fieldIn, isObject, listIn, objectIn, textIn } from '../../log/fields.ts';
import { firstMembers, readStart } from '../../log/file-start.ts';

/** Rows and settings begin within this. */
const startBytes = 512 * 1024;

export type HelmFile =
  | 'per-instance'
  | 'stats'
  | 'run-spec'
  | 'scenario'
  | 'scenario-state'
  | 'display-predictions'
  | 'display-requests'
  | 'instances';

export const mainName = 'per_instance_stats.json';

export function beside(path: string, name: string): string {
  return join(dirname(path), name);
}

export async function isFile(path: string): Promise<boolean> {
  return (await stat(path).catch(() => null))?.isFile() === true;
}

/** Null for a file that is none of HELM's. */
export async function helmFile(path: string): Promise<HelmFile | null> {
  const start = await readStart(path, startBytes);
  if (start === null) return null;
  const found = await firstMembers(start, { into: ['request_states'], most: 4 });
  const [first] = found;
  if (first === undefined) return null;
  if (first.key === null) return rowFile(first.value);
  const of = (key: string): unknown => found.find((member) => member.key === key)?.value;
  if (isObject(of('adapter_spec'))) {
    if (isObject(of('scenario_spec'))) return 'run-spec';
    return 'request_states' in Object.fromEntries(found.map(({ key }) => [key, 0]))
      ? 'scenario-state'
      : null;
  }
  // A scenario's own description has nothing to know it by but where it lies.
  const described = ['name', 'description', 'tags'].every((key) => of(key) !== undefined);
  return described && (await isFile(beside(path, 'run_spec.json'))) ? 'scenario' : null;
}

function rowFile(row: unknown): HelmFile | null {
  if (textIn(row, 'instance_id') !== null) {
    if (isStat((listIn(row, 'stats') ?? [])[0])) return 'per-instance';
    if (typeof fieldIn(row, 'predicted_text') === 'string') return 'display-predictions';
    return objectIn(row, 'request') === null ? null : 'display-requests';
  }
  if (isStat(row)) return 'stats';
  const isInstance = objectIn(row, 'input') !== null && listIn(row, 'references') !== null;
  return isInstance && textIn(row, 'id') !== null ? 'instances' : null;
}

function isStat(value: unknown): boolean {
  return textIn(objectIn(value, 'name'), 'name') !== null && isObject(value) && 'count' in value;
}
