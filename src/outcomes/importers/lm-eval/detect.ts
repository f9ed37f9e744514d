import { UserError } from '../../../error/index.ts';
import { readStart } from '../../log/file-start.ts';
import { readJsonMembers } from '../../log/json-members.ts';
import { firstLogLine } from '../../log/log-lines.ts';
import { isResults } from './run.ts';
import { isSampleRow } from './sample-row.ts';

export type LmEvalFile = 'results' | 'samples';

/** What the start of a file shows is enough to leave the large files of other formats unread. */
const startBytes = 256 * 1024;

/** What a file is, by its content; null where it is of another format. */
export async function kindOf(path: string): Promise<LmEvalFile | null> {
  const text = await startOf(path);
  if (text.startsWith('[')) return isSampleRow(await firstElement(path)) ? 'samples' : null;
  if (!text.startsWith('{')) return null;
  if (text.includes('"doc_id"') && isSampleRow(await firstLogLine(path))) return 'samples';
  return (await looksLikeResults(path)) ? 'results' : null;
}

/** Members that results begin with, also where they were sorted afterwards. */
const firstKey =
  /^\{\s*"(?:results|groups|group_subtasks|configs?|versions|n-shot|n-samples|chat_template|date|eot_token_id|git_hash|higher_is_better)"/;

export async function looksLikeResults(path: string): Promise<boolean> {
  if (!firstKey.test(await startOf(path))) return false;
  const document: Record<string, unknown> = {};
  try {
    for await (const { key, value } of readJsonMembers(path)) {
      if (key === null) return false;
      if (wanted.has(key)) document[key] = value;
    }
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
  return isResults(document);
}

const wanted = new Set(['results', 'versions', 'config', 'config_general']);

async function startOf(path: string): Promise<string> {
  const start = await readStart(path, startBytes);
  return (start?.toString('utf8') ?? '').replace(/^\uFEFF/, '').trimStart();
}

async function firstElement(path: string): Promise<unknown> {
  if (!/^\[\s*\{/.test(await startOf(path))) return null;
  try {
    for await (const { key, value } of readJsonMembers(path)) return key === null ? value : null;
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  return null;
}
