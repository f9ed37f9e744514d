import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { bundledCheckpoint } from '../../src/engine/testing/served-states.ts';
import {
  startStateTestServer,
  type StateTestServer,
} from '../../src/engine/testing/state-test-server.ts';
import { readFloat32, readSafetensorsHeader } from '../../src/safetensors/index.ts';
import { runJson, runSonde, series } from '../helpers/run-sonde.ts';

const checkpoint = 'd128L4/stage1-step417-tokens4M';
let folder: string;
let server: StateTestServer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-served-'));
  server = await startStateTestServer({
    ...{ checkpoint: await bundledCheckpoint(), kind: 'vllm-lens', apiKey: 'secret-key' },
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

const extract = (...more: string[]): string[] => [
  ...['extract', checkpoint, '--suite', join(series, 'suite'), '--tasks', 'add'],
  ...['--store', join(folder, '.sonde'), ...more],
];
const env = { OPENAI_API_KEY: 'secret-key' };

it('extract --server writes the states that extract writes', async () => {
  const [own, served] = [join(folder, 'own'), join(folder, 'served')];
  const local = await runJson<{ origin: unknown }>(extract('--out', own));
  expect(local.origin).toBeNull();
  const asked = extract('--server', server.url, '--server-kind', 'vllm-lens', '--out', served);
  const report = await runJson<{ items: number; layers: number[]; origin: object }>(asked, { env });
  expect(report).toMatchObject({
    ...{ items: 140, layers: [0, 1, 2, 3, 4] },
    origin: { kind: 'vllm-lens', url: server.url, model: 'tiny', dtype: 'F32' },
  });
  const files = [await readSafetensorsHeader(own), await readSafetensorsHeader(served)];
  for (const pool of ['last', 'mean']) {
    const [a = new Float32Array(), b = new Float32Array()] = await Promise.all(
      files.map(({ tensors }) => readFloat32(tensors.get(pool)!)),
    );
    expect(b).toHaveLength(a.length);
    expect(Math.max(...a.map((value, i) => Math.abs(value - b[i]!)))).toBeLessThan(1e-5);
  }
  server.requests.length = 0;
  const { tokens } = await runJson<{ tokens: number }>(asked, { env });
  expect({ tokens, requests: server.requests.length }).toEqual({ tokens: 0, requests: 1 });
});

it.each([
  [['--model', 'tiny'], '--model: expected --server with it, got none'],
  [
    ['--server', 'http://127.0.0.1:1'],
    '--server-kind: expected one of vllm, vllm-lens, sglang, got none',
  ],
  [
    ['--server', 'http://127.0.0.1:1', '--server-kind', 'sglang', '--server-dir', '.'],
    '--server-dir: expected --server-kind vllm with it, got sglang',
  ],
])('extract %j says what is wrong', async (options, message) => {
  const { code, stdout, stderr } = await runSonde(extract(...options));
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
});

it('a key that the server does not take is not shown', async () => {
  const asked = extract('--server', server.url, '--server-kind', 'vllm-lens');
  const { code, stderr } = await runSonde(asked, { env: { OPENAI_API_KEY: 'another-key' } });
  expect(code).toBe(2);
  expect(stderr).toContain('answered 401 Unauthorized (the key is read from OPENAI_API_KEY)');
  expect(stderr).not.toContain('another-key');
});
