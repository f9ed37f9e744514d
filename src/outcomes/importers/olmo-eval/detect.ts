import { UserError } from '../../../error/index.ts';
import { isObject, type JsonObject, listIn, objectIn } from '../../log/fields.ts';
import { readStart } from '../../log/file-start.ts';
import { firstLogLine } from '../../log/log-lines.ts';
import { isRequestRow } from '../olmes/requests.ts';
import { isRun, readDocument } from './run.ts';

export type OlmoEvalFile = 'predictions' | 'metrics' | 'requests';

const startBytes = 256 * 1024;

/** What a file is, by its content; null where it is of another format. Requests are OLMES's as well. */
export async function kindOf(path: string): Promise<OlmoEvalFile | null> {
  const text = await startOf(path);
  if (!text.startsWith('{')) return null;
  if (text.includes('"doc_id"')) {
    const first = await firstLogLine(path);
    if (isPrediction(first)) return 'predictions';
    if (isRequestRow(first)) return 'requests';
  }
  return (await looksLikeRun(path)) ? 'metrics' : null;
}

export function isPrediction(row: unknown): row is JsonObject {
  return (
    isObject(row) &&
    Object.hasOwn(row, 'doc_id') &&
    objectIn(row, 'instance_metrics') !== null &&
    listIn(row, 'model_output') !== null
  );
}

const firstKey =
  /^\{\s*"(?:timestamp|config|tasks|summary|errors|experiment_\w+|provider_init_seconds)"/;

export async function looksLikeRun(path: string): Promise<boolean> {
  if (!firstKey.test(await startOf(path))) return false;
  try {
    const document = await readDocument(path);
    return document !== null && isRun(document);
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

async function startOf(path: string): Promise<string> {
  const start = await readStart(path, startBytes);
  return (start?.toString('utf8') ?? '').replace(/^\uFEFF/, '').trimStart();
}
