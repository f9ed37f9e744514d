import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { writeTinyCheckpoint } from '../../src/checkpoint/testing/tiny-checkpoint.ts';
import { tellsOwnMemory } from '../../src/engine/testing/peak-memory.ts';
import { readFloat32, readSafetensorsHeader } from '../../src/safetensors/index.ts';
import { runJson, runSonde } from '../helpers/run-sonde.ts';

let folder: string;
let checkpoint: string;
let suite: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-limits-'));
  // 32 layers of 256: weights of 109 MB in float32.
  const shape = { family: 'olmo3', layers: 32, hidden: 256, vocabulary: 6400 } as const;
  const options = { ...shape, contextLength: 1024, shards: 4 };
  checkpoint = await writeTinyCheckpoint(join(folder, 'run', 'step1'), options);
  suite = join(folder, 'suite');
  mkdirSync(suite);
  writeFileSync(
    join(suite, 'suite.yaml'),
    'name: words\nversion: 1\ntasks:\n  read: {chance: 0, maxTokens: 1, grader: exact}\n',
  );
  const lines = Array.from({ length: 40 }, (_, i) =>
    JSON.stringify({
      task: 'read',
      id: `q${i}`,
      prompt: `${i} ${'word '.repeat(40)}`,
      target: '1',
    }),
  );
  writeFileSync(join(suite, 'items.jsonl'), `${lines.join('\n')}\n`);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

type Pass = { readonly note: string; readonly peak: number; readonly states: Float32Array };

/**
 * glibc gives blocks of more than 32 MB back at once, such as a matrix of a model that does not fit. The matrices of this
 * shape are a hundred times smaller, and so is the limit.
 */
const scaledMalloc = { MALLOC_MMAP_THRESHOLD_: '300000' };

/** Extracts anew; the largest memory that the process held of its own, in bytes. */
async function extract(name: string, ...limits: string[]): Promise<Pass> {
  const out = join(folder, `${name}.safetensors`);
  let peak = 0;
  const watch = (pid: number): void => {
    try {
      // Between fork and exec the process still is a copy of this one.
      if (!readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('extract')) return;
      const status = readFileSync(`/proc/${pid}/status`, 'utf8');
      peak = Math.max(peak, 1024 * Number(/RssAnon:\s+(\d+)/.exec(status)?.[1] ?? 0));
    } catch {
      // Gone, or not Linux.
    }
  };
  const { code, stderr } = await runSonde(
    [
      '--store',
      join(folder, name),
      'extract',
      checkpoint,
      '--suite',
      suite,
      '--out',
      out,
      ...limits,
    ],
    { watch, env: scaledMalloc },
  );
  expect({ code, stderr }).toMatchObject({ code: 0 });
  const note = stderr.split('\n').find((line) => line.startsWith('note: run/step1: ')) ?? stderr;
  const { tensors } = await readSafetensorsHeader(out);
  return { note, peak, states: await readFloat32(tensors.get('mean')!) };
}

it('says how it goes through the model, and keeps within what it may', async () => {
  const resident = await extract('resident', '--threads', '1', '--memory', '2GB');
  expect(resident.note).toBe(
    'note: run/step1: resident, 1 thread, 1,024 tokens a batch: weights 0.12 GB of 2.0 GB allowed (--memory)',
  );
  const streamed = await extract('streamed', '--threads', '1', '--memory', '240MB');
  expect(streamed.note).toMatch(
    /^note: run\/step1: streamed layer by layer, 1 thread, \d+ tokens a batch: weights 0\.12 GB and a batch do not fit into 0\.24 GB allowed \(--memory\)$/,
  );
  const largest = streamed.states.reduce((most, value, i) => {
    return Math.max(most, Math.abs(value - resident.states[i]!));
  }, 0);
  expect(largest).toBeLessThan(1e-4);
  if (!tellsOwnMemory) return;
  expect(streamed.peak).toBeLessThan(240e6);
  expect(resident.peak).toBeGreaterThan(streamed.peak + 50e6);
});

it('inspect names the way, and limits that are none are refused', async () => {
  type Inspected = { checkpoints: { pass: Record<string, unknown> }[] };
  const { checkpoints } = await runJson<Inspected>([
    ...['--store', join(folder, 'inspect'), 'inspect', checkpoint],
    ...['--threads', '1', '--memory', '300MiB', '--batch-tokens', '77'],
  ]);
  expect(checkpoints[0]!.pass).toMatchObject({
    ...{ mode: 'resident', threads: 1, batchTokens: 77 },
    text: 'resident, 1 thread, 77 tokens a batch: weights 0.12 GB of 0.31 GB allowed (--memory)',
  });
  for (const [option, value, message] of [
    ['--memory', '2', '--memory: expected a size such as 2GB or 512MiB, got `2`'],
    [
      '--memory',
      '100MB',
      '--memory: expected at least 0.19 GB for a pass over `run/step1`, one layer at a time and a prompt of 203 tokens, got 0.10 GB; allow more\n',
    ],
    ['--threads', '0', '--threads: expected a whole number from 1 to 1024, got `0`'],
    [
      '--batch-tokens',
      '1.5',
      '--batch-tokens: expected a whole number from 1 to 1000000, got `1.5`',
    ],
  ] as const) {
    const store = ['--store', join(folder, 'refused')];
    const found = await runSonde([
      ...store,
      'extract',
      checkpoint,
      '--suite',
      suite,
      option,
      value,
    ]);
    expect({ code: found.code, stdout: found.stdout }).toEqual({ code: 2, stdout: '' });
    expect(found.stderr).toContain(message);
  }
});

it('label says what it takes, keeps within it, and refuses what answers cannot be', async () => {
  const args = (...more: string[]): string[] => [
    ...['--store', join(folder, 'labelled'), 'label', checkpoint, '--suite', suite],
    ...['--samples', '1', ...more],
  ];
  const { code, stderr } = await runSonde(args('--memory', '600MB', '--threads', '1'));
  expect({ code, stderr }).toMatchObject({ code: 0 });
  expect(stderr.split('\n')).toContain(
    'note: run/step1: answers are sampled, 1 thread, 1,024 tokens a batch: weights 0.12 GB, twice, of 0.60 GB allowed (--memory)',
  );
  for (const [options, message] of [
    [
      ['--memory', '300MB', '--samples', '2'],
      '--memory: expected at least 0.46 GB for answers of `run/step1` with 128 tokens a batch, got 0.30 GB; all its weights are in memory then: allow more, or ask a server that has it with --server',
    ],
    [
      ['--precision', 'int8'],
      '--precision: expected f32, got `int8`; answers are always sampled in float32, states for probes (sonde extract, fit) may be approximate',
    ],
    [
      ['--server', 'http://localhost:1/v1', '--batch-tokens', '64'],
      '--batch-tokens: expected no --server with it, got http://localhost:1/v1; it is for a checkpoint that answers here',
    ],
  ] as const) {
    const refused = await runSonde(args(...options));
    expect(refused).toEqual({ code: 2, stdout: '', stderr: `sonde: ${message}\n` });
  }
});
