/** The answers of the API, by path and query, as bytes with their tags: what the server sends and what a static site keeps. */
import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { gzip as gzipCallback } from 'node:zlib';
import { UserError } from '../error/index.ts';
import { type JobContext, sondeVersion } from '../jobs/index.ts';
import { contentsVersion, type Store } from '../store/index.ts';
import { freshContents } from './fresh-contents.ts';
import { type Asked, type Handler, handlers, manyQuestions } from './handlers.ts';
import { HttpError } from './http-error.ts';
import { createMemo } from './memo.ts';
import { metricsText } from './metrics.ts';
import { createSources } from './sources.ts';

const gzip = promisify(gzipCallback);

export type StoredAnswer = {
  readonly json: Uint8Array<ArrayBuffer>;
  /** Made when it is asked for first; null for an answer that is too short for it. */
  readonly gzip: () => Promise<Uint8Array<ArrayBuffer> | null>;
};

export type TaggedAnswer = {
  /** Changes with the store, as far as the answer depends on it. */
  readonly etag: string;
  /** @throws HttpError where there is no answer. */
  readonly read: () => Promise<StoredAnswer>;
};

export type Answers = {
  /** Of a route of GET, by its path with `{…}`; null where the path is none. */
  get(path: string, asked: Asked): Promise<TaggedAnswer | null>;
  /** Of `/items/{item}`, for questions of one run in their order: read together, kept by nobody. */
  questions(
    items: readonly string[],
    query: { readonly suite: string; readonly run: string },
  ): Promise<{ readonly item: string; readonly json: string }[]>;
  /** In Prometheus' text format. */
  metrics(): Promise<string>;
};

/** What is kept of answers, in bytes. */
const mostBytes = 64 * 1024 * 1024;
/** Shorter than a packet: compressing gains nothing. */
const shortest = 1024;
/** Different answers in the making at one time; each reads the store, and who asks for more is told to come back. */
const mostMaking = 16;

export function createAnswers(store: Store, context: JobContext): Answers {
  const contentsNow = freshContents(store);
  const sourcesOf = createSources(store, context);
  const memo = createMemo<StoredAnswer>({ sizeOf: ({ json }) => 2 * json.length, most: mostBytes });
  let making = 0;
  return {
    metrics: async () => await metricsText(sourcesOf(await contentsNow())),
    async questions(items, query) {
      const sources = sourcesOf(await contentsNow());
      const bodies = await manyQuestions(sources, items, query);
      return bodies.map((body) => ({ item: body.item, json: JSON.stringify(withHead(body)) }));
    },
    async get(path, asked) {
      const handler = handlers[path];
      if (handler === undefined) return null;
      const contents = await contentsNow();
      const key = keyOf(path, asked);
      const version = contentsVersion(contents, handler.kinds);
      const make = async (): Promise<StoredAnswer> => {
        if (making >= mostMaking) throw new HttpError('busy', 'too much at once: try again');
        making += 1;
        try {
          return await makeAnswer(handler, asked, { store, sources: sourcesOf(contents) });
        } finally {
          making -= 1;
        }
      };
      return { etag: tagOf(key, version), read: () => memo.get(key, version, make) };
    },
  };
}

type Making = { readonly store: Store; readonly sources: Parameters<Handler['answer']>[0] };

async function makeAnswer(
  handler: Handler,
  asked: Asked,
  { store, sources }: Making,
): Promise<StoredAnswer> {
  const body = await handler.answer(sources, asked).catch((error: unknown) => {
    throw error instanceof UserError ? inWords(error, store) : error;
  });
  return storedAnswer(withHead(body));
}

/** What all answers begin with. */
function withHead(body: object): object {
  return { schemaVersion: 1, sonde: sondeVersion, ...body };
}

function storedAnswer(body: object): StoredAnswer {
  const json = new TextEncoder().encode(JSON.stringify(body));
  const compress = async (): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await gzip(json));
  let compressed: Promise<Uint8Array<ArrayBuffer>> | null = null;
  return {
    json,
    gzip: async () => (json.length < shortest ? null : await (compressed ??= compress())),
  };
}

/** What a job refuses, for who asked over the network: where the store lies is none of their business. */
function inWords({ message }: UserError, { dir }: Store): HttpError {
  return new HttpError('conflict', message.replaceAll(dir, 'the store'));
}

/** One text for what is the same question. */
function keyOf(path: string, { params, query }: Asked): string {
  const sorted = Object.entries(query).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([path, Object.values(params), sorted]);
}

function tagOf(key: string, version: string): string {
  const hash = createHash('sha256').update(`${sondeVersion}\n${key}\n${version}`);
  // Weak: the same answer is sent compressed and not.
  return `W/"${hash.digest('hex').slice(0, 32)}"`;
}
