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

test.each([
  ['unknown: 1', 'Unrecognized key: "unknown"'],
  ['checkpoints: { a: { stepp: 1 } }', '`checkpoints → a`: Unrecognized key: "stepp"'],
  ['checkpoints: { a: { step: 1.5 } }', '`checkpoints → a → step`'],
  ['checkpoints: { a: { tokens: -1 } }', '`checkpoints → a → tokens`'],
  ['checkpoints: { a: { stage: late } }', '`checkpoints → a → stage`'],
  ['checkpoints: { a: { flops: .inf } }', '`checkpoints → a → flops`'],
  ['checkpoints: { a: {}, a: {} }', 'Map keys must be unique'],
  ['watch: { probes: [] }', '`watch → probes`'],
  ['watch: { notify: [{ name: a, url_env: "https://x" }] }', '`watch → notify → 0 → url_env`'],
  [
    'watch: { notify: [{ name: a, url_env: A }, { name: a, url_env: B }] }',
    '`watch → notify`: expected names that differ',
  ],
  ['watch: { alerts: { ignore: [dorp] } }', '`watch → alerts → ignore → 0`'],
  ['checkpoints: [', 'expected YAML'],
  ['- 1', '`the file`'],
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
