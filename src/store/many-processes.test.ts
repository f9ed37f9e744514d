import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openStore } from './store.ts';
import { compileWithImports } from './testing/compiled.ts';

const writer = `
import { openStore } from './store/index.js';
const [dir, name, rounds, items] = process.argv.slice(2);
const store = await openStore(dir);
const record = (item, round) => ({
  suite: 's', task: 't', item: String(item), checkpoint: name + '/step' + round, k: 1, n: 2, kind: 'count',
  run: name, family: null, stage: null, step: round, tokens: null, params: null, paramsNonEmbedding: null,
  flops: null, chance: null, temperature: null, topP: null, seed: null, filter: null, render: null,
  promptSha256: null, fewShot: null, chatTemplate: null, documentHash: null, targetHash: null,
  source: null, loss: null, lossUnit: null,
});
for (let round = 0; round < Number(rounds); round += 1) {
  const records = Array.from({ length: Number(items) }, (_, item) => record(item, round));
  await store.outcomes.write(records, { identity: name + round, name: null, replace: false });
  await store.checkpoints.write('shared', { writer: name, round, filler: 'x'.repeat(100_000) });
  process.stdout.write(round + '\\n');
}
await store[Symbol.asyncDispose]();
`;

let dir = '';
let code = '';
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'processes-'));
  code = await compileWithImports('store/index.ts', `sonde-store-${process.pid}`);
  await writeFile(join(code, 'writer.js'), writer);
});
afterAll(async () => {
  await rm(dir, { recursive: true });
  await rm(code, { recursive: true });
});

function start(store: string, name: string, rounds: number, items: number): ChildProcess {
  const program = [join(code, 'writer.js'), store, name, String(rounds), String(items)];
  return spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
}

test('many processes write at once, and nothing is lost', async () => {
  const folder = join(dir, 'many');
  const children = ['a', 'b', 'c', 'a'].map((name) => start(folder, name, 4, 50));
  const codes = await Promise.all(
    children.map(async (child) => (await once(child, 'exit'))[0] as number),
  );
  expect(codes).toEqual([0, 0, 0, 0]);
  await using store = await openStore(folder);
  expect(await store.outcomes.list()).toHaveLength(3 * 4 * 50);
  expect(await store.checkpoints.read('shared')).toMatchObject({ round: 3 });
}, 60_000);

test('a process that is killed while it writes leaves nothing half-visible', async () => {
  const folder = join(dir, 'killed');
  let acknowledged = 0;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const child = start(folder, `run${attempt}`, 1000, 2000);
    let seen = 0;
    child.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString().split('\n').length - 1;
      if (seen > attempt) child.kill('SIGKILL');
    });
    await once(child, 'exit');
    acknowledged += seen;
    await using store = await openStore(folder);
    const rows = await store.outcomes.status();
    expect(rows.length).toBeGreaterThanOrEqual(acknowledged);
    expect(rows.every(({ items }) => items === 2000)).toBe(true);
    expect(await store.checkpoints.read('shared')).toMatchObject({ id: 'shared' });
  }
  const names = await readdir(folder, { recursive: true });
  const complete = names.filter((name) => /-r0\.parquet$/.test(name) && !name.includes('/.'));
  expect(complete.length).toBeGreaterThanOrEqual(acknowledged);
}, 60_000);
