import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readFloat32, readSafetensorsHeader } from '../../src/safetensors/index.ts';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

let folder: string;
let store: string[];
const suite = ['--suite', 'suite', '--tasks', 'add,count'];
const early = ['stage1-step286-tokens3M', 'stage1-step417-tokens4M', 'stage1-step573-tokens5M'].map(
  (name) => `d128L4/${name}`,
);
const later = 'd128L4/stage1-step781-tokens7M';

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-precision-'));
  store = ['--store', join(folder, 'store')];
  await runJson([...store, 'import', join(series, 'outcomes.csv')]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Extracted = { precision: string; tokens: number };

async function extract(precision: 'f32' | 'int8'): Promise<Extracted & { states: Float32Array }> {
  const out = join(folder, `${precision}.safetensors`);
  const options = [...suite, '--precision', precision, '--out', out];
  const report = await runJson<Extracted>([...store, 'extract', later, ...options]);
  const { tensors, metadata } = await readSafetensorsHeader(out);
  expect(metadata['precision']).toBe(precision);
  return { ...report, states: await readFloat32(tensors.get('last')!) };
}

it('keeps the states of both precisions apart', async () => {
  const int8 = await extract('int8');
  const f32 = await extract('f32');
  expect([int8.precision, f32.precision]).toEqual(['int8', 'f32']);
  expect(f32.tokens).toBe(int8.tokens);
  const squares = (values: Float32Array) => values.reduce((sum, value) => sum + value ** 2, 0);
  const difference = f32.states.map((value, i) => value - int8.states[i]!);
  const error = Math.sqrt(squares(difference) / squares(f32.states));
  expect(error).toBeGreaterThan(0.001);
  expect(error).toBeLessThan(0.03);
  const again = await extract('int8');
  expect({ tokens: again.tokens, states: again.states }).toEqual({
    tokens: 0,
    states: int8.states,
  });
});

it('a probe of int8 reads int8, and nothing else', async () => {
  const fitted = ['--checkpoints', early.join(), '--precision', 'int8', '--name', 'p'];
  const { card } = await runJson<{ card: { layout: { precision: string } } }>([
    ...store,
    'fit',
    ...suite,
    ...fitted,
  ]);
  expect(card.layout.precision).toBe('int8');
  const scores = async (verb: string): Promise<unknown> =>
    await runJson([...store, verb, later, '--probe', 'p']);
  await expect(scores('predict')).resolves.toMatchObject({ checkpoints: [{ checkpoint: later }] });
  await expect(scores('evaluate')).resolves.toMatchObject({ summary: { all: { cells: 2 } } });
  for (const verb of ['predict', 'evaluate']) {
    const options = ['--probe', 'p', '--precision', 'f32'];
    const { code, stdout, stderr } = await runSonde([...store, verb, later, ...options]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain(
      '--precision: probe `p` was fitted on states in int8, got f32; leave --precision out, or fit a probe with --precision f32',
    );
  }
});

it('an unknown precision, and int8 or limits of a pass with a server, are refused', async () => {
  const wrong = await runSonde([...store, 'extract', later, ...suite, '--precision', 'fp8']);
  expect(wrong.code).toBe(2);
  expect(wrong.stderr).toContain('--precision: expected one of f32, int8, got `fp8`');
  const server = ['--server', 'http://localhost:9/v1', '--server-kind', 'vllm-lens'];
  const served = [...suite, '--precision', 'int8', ...server];
  const refused = await runSonde([...store, 'extract', later, ...served]);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('--precision: expected f32 with --server, got int8');
  const limited = [...suite, '--threads', '1', ...server];
  expect((await runSonde([...store, 'extract', later, ...limited])).stderr).toContain(
    'sonde: --threads: expected none with --server, which computes the states; leave it out',
  );
});
