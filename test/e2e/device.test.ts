import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinyCheckpoint } from '../../src/checkpoint/testing/tiny-checkpoint.ts';
import { readFloat32, readSafetensorsHeader } from '../../src/safetensors/index.ts';
import { openStore } from '../../src/store/index.ts';
import { runJson, runSonde } from '../helpers/run-sonde.ts';
import { hasSoftwareGpu, unpackSoftwareGpu } from '../helpers/software-gpu.ts';

let folder: string;
let checkpoint: string;
let suite: string[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-device-'));
  checkpoint = await writeTinyCheckpoint(join(folder, 'run', 'step1'), { family: 'olmo3' });
  suite = ['--suite', join(folder, 'suite')];
  mkdirSync(join(folder, 'suite'));
  writeFileSync(
    join(folder, 'suite', 'suite.yaml'),
    'name: words\nversion: 1\ntasks:\n  read: {chance: 0, maxTokens: 3, grader: exact}\n',
  );
  const lines = Array.from({ length: 5 }, (_, i) =>
    JSON.stringify({
      task: 'read',
      id: `q${i}`,
      prompt: `${'ab '.repeat(2 + i)}${i}`,
      target: '1',
    }),
  );
  writeFileSync(join(folder, 'suite', 'items.jsonl'), `${lines.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const store = (name: string): string[] => ['--store', join(folder, name)];

async function statesOn(device: string, env: Record<string, string>) {
  const out = join(folder, `${device}.safetensors`);
  const args = [
    ...store(device),
    'extract',
    checkpoint,
    ...suite,
    '--device',
    device,
    '--out',
    out,
  ];
  const { code, stderr } = await runSonde(args, { env });
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const { tensors, metadata } = await readSafetensorsHeader(out);
  return { note: stderr, metadata, states: await readFloat32(tensors.get('mean')!) };
}

/** Question and answer, as the store keeps them. */
async function greedyAnswers(device: string, env: Record<string, string>) {
  const options = ['--samples', '1', '--temperature', '0', '--device', device];
  await runJson([...store(device), 'label', checkpoint, ...suite, ...options], { env });
  await using opened = await openStore(join(folder, device));
  const answers = await opened.answers.list({});
  expect(answers).toHaveLength(5);
  return answers.map(({ item, answer }) => `${item}: ${answer}`).sort();
}

it.runIf(hasSoftwareGpu)(
  'WebGPU, on a GPU in software, gives the states and answers of the processor',
  async () => {
    const env = unpackSoftwareGpu(folder);
    const [cpu, gpu] = [await statesOn('cpu', {}), await statesOn('webgpu', env)];
    expect(gpu.note).toMatch(
      /^note: run\/step1: resident on webgpu, \d+ threads?, 1,024 tokens a batch: weights /m,
    );
    expect([cpu.metadata['device'], gpu.metadata['device']]).toEqual([undefined, 'webgpu']);
    const largest = cpu.states.reduce((most, value, i) => {
      return Math.max(most, Math.abs(value - gpu.states[i]!));
    }, 0);
    expect(cpu.states.some((value) => Math.abs(value) > 0.1)).toBe(true);
    expect(largest).toBeLessThan(1e-5);
    expect(await greedyAnswers('webgpu', env)).toEqual(await greedyAnswers('cpu', {}));
  },
);

it('what a device cannot do is one sentence', async () => {
  for (const [options, message] of [
    [['--device', 'tpu'], 'sonde: --device: expected one of cpu, cuda, webgpu, got `tpu`\n'],
    [
      ['--device', 'webgpu', '--precision', 'int8'],
      'sonde: --precision: expected f32 with --device webgpu, got int8; only the processor has products of whole numbers here\n',
    ],
  ] as const) {
    const args = [...store('none'), 'extract', checkpoint, ...suite, ...options];
    expect(await runSonde(args)).toEqual({ code: 2, stdout: '', stderr: message });
  }
});
