import { UserError } from '../../../error/index.ts';
import type { SampleRow } from './sample-row.ts';

/** Tells under which filter a row was scored. */
export type FilterNames = (row: SampleRow) => string | null;

/**
 * The filter of each row, in the order of the file. Versions before 0.4.7 do not write it: there each document comes once
 * a filter, in the order of the filters, which the results file knows.
 *
 * @param known names of the task's filters; null without a results file.
 * @returns a function that throws a UserError for a document that comes more often than there are filters.
 */
export function createFilterNames(known: readonly string[] | null): FilterNames {
  const seen = new Map<number, number>();
  return ({ filter, document, where }) => {
    if (filter !== null) return filter;
    const turn = seen.get(document) ?? 0;
    seen.set(document, turn + 1);
    if (known === null || known.length === 0) {
      if (turn === 0) return null;
      throw new UserError(
        `${where}: expected each document once, \`doc_id\` ${document} comes again: rows of several filters can only be told apart with the results file beside them`,
      );
    }
    const name = known[turn];
    if (name !== undefined) return name;
    throw new UserError(
      `${where}: expected \`doc_id\` ${document} once for each filter (${known.join(', ')}), it comes ${turn + 1} times`,
    );
  };
}
