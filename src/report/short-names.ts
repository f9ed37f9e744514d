/** Names without what they all begin with: `run/step10`, `run/step20` → `step10`, `step20`. */
export type ShortNames = {
  /** What was taken away from every name; empty where they share nothing worth it. */
  readonly prefix: string;
  /** In the order given; none is empty. */
  readonly names: readonly string[];
};

/** Shorter ones are read faster where they stand than where they are explained. */
const shortestPrefix = 4;

/** The prefix ends behind a separator, so that `step104` and `step182` do not become `04` and `82`. */
export function shortNames(names: readonly string[]): ShortNames {
  const [first = '', ...others] = names;
  let shared = others.length === 0 ? 0 : first.length;
  for (const other of others) {
    let same = 0;
    while (same < shared && first[same] === other[same]) same += 1;
    shared = same;
  }
  const prefix = /^.*[/\-_.:@\s]/su.exec(first.slice(0, shared))?.[0] ?? '';
  const isWorth = prefix.length >= shortestPrefix && names.every((name) => name !== prefix);
  if (!isWorth) return { prefix: '', names };
  return { prefix, names: names.map((name) => name.slice(prefix.length)) };
}

/** What a reader of short names has to know, or null where nothing was taken away. */
export function describePrefixes(
  rows: { readonly label: string; readonly prefix: string },
  columns: { readonly label: string; readonly prefix: string },
): string | null {
  if (rows.prefix === '' && columns.prefix === '') return null;
  if (rows.prefix === columns.prefix) return `all names begin with ${rows.prefix}`;
  return [rows, columns]
    .filter(({ prefix }) => prefix !== '')
    .map(({ label, prefix }) => `${label}: names begin with ${prefix}`)
    .join('; ');
}
