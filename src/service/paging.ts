import type { Page, PageQuery } from '../wire/index.ts';
import { HttpError } from './http-error.ts';

const usualLimit = 200;

/** The rows from the cursor on. A cursor is a place in the list, opaque to who asks. */
export function pageOf<Row>(
  rows: readonly Row[],
  { limit = usualLimit, cursor }: PageQuery,
): Omit<Page<Row>, 'schemaVersion' | 'sonde'> {
  const from = cursor === undefined ? 0 : placeOf(cursor);
  const to = from + limit;
  return {
    rows: rows.slice(from, to),
    next: to < rows.length ? to.toString(36) : null,
    total: rows.length,
  };
}

function placeOf(cursor: string): number {
  const place = /^[0-9a-z]{1,8}$/.test(cursor) ? parseInt(cursor, 36) : NaN;
  if (Number.isSafeInteger(place)) return place;
  throw new HttpError('bad-request', 'cursor: expected `next` of another page of the same list');
}
