import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadConfig } from './index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sonde-config-'));
});
afterEach(() => rm(folder, { recursive: true }));

const write = (text: string, name = 'sonde.yaml') => writeFile(join(folder, name), text);

test('facts are found by id and by directory, upwards from the working directory', async () => {
  await write(
    'checkpoints:\n  my7b/step1: { tokens: 4e9, stage: pretrain, params_non_embedding: 6.5e9 }\n  runs/final: { run: other }\n',
  );
  await mkdir(join(folder, 'a', 'b'), { recursive: true });
  const config = await loadConfig(join(folder, 'a', 'b'));
  expect(config.path).toBe(join(folder, 'sonde.yaml'));
  expect(config.factsOf({ id: 'my7b/step1' })).toEqual({
    tokens: 4_000_000_000,
    stage: 'pretrain',
    paramsNonEmbedding: 6_500_000_000,
  });
  expect(config.factsOf({ id: 'runs/x', dir: join(folder, 'runs', 'final') })).toEqual({
    run: 'other',
  });
  expect(config.factsOf({ id: '__proto__' })).toEqual({});
});

test('the folder of the store is looked at last; an absent or empty file states nothing', async () => {
  const elsewhere = await mkdtemp(join(tmpdir(), 'sonde-config-elsewhere-'));
  expect((await loadConfig(elsewhere, { store: join(folder, '.sonde') })).path).toBe(null);
  await write('');
  const config = await loadConfig(elsewhere, { store: join(folder, '.sonde') });
  expect(config.path).toBe(join(folder, 'sonde.yaml'));
  expect(config.factsOf({ id: 'a' })).toEqual({});
  await rm(elsewhere, { recursive: true });
});

test('what is watched for stands as it is written', async () => {
  await write(
    'watch:\n  probes: [a]\n  label: { questions: 20 }\n  notify: [{ name: ops, url_env: OPS_URL }]\n',
  );
  expect((await loadConfig(folder)).watch).toEqual({
    ...{ probes: ['a'], label: { questions: 20 } },
    notify: [{ name: 'ops', url_env: 'OPS_URL' }],
  });
});

test('names are what they are, and headings without anything below state nothing', async () => {
  await write('logs: { __proto__: a/step1, constructor: b/step2 }\ncheckpoints:\n');
  const config = await loadConfig(folder);
  const of = (model: string): string | null =>
    config.checkpointOfLog({ model, revision: null, path: 'log.json' });
  expect(['__proto__', 'constructor', 'toString'].map(of)).toEqual(['a/step1', 'b/step2', null]);
});

test.each([
  ['unknown: 1', '`sonde.yaml`: unknown field `unknown` in the top level (in '],
  ['checkpoints: { a: { stepp: 1 } }', 'unknown field `stepp` in `checkpoints → a`'],
  [
    'checkpoints: { a: { step: 1.5 } }',
    'expected `checkpoints → a → step` to be a whole number of at least 0, got 1.5',
  ],
  [
    'checkpoints: { a: { tokens: -1 } }',
    'expected `checkpoints → a → tokens` to be a whole number of at least 0, got -1',
  ],
  [
    'checkpoints: { a: { stage: late } }',
    'expected `checkpoints → a → stage` to be one of pretrain, midtrain, sft, dpo, rl, got "late"',
  ],
  [
    'checkpoints: { a: { flops: .inf } }',
    'expected `checkpoints → a → flops` to be a number of at least 0, got ',
  ],
  ['checkpoints: { a: 3 }', 'expected `checkpoints → a` to be an object, got 3'],
  [
    'logs: { a/b: [1] }',
    '`sonde.yaml`: expected `logs → a/b` to be the id of a checkpoint, got [1] (in ',
  ],
  ['logs: { a: 3 }', 'expected `logs → a` to be the id of a checkpoint, got 3'],
  ['logs: { a: }', 'expected `logs → a` to be the id of a checkpoint, got null'],
  [
    'logs: evals',
    'expected `logs` to be a table of logs (a file, a folder or a model) and checkpoints, got "evals"',
  ],
  ['checkpoints: { a: {}, a: {} }', 'Map keys must be unique'],
  ['watch: { probes: [] }', '`watch → probes`'],
  ['watch: { notify: [{ name: a, url_env: "https://x" }] }', '`watch → notify → 0 → url_env`'],
  [
    'watch: { notify: [{ name: a, url_env: A }, { name: a, url_env: B }] }',
    'expected `watch → notify` to be a list with names that differ',
  ],
  ['watch: { alerts: { ignore: [dorp] } }', '`watch → alerts → ignore → 0`'],
  ['checkpoints: [', 'expected YAML'],
  ['- 1', 'expected it to be an object, got [1]'],
  [
    `a: &a [1,1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: [*c,*c,*c,*c,*c,*c,*c,*c]`,
    'Excessive alias',
  ],
])('%s is refused with the place', async (text, message) => {
  await write(text);
  await expect(loadConfig(folder)).rejects.toMatchObject({
    name: 'UserError',
    message: expect.stringContaining(message) as string,
  });
  await expect(loadConfig(folder)).rejects.toThrow(join(folder, 'sonde.yaml'));
});
