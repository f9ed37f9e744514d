/** Documents of Every Eval Ever, told apart by what they hold, and which belong together. */
import { readdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isObject, textIn } from '../../log/fields.ts';
import { firstMembers, readStart } from '../../log/file-start.ts';
import type { JsonMember } from '../../log/json-members.ts';

const startBytes = 256 * 1024;

export type DocumentKind = 'aggregate' | 'samples' | 'samples array';

export async function documentKind(path: string): Promise<DocumentKind | null> {
  const start = await readStart(path, startBytes);
  if (start === null) return null;
  const members = await firstMembers(start, { into: ['evaluation_results'], most: 40 });
  const [first] = members;
  if (first === undefined) return null;
  if (first.key === null) return isSample(first.value) ? 'samples array' : null;
  const top = topOf(members);
  if (isSample(top)) return 'samples';
  if (textIn(top, 'schema_version') === null || textIn(top, 'evaluation_id') === null) return null;
  const described = ['model_info', 'source_metadata', 'eval_library'];
  return described.some((key) => isObject(top[key])) ? 'aggregate' : null;
}

function isSample(value: unknown): boolean {
  const named = ['schema_version', 'evaluation_id', 'model_id', 'evaluation_name'];
  return (
    isObject(value) && named.every((key) => textIn(value, key) !== null) && 'sample_id' in value
  );
}

function topOf(members: readonly JsonMember[]): Record<string, unknown> {
  return Object.fromEntries(
    members.flatMap(({ key, index, value }) =>
      key === null || index !== null ? [] : [[key, value]],
    ),
  );
}

/** Other documents of a folder that are looked into, at most. */
const maxCandidates = 200;

/** The document with the results that samples belong to: `x.json` of `x_samples.jsonl`, else one of the same evaluation. */
export async function findAggregate(path: string): Promise<string | null> {
  const own = basename(path);
  const names = (await readdir(dirname(path)).catch(() => [])).filter(
    (name) => name.endsWith('.json') && name !== own,
  );
  const likely = `${own.replace(/(?:_samples)?\.jsonl?$/, '')}.json`;
  const ordered = names.filter((name) => name === likely).concat(names.filter((n) => n !== likely));
  const evaluation = await evaluationIdOf(path);
  for (const name of ordered.slice(0, maxCandidates)) {
    const candidate = join(dirname(path), name);
    if ((await documentKind(candidate)) !== 'aggregate') continue;
    if (evaluation !== null && (await evaluationIdOf(candidate)) === evaluation) return candidate;
  }
  return null;
}

/** Whether the file with the samples of a document lies beside it. */
export async function findSamples(path: string, named: string | null): Promise<boolean> {
  if (named === null) return false;
  const kind = await documentKind(join(dirname(path), basename(named))).catch(() => null);
  return kind === 'samples' || kind === 'samples array';
}

async function evaluationIdOf(path: string): Promise<string | null> {
  const start = await readStart(path, startBytes);
  if (start === null) return null;
  const members = await firstMembers(start, { into: ['evaluation_results'], most: 40 });
  const [first] = members;
  return textIn(first?.key === null ? first.value : topOf(members), 'evaluation_id');
}
