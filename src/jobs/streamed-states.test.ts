import { afterEach, beforeEach, expect, test } from 'vitest';
import { openLocalEngine } from '../engine/index.ts';
import { keepActivations } from './activations.ts';
import { jobContext, type ProgressStep } from './progress.ts';
import { askPrompts, preparePass } from './state-pass.ts';
import { openTinyRun, type TinyRun } from './testing/tiny-run.ts';

let run: TinyRun;
beforeEach(async () => {
  run = await openTinyRun(
    Array.from({ length: 12 }, (_, i) => ['add', `q${i}`, `What is ${1000 + i} and ${i}?`]),
  );
});
afterEach(() => run[Symbol.asyncDispose]());

type Interruption = { readonly afterBatches: number } | { readonly atTokens: number };

/** Numbers of the batches that were there before, and what progress told. */
async function extract(interruption: Interruption | null): Promise<[number[], ProgressStep[]]> {
  const opened = run.checkpoint.opened;
  if (opened === null) throw new Error('no checkpoint');
  const abort = new AbortController();
  // Each question is a batch of its own, four or so of them go through the layers together.
  const streaming = { chunkBytes: 6000, headBytes: 2 ** 20 };
  await using engine = await openLocalEngine(opened, { threads: 1, tokenBudget: 1, streaming });
  const request = {
    suite: run.suite,
    layers: 'all' as const,
    dtype: 'F32' as const,
    render: 'prompt' as const,
  };
  const pass = preparePass(engine, await askPrompts({ opened, request, render: 'prompt' }));
  const pools = ['last'] as const;
  let before: readonly number[] = [];
  const steps: ProgressStep[] = [];
  const progress = (step: ProgressStep): void => {
    steps.push(step);
    const limit =
      interruption !== null && 'atTokens' in interruption ? interruption.atTokens : null;
    if (limit !== null && step.done >= limit) abort.abort();
  };
  const whole = keepActivations(
    run.store,
    {
      ...{ checkpoint: run.checkpoint, request, render: 'prompt', pass, pools },
      async *extract(layers, how) {
        before = [...how.skipBatches].sort((a, b) => a - b);
        let count = 0;
        for await (const batch of engine.extract(pass.prompts, { pool: pools, layers, ...how })) {
          yield batch;
          count += 1;
          const isLast = interruption !== null && 'afterBatches' in interruption;
          if (isLast && count === interruption.afterBatches) abort.abort();
        }
      },
    },
    jobContext({ progress, signal: abort.signal }),
  );
  if (interruption === null) await whole;
  else await expect(whole).rejects.toThrow('aborted');
  return [[...before], steps];
}

test('an interrupted streamed pass keeps all batches that are done, and stops within a layer', async () => {
  await extract({ afterBatches: 1 });
  const [kept] = await extract({ atTokens: 1 });
  expect(kept.length).toBeGreaterThan(1);
  expect(kept.length).toBeLessThan(12);
  // The second start was interrupted inside its first group: nothing came to what was there.
  const [again, steps] = await extract(null);
  expect(again).toEqual(kept);
  const total = steps.at(-1)?.total ?? 0;
  const told = steps.map(({ done }) => done);
  expect(told.at(-1)).toBe(total);
  expect(told).toEqual(told.toSorted((a, b) => a - b));
  // More often than a batch comes out: the layers of a group are told.
  expect(told.length).toBeGreaterThan(2 * (12 - kept.length));
});
