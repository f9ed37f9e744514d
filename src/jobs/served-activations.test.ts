import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startStateTestServer, type StateTestServer } from '../engine/testing/state-test-server.ts';
import { UserError } from '../error/index.ts';
import { readSafetensorsHeader } from '../safetensors/index.ts';
import { ensureActivations, findActivations } from './activations.ts';
import { extract, type ExtractReport } from './extract.ts';
import { jobContext } from './progress.ts';
import type { StateServerRequest } from './served-activations.ts';
import { openTinyRun, type TinyQuestion, type TinyRun } from './testing/tiny-run.ts';

/** Of different lengths: three batches of at most 16. */
const questions: readonly TinyQuestion[] = Array.from({ length: 40 }, (_, i) => [
  ...(['add', `q${i}`, `What is ${i}${'+1'.repeat(i)}?`] as const),
]);

let run: TinyRun;
let folder: string;
let server: StateTestServer;
beforeEach(async () => {
  run = await openTinyRun(questions);
  folder = await mkdtemp(join(tmpdir(), 'sonde-served-'));
  server = await startStateTestServer({ checkpoint: run.checkpoint.opened!, kind: 'vllm', folder });
});
afterEach(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
  await run[Symbol.asyncDispose]();
});

const asked = (changes: Partial<StateServerRequest> = {}): StateServerRequest => ({
  ...{ url: server.url, kind: 'vllm', model: null, apiKey: null, folder, layers: null },
  ...{ concurrency: 2, timeoutMs: 30_000, retry: { retries: 0, minDelayMs: 0, maxDelayMs: 1 } },
  ...changes,
});

const notes: string[] = [];
const context = jobContext({ note: (text) => notes.push(text) });

function extractServed(
  changes: Partial<Parameters<typeof extract>[2]> = {},
): Promise<ExtractReport> {
  const request = {
    ...{ suite: join(run.dir, 'suite'), tasks: null, render: 'prompt' as const },
    checkpoint: run.checkpoint.opened!.dir,
  };
  return extract(
    run.store,
    request,
    {
      ...{ pools: ['last', 'mean'], layers: 'all', dtype: 'f32', out: null, server: asked() },
      ...changes,
    },
    context,
  );
}

test('states of a server are kept, marked, and never taken for those computed here', async () => {
  const report = await extractServed();
  const { origin } = report;
  expect({ ...report, seconds: 0, origin: { ...origin, distance: 0 } }).toEqual({
    ...{ checkpoint: 'run/step10', suite: 'sums', items: questions.length, layers: [0, 1, 2] },
    ...{ precision: null, hidden: 16, pools: ['last', 'mean'], dtype: 'f32', file: report.file },
    ...{ bytes: 2 * 4 * questions.length * 3 * 16, tokens: report.tokens, seconds: 0 },
    origin: { kind: 'vllm', url: server.url, model: 'tiny', dtype: 'F32', distance: 0 },
  });
  expect(origin?.distance).toBeLessThan(1e-5);
  expect(notes.at(-1)).toMatch(
    /^states of tiny at http:\S+, in F32, of a short prompt within [\d.e-]+ % of the checkpoint's own$/,
  );
  const { tensors, metadata } = await readSafetensorsHeader(report.file);
  expect([...tensors.keys()].sort()).toEqual(['last', 'mean']);
  expect(metadata).toMatchObject({ source: 'vllm', sourceDtype: 'F32', layers: '[0,1,2]' });

  const local = { suite: run.suite, render: 'prompt', layers: 'all', dtype: 'F32' } as const;
  expect(await findActivations(run.store, run.checkpoint, local)).toBeNull();
  const own = await ensureActivations(run.store, run.checkpoint, local, context);
  expect(own.file.path).not.toBe(report.file);
  expect(own.file.metadata['source']).toBeUndefined();

  server.requests.length = 0;
  const again = await extractServed();
  expect({ file: again.file, tokens: again.tokens }).toEqual({ file: report.file, tokens: 0 });
  expect(server.requests).toHaveLength(1);
  const last = await extractServed({ pools: ['last'] });
  expect([last.file === report.file, last.tokens]).toEqual([false, report.tokens]);
});

test('an extraction that failed goes on with what is missing', async () => {
  server.faults.push(...Array<null>(30).fill(null), { status: 400 });
  await expect(extractServed({ server: asked({ concurrency: 1 }) })).rejects.toThrow(
    'answered 400 Bad Request: trouble',
  );
  server.requests.length = 0;
  const { tokens, items } = await extractServed({ server: asked({ concurrency: 4 }) });
  // One to know the server by; those of the first batch of 16 are there.
  expect(server.requests).toHaveLength(1 + items - 16);
  const lengths = server.requests.slice(1).map(({ prompt }) => (prompt as number[]).length);
  expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(tokens);
  expect(await readdir(folder)).toEqual([]);
});

test('what a server does not give is refused before anything is asked for', async () => {
  await expect(extractServed({ pools: ['last', 'output'] })).rejects.toThrow(
    new UserError(
      '--pool: expected last or mean with --server, got output; servers give hidden states, not what the output head makes of them',
    ),
  );
  expect(server.requests).toEqual([]);
});
