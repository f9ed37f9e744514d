/** Answers of the service that served this page. */
import { z } from 'zod';
import { AnswerError, type Source } from './source.ts';

const root = 'api/v1';
const refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) });

type Kept = { readonly tag: string; readonly body: unknown };

/** An answer that did not change is not sent again: the service says so by its tag. */
export function serviceSource(): Source {
  const kept = new Map<string, Kept>();
  return {
    get: async (path) => {
      const known = kept.get(path);
      const response = await request(path, {
        headers: known === undefined ? {} : { 'If-None-Match': known.tag },
        // The tag is sent here, so that an answer that is unchanged stays the same object and nothing is drawn again.
        cache: 'no-store',
      });
      if (response.status === 304 && known !== undefined) return known.body;
      const body = await readBody(response);
      const tag = response.headers.get('ETag');
      if (tag !== null) kept.set(path, { tag, body });
      return body;
    },
    paths: null,
    service: {
      post: async (path, body) => {
        const init = {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        };
        return readBody(await request(path, init));
      },
      events: () => new EventSource(`${root}/events`),
    },
    writtenAt: null,
  };
}

async function request(path: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(`${root}${path}`, init);
  } catch (cause) {
    const error = new AnswerError(
      'The service does not answer. Is `sonde serve` still running?',
      'unreachable',
      null,
    );
    error.cause = cause;
    throw error;
  }
}

async function readBody(response: Response): Promise<unknown> {
  const text = await response.text();
  const body = parse(text);
  if (response.ok && body !== undefined) return body;
  const told = refusal.safeParse(body);
  const message = told.success
    ? told.data.error.message
    : `The service answered with status ${response.status}.`;
  throw new AnswerError(
    message,
    told.success ? told.data.error.code : 'unreadable',
    response.status,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
