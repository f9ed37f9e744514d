import { ByteReader } from '../../log/byte-reader.ts';
import { UserError } from '../../../error/index.ts';
import { fieldIn, isObject, textIn } from '../../log/fields.ts';
import { firstMembers, readStart } from '../../log/file-start.ts';
import { isObjectNext, walkObject } from '../../log/json-walk.ts';
import { isEvalEntry } from './eval-log.ts';

/** `json` and `eval` are logs, the others are about logs that lie beside them. */
export type InspectFile = 'json' | 'eval' | 'listing' | 'eval set';

const startBytes = 256 * 1024;
const [localHeader, nameAt] = [0x04034b50, 30];

/** Null for a file of another kind. */
export async function inspectFileOf(path: string): Promise<InspectFile | null> {
  const start = await readStart(path, startBytes);
  if (start === null || start.length < nameAt) return null;
  if (start.readUInt32LE(0) === localHeader) return beginsLikeEval(start) ? 'eval' : null;
  if (await beginsLikeLog(start)) return 'json';
  const [first, second] = await firstMembers(start, { most: 2 });
  if (first === undefined) return null;
  if (first.key === 'eval_set_id' && second?.key === 'tasks') return 'eval set';
  return isListed(first.key, first.value) ? 'listing' : null;
}

/** By the name of the first entry. */
function beginsLikeEval(start: Buffer): boolean {
  const name = start.toString('utf8', nameAt, nameAt + start.readUInt16LE(26));
  return isEvalEntry(name) || name === 'summaries.json' || name.startsWith('_journal/');
}

/** Names that Inspect alone gives together. */
const specKeys = new Set([
  'run_id',
  'created',
  'task',
  'task_id',
  'task_version',
  'task_args',
  'dataset',
  'model',
]);

async function beginsLikeLog(start: Buffer): Promise<boolean> {
  const known = new Set<string>();
  const reader = new ByteReader(once(start), { name: 'start', maxBytes: startBytes });
  try {
    for await (const key of walkObject(reader, 'start')) {
      if (key !== 'eval' || !(await isObjectNext(reader))) await reader.skip();
      else {
        for await (const inner of walkObject(reader, 'start')) {
          if (specKeys.has(inner)) known.add(inner);
          await reader.skip();
        }
        break;
      }
    }
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
  }
  return known.size >= 3;
}

/** `logs.json` and `listing.json`: what logs of a folder are about, by their names. */
function isListed(key: string | null, value: unknown): boolean {
  if (key === null || !/\.(?:eval|json)$/.test(key) || !isObject(value)) return false;
  const spec = isObject(value['eval']) ? value['eval'] : value;
  return textIn(spec, 'task_id') !== null && fieldIn(value, 'status') !== null;
}

async function* once(chunk: Buffer): AsyncGenerator<Buffer> {
  await Promise.resolve();
  yield chunk;
}
