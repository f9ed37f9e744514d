/**
 * A question to the API as one text: its path, and its query in the order of its names. The dashboard asks so, and a static
 * report lists its answers so.
 *
 * @param path below `/api/v1`, with parts that are percent-encoded.
 * @param query null for a value that is not given.
 */
export function answerPath(
  path: string,
  query: Readonly<Record<string, string | null>> = {},
): string {
  const given = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== null,
  );
  const sorted = given.sort(([a], [b]) => (a < b ? -1 : 1));
  return sorted.length === 0 ? path : `${path}?${new URLSearchParams(sorted).toString()}`;
}
