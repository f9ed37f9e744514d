import { basename } from 'node:path';
import { UserError } from '../../error/index.ts';
import { readStart } from './file-start.ts';
import { readJsonMembers } from './json-members.ts';
import { parseLogLine, readLogLines } from './log-lines.ts';

/** Names that harnesses give to their logs. */
const names =
  /^(?:(?:.+[._-])?results(?:_.+)?\.json|samples_.+\.jsonl|.+_samples\.jsonl|(?:.+-)?metrics\.json|metrics-all\.jsonl|.+-predictions\.jsonl|per_instance_stats\.json|stats\.json)$/;

/** How their documents begin, whatever their names. */
const heads = [
  /^\{\s*"results":\s*\{\s*"[^"]+":\s*\{/,
  /^\[?\s*\{\s*"doc_id":/,
  /^\{\s*"config_general":\s*\{/,
  /^\{\s*"schema_version":\s*"[^"]*",\s*"evaluation_id":/,
  /^\{\s*"version":\s*\d+,\s*"status":\s*"\w+",\s*"eval":\s*\{/,
];

const headBytes = 4096;

/**
 * What is wrong with a file that its name or its beginning says to be a log, and that no importer takes: it is empty, or
 * its JSON is broken or cut off. Null where it is no such file, or is whole.
 */
export async function damageOf(path: string): Promise<string | null> {
  const name = basename(path);
  const start = (await readStart(path, headBytes))?.toString('utf8').replace(/^\uFEFF/, '') ?? null;
  if (start === null) return null;
  const text = start.trimStart();
  if (!names.test(name) && !heads.some((head) => head.test(text))) return null;
  if (text === '') return `\`${name}\`: expected a log, the file is empty`;
  if (!/^[[{]/.test(text)) return null;
  try {
    await readThrough(path, name);
    return null;
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
}

/** @throws UserError for what is no JSON, with the place. */
async function readThrough(path: string, name: string): Promise<void> {
  if (!name.endsWith('.jsonl')) {
    const members = readJsonMembers(path);
    while ((await members.next()).done !== true);
    return;
  }
  for await (const lines of readLogLines(path)) {
    for (const line of lines) parseLogLine(name, line);
  }
}
