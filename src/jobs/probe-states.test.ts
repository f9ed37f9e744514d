import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ensureActivations } from './activations.ts';
import {
  ensureProbeStates,
  findProbeStates,
  type ProbeStates,
  type WantedStates,
} from './probe-states.ts';
import { jobContext } from './progress.ts';
import { StateCache } from './state-cache.ts';
import { openTinyRun, QUESTIONS, type TinyRun } from './testing/tiny-run.ts';

let run: TinyRun;
beforeEach(async () => {
  run = await openTinyRun();
});
afterEach(() => run[Symbol.asyncDispose]());

const none = (): null => null;
const wanted = (changes: Partial<WantedStates> = {}): WantedStates => ({
  ...{ suite: run.suite, render: 'prompt', exit: 1, tokenLayers: none, ...changes },
});
const at = (): { cache: StateCache; context: ReturnType<typeof jobContext> } => ({
  ...{ cache: new StateCache(), context: jobContext() },
});
const ensure = (changes: Partial<WantedStates> = {}): Promise<ProbeStates> =>
  ensureProbeStates(run.store, run.checkpoint, wanted(changes), at());

test('a pass that ends early reads states of single tokens alone', async () => {
  expect(await findProbeStates(run.store, run.checkpoint, wanted(), at())).toBeNull();
  const { activations, layout, tokens } = await ensure();
  const { output, nextTokens, likelihood, tokenStates } = activations;
  expect([output, nextTokens, likelihood]).toEqual([null, null, null]);
  expect(layout).toEqual({
    ...{ precision: 'f32' },
    ...{ hidden: 16, layers: 3, exit: 1, pools: ['last', 'mean'], suiteHash: run.suite.hash },
    tokenizerHash: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
  });
  expect(tokens).toBeGreaterThan(0);
  expect(existsSync(join(run.store.dir, 'activations'))).toBe(false);
  const [folder = ''] = readdirSync(join(run.store.dir, 'token-states'));
  expect(readdirSync(join(run.store.dir, 'token-states', folder))).toHaveLength(1);

  const whole = await ensureActivations(
    run.store,
    run.checkpoint,
    { suite: run.suite, render: 'prompt', layers: 'all', dtype: 'F32' },
    jobContext(),
  );
  const last = await activations.states('last', 1);
  const expected = await whole.file.states('last', 1);
  expect(last).toHaveLength(expected.length);
  last.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 4));
  const rows = Int32Array.from(QUESTIONS.keys());
  const { values, lengths, positions } = await tokenStates!.read(rows, [1]);
  const mean = await activations.states('mean', 1);
  for (let i = 0; i < mean.length; i += 1) {
    const [row, column] = [Math.floor(i / 16), i % 16];
    let sum = 0;
    for (let token = 0; token < lengths[row]!; token += 1) {
      sum += values[(row * positions + token) * 16 + column]!;
    }
    expect(mean[i]).toBeCloseTo(sum / lengths[row]!, 5);
  }
  await expect(Promise.resolve(activations.states('last', 2))).rejects.toThrow(
    'token states: layer 2 is not kept in',
  );

  const found = await findProbeStates(run.store, run.checkpoint, wanted(), at());
  expect({ layout: found?.layout, tokens: found?.tokens }).toEqual({ layout, tokens: 0 });
  expect(await found?.activations.states('mean', 1)).toEqual(mean);
});

test('a whole pass has all layers, what the output says, and the token states asked for', async () => {
  const [alone, beside] = [
    await ensure({ exit: null }),
    await ensure({ exit: null, tokenLayers: (layers) => [layers - 1] }),
  ];
  expect({ layers: alone.layout.layers, exit: alone.layout.exit }).toEqual({
    layers: 3,
    exit: null,
  });
  expect(alone.activations.output).toHaveLength(4 * QUESTIONS.length);
  expect(alone.activations.tokenStates).toBeNull();
  expect(beside.activations.tokenStates?.layers).toEqual([2]);
  expect(beside.tokens).toBe(alone.tokens);
  const found = await findProbeStates(run.store, run.checkpoint, wanted({ exit: null }), at());
  expect(found?.layout).toEqual(alone.layout);
});
