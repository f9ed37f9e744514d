import pRetry from 'p-retry';
import { setTimeout as delay } from 'node:timers/promises';
import type { Agent, Dispatcher } from 'undici';
import { UserError } from '../../error/index.ts';
import { joinEvents } from './event-stream.ts';
import { createKeyRedaction, type KeyRedaction } from './key-redaction.ts';
import { faultOfReply, parseJson, ServerFault } from './server-fault.ts';

export type RetryOptions = {
  /** Tries after the first. */
  readonly retries: number;
  /** Before the second try; doubled for each further one, times a random number from 1 to 2. */
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
};

/** Half a minute of trouble is survived. */
const usualRetry: RetryOptions = { retries: 5, minDelayMs: 500, maxDelayMs: 30_000 };

export type HttpOptions = {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  /** Sent as a bearer token; never shown, and taken out of what the server says. */
  readonly apiKey: string | null;
  /** Of one try, until the last byte of its reply. */
  readonly timeoutMs: number;
  readonly retry?: RetryOptions;
  /** A longer reply is refused. @default 64 MiB */
  readonly maxReplyBytes?: number;
};

export type PostOptions = {
  readonly signal?: AbortSignal | undefined;
  /** Off: a timeout is told at once. @default true */
  readonly retryTimeouts?: boolean;
};

/** 128 answers of 100,000 characters, or the likelihoods of a million tokens, are less. */
const usualReplyBytes = 2 ** 26;
/** A server that asks to wait longer is not waited for. */
const maxWaitMs = 10 * 60_000;

/** JSON over HTTP with tries: what may pass (429, 5xx, timeouts, cut connections, half replies) is tried again. */
export class HttpClient implements AsyncDisposable {
  readonly baseUrl: string;
  readonly #options: HttpOptions;
  readonly #maxReplyBytes: number;
  readonly #headers: Readonly<Record<string, string>>;
  readonly #redaction: KeyRedaction;
  #agent: Agent | null = null;
  /** Whether any reply came yet: a server that was never there is not waited for. */
  #isReached = false;

  /** @throws UserError for a key that no header can carry. */
  constructor(options: HttpOptions) {
    this.baseUrl = options.baseUrl;
    this.#options = options;
    this.#maxReplyBytes = options.maxReplyBytes ?? usualReplyBytes;
    this.#headers = { 'content-type': 'application/json', ...authorization(options.apiKey) };
    this.#redaction = createKeyRedaction(options.apiKey);
  }

  /**
   * What `read` makes of the reply; what it throws counts as the try's fault.
   *
   * @throws ServerFault where all tries failed.
   */
  post<Reply>(
    path: string,
    body: unknown,
    read: (reply: unknown) => Reply,
    options: PostOptions = {},
  ): Promise<Reply> {
    return this.#retrying({ method: 'POST', path, body: JSON.stringify(body), read }, options);
  }

  /** As `post`. */
  get<Reply>(
    path: string,
    read: (reply: unknown) => Reply,
    options: PostOptions = {},
  ): Promise<Reply> {
    return this.#retrying({ method: 'GET', path, body: null, read }, options);
  }

  /** As `get`, for a reply that is no JSON. */
  getBytes<Reply>(
    path: string,
    read: (reply: Uint8Array) => Reply,
    options: PostOptions = {},
  ): Promise<Reply> {
    const readBytes = (reply: unknown): Reply => read(reply as Uint8Array);
    return this.#retrying(
      { method: 'GET', path, body: null, read: readBytes, isBinary: true },
      options,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent?.destroy();
  }

  async #retrying<Reply>(
    asked: Request<Reply>,
    { signal, retryTimeouts = true }: PostOptions,
  ): Promise<Reply> {
    const { retries, minDelayMs, maxDelayMs } = this.#options.retry ?? usualRetry;
    let tries = 0;
    const once = (): Promise<Reply> => {
      tries += 1;
      return this.#try(asked, signal);
    };
    try {
      return await pRetry(once, {
        retries,
        minTimeout: minDelayMs,
        maxTimeout: maxDelayMs,
        randomize: true,
        ...(signal === undefined ? {} : { signal }),
        shouldRetry: ({ error }) => isWorthRetrying(error, retryTimeouts),
        onFailedAttempt: async ({ error, retriesLeft }) => {
          if (retriesLeft > 0 && isWorthRetrying(error, retryTimeouts))
            await waitAsAsked(error, signal);
        },
      });
    } catch (error) {
      throw error instanceof ServerFault ? error.after(tries) : error;
    }
  }

  async #try<Reply>(asked: Request<Reply>, outer: AbortSignal | undefined): Promise<Reply> {
    const { timeoutMs } = this.#options;
    const ending = new AbortController();
    const timer = setTimeout(() => {
      ending.abort(timedOut(timeoutMs));
    }, timeoutMs);
    const forward = (): void => {
      ending.abort(outer?.reason);
    };
    outer?.addEventListener('abort', forward, { once: true });
    try {
      return asked.read(await this.#send(asked, ending.signal));
    } catch (error) {
      // What ended the try says more than how the library puts it.
      ending.signal.throwIfAborted();
      throw error instanceof ServerFault
        ? error
        : connectionFault(error, {
            isReached: this.#isReached,
            maxReplyBytes: this.#maxReplyBytes,
          });
    } finally {
      clearTimeout(timer);
      outer?.removeEventListener('abort', forward);
    }
  }

  async #send(
    { method, path, body, isBinary = false }: Request<unknown>,
    signal: AbortSignal,
  ): Promise<unknown> {
    // Loaded where it is needed: a tenth of a second of every start otherwise.
    const { Agent, request } = await import('undici');
    // The client's own timeout holds for the whole of a try; those of the library would end long answers earlier.
    this.#agent ??= new Agent({
      headersTimeout: 0,
      bodyTimeout: 0,
      maxResponseSize: this.#maxReplyBytes,
    });
    const reply = await request(`${this.baseUrl}/${path}`, {
      method,
      body,
      headers: this.#headers,
      dispatcher: this.#agent,
      signal,
    });
    this.#isReached = true;
    const isGood = reply.statusCode >= 200 && reply.statusCode <= 299;
    if (isGood && isBinary) return new Uint8Array(await reply.body.arrayBuffer());
    const text = await reply.body.text();
    if (!isGood) {
      throw faultOfReply({
        status: reply.statusCode,
        statusText: this.#redaction.text(reply.statusText),
        retryAfter: header(reply, 'retry-after'),
        body: this.#redaction.text(text),
      });
    }
    const isStream = header(reply, 'content-type')?.startsWith('text/event-stream') === true;
    const parsed = isStream ? joinEvents(text) : parseJson(text);
    if (parsed !== undefined) return this.#redaction.reply(parsed);
    throw new ServerFault(
      `answered ${reply.statusCode} with ${isStream ? 'half a stream' : 'something that is no JSON'}: ${JSON.stringify(this.#redaction.text(text).slice(0, 80))}`,
      { kind: 'passing', status: reply.statusCode },
    );
  }
}

function isWorthRetrying(error: Error, retryTimeouts: boolean): boolean {
  if (!(error instanceof ServerFault)) return false;
  const { kind, waitMs } = error;
  return (
    (kind === 'passing' || (kind === 'timeout' && retryTimeouts)) && (waitMs ?? 0) <= maxWaitMs
  );
}

/** Waits for as long as the server asks, before the usual delay. */
async function waitAsAsked(error: Error, signal: AbortSignal | undefined): Promise<void> {
  const waitMs = error instanceof ServerFault ? (error.waitMs ?? 0) : 0;
  if (waitMs > 0) await delay(waitMs, undefined, signal === undefined ? {} : { signal });
}

type Request<Reply> = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body: string | null;
  readonly read: (reply: unknown) => Reply;
  /** Whether the reply is read as bytes. @default false */
  readonly isBinary?: boolean;
};

function header({ headers }: Dispatcher.ResponseData, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
}

function authorization(apiKey: string | null): Record<string, string> {
  if (apiKey === null) return {};
  if (!/^[\x21-\x7e]+$/.test(apiKey)) {
    throw new UserError(
      'OPENAI_API_KEY: expected a key of letters, digits and signs, got one with spaces or other characters in it',
    );
  }
  return { authorization: `Bearer ${apiKey}` };
}

function timedOut(timeoutMs: number): ServerFault {
  return new ServerFault(`gave no whole answer within ${timeoutMs / 1000} s (--timeout)`, {
    kind: 'timeout',
  });
}

/** Errors of the connection itself, by their codes. */
const connectionWords: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'refused the connection',
  ENOTFOUND: 'is not known by that name',
  EAI_AGAIN: 'could not be looked up',
};
const tooLong = 'UND_ERR_RES_EXCEEDED_MAX_SIZE';

/** Codes that say that trying again is no use, or none as long as no reply has come at all. */
const lastingCodes: ReadonlySet<string> = new Set([tooLong, 'ENOTFOUND']);
const unreachedCodes: ReadonlySet<string> = new Set(['ECONNREFUSED', 'EAI_AGAIN']);

function connectionFault(
  cause: unknown,
  { isReached, maxReplyBytes }: { readonly isReached: boolean; readonly maxReplyBytes: number },
): ServerFault {
  const code = codeOf(cause) ?? '';
  const detail = code !== '' ? code : cause instanceof Error ? cause.message : String(cause);
  const isLasting = lastingCodes.has(code) || (!isReached && unreachedCodes.has(code));
  const words =
    code === tooLong
      ? `answered with more than ${maxReplyBytes} bytes`
      : (connectionWords[code] ?? 'cut the connection');
  return new ServerFault(`${words} (${detail})`, {
    kind: isLasting ? 'lasting' : 'passing',
    cause,
  });
}

/** The first code in a chain of causes; a connection tried at several addresses has its errors in a list. */
function codeOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const { code } = error as { code?: unknown };
  if (typeof code === 'string') return code;
  const inner: unknown = error instanceof AggregateError ? error.errors[0] : error.cause;
  return codeOf(inner);
}
