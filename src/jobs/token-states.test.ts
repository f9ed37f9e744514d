import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeTinyCheckpoint } from '../checkpoint/testing/tiny-checkpoint.ts';
import { openStore, type Store } from '../store/index.ts';
import type { Suite } from '../suite/index.ts';
import { ensureActivations } from './activations.ts';
import type { KnownCheckpoint } from './known-checkpoint.ts';
import { type JobContext, jobContext, type ProgressStep } from './progress.ts';
import { openTinyRun, type TinyRun } from './testing/tiny-run.ts';
import {
  blocksOf,
  ensureTokenStates,
  findTokenStates,
  type TokenStateRequest,
} from './token-states.ts';

let run: TinyRun;
let dir: string;
let store: Store;
let suite: Suite;
let checkpoint: KnownCheckpoint;

beforeEach(async () => {
  run = await openTinyRun();
  ({ dir, store, suite, checkpoint } = run);
});
afterEach(() => run[Symbol.asyncDispose]());

const ask = (
  changes: Partial<TokenStateRequest> = {},
  context: Partial<JobContext> = {},
): ReturnType<typeof ensureTokenStates> => {
  const request = { suite, render: 'prompt', layers: [1], dtype: 'F32', maxTokens: null } as const;
  return ensureTokenStates(store, checkpoint, { ...request, ...changes }, jobContext(context));
};

test('states begin where the prompts of a task part, and are computed once', async () => {
  const steps: ProgressStep[] = [];
  const { file, ...pass } = await ask({ layers: [1, 2] }, { progress: (step) => steps.push(step) });
  const prompts = JSON.parse(file.metadata['promptTokens'] ?? '') as number[];
  const suffixes = JSON.parse(file.metadata['suffixTokens'] ?? '') as number[];
  expect(suffixes[2]).toBe(0);
  expect(file.lengths).toEqual(Int32Array.from(suffixes.with(2, 1)));
  expect(file.items).toEqual(['a', 'b', 'c', 'd']);
  expect(file.layers).toEqual([1, 2]);
  expect(blocksOf(file)).toBe(2);
  const total = prompts.reduce((sum, length) => sum + length, 0);
  expect({ render: pass.render, tokens: pass.tokens }).toEqual({ render: 'prompt', tokens: total });
  expect(steps.at(-1)).toMatchObject({ label: `extract ${checkpoint.id}`, done: total, total });

  const again = await ask({ layers: [1, 2] });
  expect({ ...again, file: again.file.path }).toEqual({
    file: file.path,
    render: 'prompt',
    tokens: 0,
    seconds: 0,
  });
});

test('the last token of each question has the state that is pooled as `last`', async () => {
  const { file } = await ask({ layers: 'all', maxTokens: 3 });
  expect(Math.max(...file.lengths)).toBe(3);
  const pooled = await ensureActivations(
    store,
    checkpoint,
    { suite, render: 'prompt', layers: 'all', dtype: 'F32' },
    jobContext(),
  );
  for (const layer of [0, 1, 2]) {
    const last = await pooled.file.states('last', layer);
    const { values, lengths, positions } = await file.read(Int32Array.of(0, 1, 2, 3), [layer]);
    for (let row = 0; row < 4; row += 1) {
      for (let i = 0; i < file.hidden; i += 1) {
        const at = (row * positions + lengths[row]! - 1) * file.hidden + i;
        expect(values[at]).toBeCloseTo(last[row * file.hidden + i]!, 4);
      }
    }
  }
});

test('all layers in F32 serve every request of as many tokens', async () => {
  const whole = await ask({ layers: 'all' });
  for (const request of [{ layers: [0] }, { layers: [2], dtype: 'BF16' as const }]) {
    expect((await ask(request)).file.path).toBe(whole.file.path);
  }
  const other = await ask({ maxTokens: 2 });
  expect(other.file.path).not.toBe(whole.file.path);
  const half = await ask({ dtype: 'BF16', maxTokens: 4 });
  expect(half.tokens).toBeGreaterThan(0);
});

test('an interrupted pass goes on where it was', async () => {
  const stop = new AbortController();
  const reason = new Error('stopped');
  const progress = ({ done }: ProgressStep): void => {
    if (done > 0) stop.abort(reason);
  };
  // One batch holds all: it is in the draft before the signal is looked at.
  await expect(ask({}, { progress, signal: stop.signal })).rejects.toBe(reason);
  expect(await findTokenStates(store, checkpoint, request())).toBeNull();
  const steps: ProgressStep[] = [];
  const { file, tokens } = await ask({}, { progress: (step) => steps.push(step) });
  expect(tokens).toBe(0);
  expect(steps[0]?.resumedAt).toBe(steps[0]?.total);
  const undisturbed = await openStore(join(dir, 'other'));
  const { file: same } = await ensureTokenStates(undisturbed, checkpoint, request(), jobContext());
  expect(readFileSync(file.path)).toEqual(readFileSync(same.path));
  await undisturbed[Symbol.asyncDispose]();
});

const request = (): TokenStateRequest => ({
  ...{ suite, render: 'prompt', layers: [1], dtype: 'F32', maxTokens: null },
});

test.each([
  ['other weights', (weights: Buffer) => weights, 'its weights changed during the pass'],
  ['half a file', (weights: Buffer) => weights.subarray(0, 5000), 'its weights changed during'],
  ['a malformed file', (weights: Buffer) => Buffer.concat([weights, weights]), 'expected 32264'],
])('%s in place of those that were opened leave nothing', async (_, content, message) => {
  const other = await writeTinyCheckpoint(join(dir, 'other'), { family: 'qwen3', seed: 1 });
  const fresh = join(dir, 'fresh');
  await writeFile(fresh, content(readFileSync(join(other, 'model.safetensors'))));
  const progress = ({ done }: ProgressStep): void => {
    if (done > 0) renameSync(fresh, join(dir, 'run', 'step10', 'model.safetensors'));
  };
  await expect(ask({}, { progress })).rejects.toThrow(message);
  const left = readdirSync(join(dir, '.sonde', 'token-states'), { recursive: true });
  expect(left.filter((name) => String(name).includes('safetensors'))).toEqual([]);
});

test('a folder that is gone is named', async () => {
  const gone = { ...checkpoint, opened: null };
  await expect(ensureTokenStates(store, gone, request(), jobContext())).rejects.toThrow(
    `\`${checkpoint.id}\`: its states of suite \`sums\` are not in the store, and its folder is not there to compute them`,
  );
});

test.each([undefined, '', '0', '1.5', 'many'])('%j blocks are refused', (blocks) => {
  const metadata: Record<string, string> = blocks === undefined ? {} : { blocks };
  expect(() => blocksOf({ metadata, path: 'states' })).toThrow(
    `token states: expected metadata \`blocks\`, a whole number from 1, in states, got ${JSON.stringify(blocks ?? null)}; delete the file and extract again`,
  );
});
