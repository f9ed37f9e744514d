/** The order of a table's rows, as the address has it: `accuracy`, or `-accuracy` for the largest first. */

export type SortValue = string | number | null;

export type Order = { readonly key: string; readonly descending: boolean };

export function readOrder(text: string | undefined): Order | null {
  if (text === undefined || text === '') return null;
  const descending = text.startsWith('-');
  return { key: descending ? text.slice(1) : text, descending };
}

export function writeOrder({ key, descending }: Order): string {
  return descending ? `-${key}` : key;
}

/** What is not there comes last, whatever the direction. */
export function compareCells(a: SortValue, b: SortValue, descending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  const order =
    typeof a === 'number' && typeof b === 'number'
      ? a - b
      : String(a).localeCompare(String(b), 'en', { numeric: true });
  return descending ? -order : order;
}
