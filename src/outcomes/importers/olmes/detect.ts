import { readStart } from '../../log/file-start.ts';
import { isObject, type JsonObject, listIn, objectIn, textIn } from '../../log/fields.ts';
import { firstLogLine } from '../../log/log-lines.ts';
import { isRequestRow } from './requests.ts';
import { isTaskMetrics, readDocument } from './task-run.ts';
import { UserError } from '../../../error/index.ts';

export type OlmesFile =
  | 'predictions'
  | 'metrics'
  | 'all metrics'
  | 'summary'
  | 'requests'
  | 'recorded inputs';

const startBytes = 256 * 1024;

/** What a file is, by its content; null where it is of another format. */
export async function kindOf(path: string): Promise<OlmesFile | null> {
  const start = await readStart(path, startBytes);
  const text = (start?.toString('utf8') ?? '').replace(/^\uFEFF/, '').trimStart();
  if (!text.startsWith('{') || !/"(?:doc_id|task_name|all_primary_scores)"/.test(text)) return null;
  const first = await firstLogLine(path);
  if (first !== null) {
    const kind = kindOfRow(first);
    if (kind !== null) return kind;
  }
  // Metrics are small documents; what does not begin like one is not read for it.
  if (
    !/^\{\s*"(?:task_name|all_primary_scores|beaker_info|compute_config|current_date|metrics|model_config)"/.test(
      text,
    )
  )
    return null;
  return kindOfDocument(path);
}

function kindOfRow(row: unknown): OlmesFile | null {
  if (isPrediction(row)) return 'predictions';
  if (isRequestRow(row)) return 'requests';
  if (isRecordedInput(row)) return 'recorded inputs';
  return isTaskMetrics(row) ? 'all metrics' : null;
}

/** The successor's predictions have `instance_metrics` instead. */
export function isPrediction(row: unknown): row is JsonObject {
  return (
    isObject(row) &&
    Object.hasOwn(row, 'doc_id') &&
    objectIn(row, 'metrics') !== null &&
    listIn(row, 'model_output') !== null &&
    !Object.hasOwn(row, 'instance_metrics')
  );
}

function isRecordedInput(row: unknown): boolean {
  return (
    isObject(row) &&
    Object.hasOwn(row, 'doc_id') &&
    listIn(row, 'requests') !== null &&
    textIn(row, 'task_name') !== null
  );
}

async function kindOfDocument(path: string): Promise<OlmesFile | null> {
  try {
    const document = await readDocument(path);
    if (isTaskMetrics(document)) return 'metrics';
    return isSummary(document) ? 'summary' : null;
  } catch (error) {
    if (error instanceof UserError) return null;
    throw error;
  }
}

/** `metrics.json` of a whole run. */
function isSummary(document: JsonObject): boolean {
  return (
    listIn(document, 'all_primary_scores') !== null &&
    listIn(document, 'tasks') !== null &&
    objectIn(document, 'model_config') !== null
  );
}
