/** What went wrong with one request. */
export class ServerFault extends Error {
  override readonly name: string = 'ServerFault';
  /** `passing` is worth another try. */
  readonly kind: 'passing' | 'timeout' | 'lasting';
  /** HTTP status; null where no reply came. */
  readonly status: number | null;
  /** How long the server asks to wait. */
  readonly waitMs: number | null;

  constructor(
    message: string,
    about: {
      readonly kind: ServerFault['kind'];
      readonly status?: number | null;
      readonly waitMs?: number | null;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: about.cause });
    this.kind = about.kind;
    this.status = about.status ?? null;
    this.waitMs = about.waitMs ?? null;
  }

  /** The same, with how often it was tried where that is more than once. */
  after(tries: number): ServerFault {
    return tries < 2 ? this : new ServerFault(`${this.message} (${tries} tries)`, this);
  }
}

/** Statuses that say "not now": too many requests, a request that took too long, something behind the server is down. */
const passingStatuses: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/** The fault that a reply with an error status stands for. */
export function faultOfReply(reply: {
  readonly status: number;
  readonly statusText: string;
  readonly retryAfter: string | null;
  readonly body: string;
}): ServerFault {
  const { status, statusText, retryAfter, body } = reply;
  const said = serverMessage(body);
  const hint = status === 401 || status === 403 ? ' (the key is read from OPENAI_API_KEY)' : '';
  const waitMs = parseRetryAfter(retryAfter, Date.now());
  const wait = waitMs === null ? '' : `, asks to wait ${Math.ceil(waitMs / 1000)} s`;
  return new ServerFault(
    `answered ${[status, statusText].join(' ').trim()}${wait}${hint}${said === '' ? '' : `: ${said}`}`,
    { kind: passingStatuses.has(status) ? 'passing' : 'lasting', status, waitMs },
  );
}

/** `Retry-After` in milliseconds from now: seconds, or a date. */
export function parseRetryAfter(value: string | null, now: number): number | null {
  if (value === null || value.trim() === '') return null;
  const seconds = Number(value);
  const ms = Number.isNaN(seconds) ? Date.parse(value) - now : seconds * 1000;
  return Number.isFinite(ms) ? Math.max(0, ms) : null;
}

/** Most characters of a server's message that are shown. */
const shownCharacters = 300;

/** What a server says of an error, in one line. */
function serverMessage(body: string): string {
  const text = messageIn(parseJson(body)) ?? body;
  const line = text
    .slice(0, 10 * shownCharacters)
    .replaceAll(/\s+/g, ' ')
    .trim();
  return line.length <= shownCharacters ? line : `${line.slice(0, shownCharacters)}…`;
}

/** `{error: {message}}`, `{error}`, `{message}` or `{detail}`, as the servers write it; null where none is a text. */
function messageIn(value: unknown): string | null {
  if (!isRecord(value)) return null;
  const found = value['error'] ?? value['message'] ?? value['detail'];
  const said = isRecord(found) ? found['message'] : found;
  return typeof said === 'string' ? said : null;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** Undefined where it is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
