/** Where answers come from: the service that served this page, or the files beside it. */

export type Source = {
  /** @throws AnswerError where there is no such answer; `path` as `/overview`, with its query. */
  readonly get: (path: string) => Promise<unknown>;
  /** The paths of all answers that there are; null: those of a whole store. */
  readonly paths: readonly string[] | null;
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
