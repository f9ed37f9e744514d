import { copyFileSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadTokenizer } from '../checkpoint/index.ts';
import { UnusableStatesError } from '../error/index.ts';
import { float32ToBfloat16 } from '../safetensors/index.ts';
import type { ActivationDtype } from '../store/index.ts';
import { ensureActivations } from './activations.ts';
import { extract } from './extract.ts';
import { type KnownCheckpoint, resolveCheckpoints } from './known-checkpoint.ts';
import { type JobContext, jobContext } from './progress.ts';
import { openTinyRun, type TinyQuestion, type TinyRun } from './testing/tiny-run.ts';
import { ensureTokenStates } from './token-states.ts';

/** Several batches; the last one, of the shortest prompt, has a token of its own. */
const questions: readonly TinyQuestion[] = [
  ...Array.from({ length: 8 }, (_, i): TinyQuestion => ['add', `q${i}`, `What is ${i} + ${i}?`]),
  ['own', 'short', 'Z'],
];

let run: TinyRun;
let weights: string;
beforeEach(async () => {
  run = await openTinyRun(questions);
  weights = join(run.dir, 'run', 'step10', 'model.safetensors');
});
afterEach(() => run[Symbol.asyncDispose]());

const limits = { threads: 1, batchTokens: 16 };

/** Puts a value into the embedding of the token that only the shortest prompt has. */
async function spoil(value: number): Promise<KnownCheckpoint> {
  const { opened } = run.checkpoint;
  const ids = (await loadTokenizer(opened!)).encodePrompt('Z');
  const table = opened!.tensors.get('model.embed_tokens.weight')!;
  const handle = await open(weights, 'r+');
  const bits = float32ToBfloat16(Float32Array.of(value));
  await handle.write(new Uint8Array(bits.buffer), 0, 2, table.offset + 32 * ids[0]! + 10);
  await handle.close();
  const [checkpoint] = await resolveCheckpoints(run.store, [join(weights, '..')], jobContext());
  return checkpoint!;
}

type Asked = {
  readonly context?: Partial<JobContext>;
  readonly dtype?: ActivationDtype;
  readonly precision?: 'f32' | 'int8';
};

async function pass(
  checkpoint: KnownCheckpoint,
  { context, dtype = 'F32', precision = 'f32' }: Asked = {},
): Promise<unknown> {
  const request = { suite: run.suite, render: 'prompt', layers: 'all', dtype, precision } as const;
  return await ensureActivations(
    run.store,
    checkpoint,
    request,
    jobContext({ limits, ...context }),
  );
}

/** Everything under the store's folders of states. */
const kept = (): string[] =>
  ['activations', 'token-states'].flatMap((name) => {
    try {
      return readdirSync(join(run.store.dir, name), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => entry.name);
    } catch {
      return [];
    }
  });

async function refusal(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(UnusableStatesError);
  return (error as Error).message;
}

test('NaN in the last batch is named with item and layer, and leaves no draft to go on from', async () => {
  const checkpoint = await spoil(Number.NaN);
  expect(await refusal(pass(checkpoint))).toBe(
    '`run/step10`: expected finite hidden states, got NaN at layer 0 of item `short`; the weights hold NaN or infinity, or the model overflows float32',
  );
  expect(kept()).toEqual([]);
});

test('so are states that half precision cannot hold, in the store and in a file', async () => {
  const checkpoint = await spoil(1e5);
  const found = /got (99840|1000\d\d) at layer 0 of item `short`; take --dtype f32 or bf16$/;
  expect(await refusal(pass(checkpoint, { dtype: 'F16' }))).toMatch(found);
  const request = { suite: run.suite, render: 'prompt', layers: [0], dtype: 'F16' } as const;
  const tokens = { ...request, maxTokens: null };
  const context = jobContext({ limits });
  expect(await refusal(ensureTokenStates(run.store, checkpoint, tokens, context))).toMatch(found);
  expect(kept()).toEqual([]);
  await pass(checkpoint);
  const out = join(run.dir, 'states.safetensors');
  const asked = { pools: ['last'], layers: [0, 1], dtype: 'f16', out } as const;
  const written = extract(
    run.store,
    { suite: join(run.dir, 'suite'), tasks: null, render: 'prompt', checkpoint: checkpoint.id },
    asked,
    context,
  );
  expect(await refusal(written)).toMatch(found);
  await expect(readFile(out)).rejects.toThrow('ENOENT');
});

const changes: Readonly<Record<string, { change: () => void; found: RegExp }>> = {
  'was written to': {
    change: () => utimesSync(weights, 1e9, 1e9),
    found: /expected weights of \d+ bytes as they were opened, found \d+ bytes written since/,
  },
  'was replaced': {
    change: () => {
      copyFileSync(weights, `${weights}.new`);
      renameSync(`${weights}.new`, weights);
    },
    found: /expected the file of weights that was opened, found another one/,
  },
  'is gone': {
    change: () => rmSync(weights),
    found: /expected weights of at least \d+ bytes, found none/,
  },
  grew: {
    change: () => writeFileSync(weights, 'more', { flag: 'a' }),
    found: /expected weights of \d+ bytes as they were opened, found \d+ bytes written since/,
  },
};

test.each(Object.keys(changes))('a file of weights that %s during a pass ends it', async (name) => {
  const { change, found } = changes[name]!;
  for (const precision of ['f32', 'int8'] as const) {
    const checkpoint = await spoil(precision === 'f32' ? 0.25 : 0.5);
    copyFileSync(weights, `${weights}.kept`);
    let reports = 0;
    const progress = (): void => {
      reports += 1;
      // After the first batch.
      if (reports === 2) change();
    };
    const message = await refusal(pass(checkpoint, { precision, context: { progress } }));
    expect(message).toMatch(found);
    expect(message).toContain(
      `(in ${weights}); the checkpoint changed since it was opened: start again once it is written`,
    );
    expect(kept()).toEqual([]);
    renameSync(`${weights}.kept`, weights);
  }
});

test('two passes over one checkpoint at once both end with the same states', async () => {
  const files = await Promise.all([pass(run.checkpoint), pass(run.checkpoint)]);
  const [a, b] = files as { file: { path: string } }[];
  expect(a!.file.path).toBe(b!.file.path);
  expect(kept()).toHaveLength(1);
});
