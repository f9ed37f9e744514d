import type { ErrorCode } from '../wire/index.ts';

export type ErrorStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 500 | 503;

const statuses: Readonly<Record<ErrorCode, ErrorStatus>> = {
  'bad-request': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'method-not-allowed': 405,
  conflict: 409,
  'too-large': 413,
  internal: 500,
  busy: 503,
};

/** An answer that is no success, in words for whoever asked. */
export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string) {
    super(message);
    this.code = code;
  }

  get status(): ErrorStatus {
    return statuses[this.code];
  }
}
