import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runJson, runSonde } from '../helpers/run-sonde.ts';

const checkpoint = 'd128L4/stage1-step781-tokens7M';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-faults-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const command = (store: string): string[] => [
  ...['--store', join(folder, store), 'extract', checkpoint, '--suite', 'suite'],
];

/** Names of the files of states in a store, drafts included. */
const statesIn = (store: string): string[] =>
  readdirSync(join(folder, store, 'activations'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name);

it('two extractions of one checkpoint at once both end with the same states', async () => {
  type Report = { file: string; tokens: number };
  const [a, b] = await Promise.all([
    runJson<Report>(command('shared')),
    runJson<Report>(command('shared')),
  ]);
  expect(a.file).toBe(b.file);
  expect(statesIn('shared')).toHaveLength(1);
  const alone = await runJson<Report>(command('alone'));
  expect(readFileSync(a.file).equals(readFileSync(alone.file))).toBe(true);
});

it.skipIf(process.platform === 'win32')(
  'a disk that takes no more is one clear error',
  async () => {
    const { code, stdout, stderr } = await runSonde([...command('full'), '--json'], {
      fileBlocks: 2000,
    });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.trim().split('\n').at(-1)).toBe(
      'sonde: EFBIG: file too large, ftruncate; a file would be larger than the file system or `ulimit -f` allows: raise it, or name another place with --store',
    );
    expect(statesIn('full')).toEqual([]);
    expect(await runJson(command('full'))).toMatchObject({ items: 2100 });
  },
);
