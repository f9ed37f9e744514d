/** Where answers come from: the service that served this page, or the files beside it. */

export type Source = {
  /** @throws AnswerError where there is no such answer; `path` as `/overview`, with its query. */
  readonly get: (path: string) => Promise<unknown>;
  /** Null: a report, which nothing changes any more. */
  readonly service: ServiceWrites | null;
  /** When a report was written; null: now. */
  readonly writtenAt: string | null;
};

export type ServiceWrites = {
  readonly post: (path: string, body: unknown) => Promise<unknown>;
  readonly events: () => EventSource;
};

/** An answer that did not come, in words for the reader. */
export class AnswerError extends Error {
  override readonly name = 'AnswerError';
  readonly code: string;
  readonly status: number | null;

  constructor(message: string, code: string, status: number | null) {
    super(message);
    this.code = code;
    this.status = status;
  }
}

/** The key of an answer: the path, and its query in the order of its names. */
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
