import { logItemId } from '../../log/log-task.ts';

/**
 * Ids of a task's items: the dataset's own where there is one, so that a limit or another draw of documents does not move
 * them. Where a dataset gives one id twice, the later one gets the document's number as well.
 */
export function createItemIds(task: string): (native: unknown, document: number) => string {
  const seen = new Set<string>();
  return (native, document) => {
    const own = typeof native === 'number' || (typeof native === 'string' && native.length <= 1024);
    const base = own && native !== '' ? String(native) : String(document);
    const id = seen.has(base) ? `${base}#${document}` : base;
    seen.add(id);
    return logItemId(task, id);
  };
}
