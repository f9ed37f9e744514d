/** Forecasts as they were made: written once, named by what went in. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../../error/index.ts';
import { type Across, acrossNames } from '../../outcomes/index.ts';
import { canonicalJson, type FrozenDocument, type Store } from '../../store/index.ts';
import { sondeVersion } from '../version.ts';
import type { BenchmarkPart } from './measure.ts';

/** The file of a forecast, as far as it is read again. */
export type FrozenForecast = {
  sonde: string;
  createdAt: string;
  suite: string;
  /** Of the suite's whole content; null where only outcomes are known. */
  suiteHash: string | null;
  render: 'prompt' | 'messages';
  request: {
    source: string | null;
    filter: string | null;
    temperature: number | null;
    topP: number | null;
    fewShot: number | null;
    chatTemplate: string | null;
    across: Across[];
  };
  target: { flops: number; checkpoint: string | null };
  ladder: { checkpoint: string; flops: number }[];
  inputs: { task: string; sha256: string; parts: BenchmarkPart[] }[];
  benchmarks: { task: string; methods: FrozenMethod[] }[];
};

export type FrozenMethod = {
  method: string;
  accuracy: number | null;
  low: number | null;
  high: number | null;
  /** Null in files of early versions, where nothing was computed. */
  intervals: { '0.8': FrozenInterval; '0.95': FrozenInterval } | null;
  verdict: 'predictable' | 'not-predictable';
};

export type FrozenInterval = [low: number, high: number] | [low: null, high: null];

const share = z.number().nullable();
const pair = z.union([z.tuple([z.number(), z.number()]), z.tuple([z.null(), z.null()])]);

const hashes = z.array(z.string().nullable()).nullable();
const acrossSchema = z.array(z.enum(acrossNames)).default([]);

const frozenSchema: z.ZodType<FrozenForecast> = z.object({
  sonde: z.string(),
  createdAt: z.string(),
  suite: z.string(),
  suiteHash: z.string().nullable(),
  render: z.enum(['prompt', 'messages']),
  request: z.object({
    source: z.string().nullable(),
    filter: z.string().nullable(),
    temperature: z.number().nullable(),
    topP: z.number().nullable(),
    fewShot: z.number().nullable().default(null),
    chatTemplate: z.string().nullable().default(null),
    across: acrossSchema,
  }),
  target: z.object({ flops: z.number(), checkpoint: z.string().nullable() }),
  ladder: z.array(z.object({ checkpoint: z.string(), flops: z.number() })),
  inputs: z.array(
    z.object({
      task: z.string(),
      sha256: z.string(),
      parts: z.array(
        z.object({
          task: z.string(),
          items: z.array(z.string()).nullable(),
          prompts: hashes,
          // Files of early versions do not have these.
          documents: hashes.default(null),
          targets: hashes.default(null),
          across: acrossSchema,
          measurement: z.object({
            filter: z.string().nullable(),
            temperature: z.number().nullable(),
            topP: z.number().nullable(),
            fewShot: z.number().nullable().default(null),
            chatTemplate: z.string().nullable().default(null),
            kind: z.enum(['count', 'score']),
            render: z.string().nullable().default(null),
          }),
        }),
      ),
    }),
  ),
  benchmarks: z.array(
    z.object({
      task: z.string(),
      methods: z.array(
        z.object({
          method: z.string(),
          accuracy: share,
          low: share,
          high: share,
          intervals: z.object({ '0.8': pair, '0.95': pair }).nullable(),
          verdict: z.enum(['predictable', 'not-predictable']),
        }),
      ),
    }),
  ),
});

/** The name of a forecast: the same request on the same numbers by the same code has the same one. */
export function forecastId(request: unknown, inputs: readonly string[]): string {
  const identity = canonicalJson({ request, inputs, sonde: sondeVersion });
  return createHash('sha256').update(identity, 'utf8').digest('hex').slice(0, 16);
}

/**
 * When the forecast of that name was first made; null where it never was.
 *
 * @throws UserError where its file was changed: it is not overwritten.
 */
export async function findFrozen(store: Store, id: string): Promise<string | null> {
  const found = await store.forecasts.read(id);
  if (found === null) return null;
  if (found.intact) return String(found.document?.['createdAt']);
  throw new UserError(
    `forecast: the frozen file ${found.path} was changed since it was written; it is not overwritten: restore it, or move it away`,
  );
}

/** Keeps a forecast, unless somebody else did in the meantime; returns when it was first made. */
export async function freeze(
  store: Store,
  id: string,
  document: Readonly<Record<string, unknown>>,
): Promise<string> {
  const createdAt = new Date().toISOString();
  const frozen = { schemaVersion: 1, sonde: sondeVersion, createdAt, ...document };
  if (await store.forecasts.create(id, frozen)) return createdAt;
  return (await findFrozen(store, id)) ?? createdAt;
}

/** What a file says, as far as it can still be read; null where it cannot. */
export function parseFrozen({ document }: FrozenDocument): FrozenForecast | null {
  const parsed = frozenSchema.safeParse(document);
  return parsed.success ? parsed.data : null;
}
