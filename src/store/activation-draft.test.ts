import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openActivationDraft } from './activation-draft.ts';
import { openActivationFile } from './activation-file.ts';
import type { ActivationLayout } from './activation-layout.ts';

const layout: ActivationLayout = {
  items: ['a', 'b', 'c'],
  layers: [0, 2],
  hidden: 2,
  pools: ['last', 'output'],
  dtype: 'F32',
  metadata: { checkpoint: 'r/1' },
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-draft-'));
  path = join(folder, 'states.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Values that tell pool, row and place: row 1 of `last` holds 10, 11, 12, 13. */
function valuesOf(rows: readonly number[]): Record<string, Float32Array> {
  const of = (base: number): Float32Array =>
    Float32Array.from(rows.flatMap((row) => [0, 1, 2, 3].map((place) => base + 10 * row + place)));
  return { last: of(0), output: of(100) };
}

/** The number of a process of this machine that is gone. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', '']);
  await new Promise((resolve) => child.on('close', resolve));
  return child.pid ?? 0;
}

/** Gives the only draft in the folder to a process that is gone, as `kill -9` would leave it. */
async function orphanDraft(): Promise<void> {
  const [name = ''] = readdirSync(folder).filter((entry) => entry.endsWith('.draft'));
  const orphan = name.replace(`~${process.pid}~`, `~${String(await deadPid())}~`);
  renameSync(join(folder, name), join(folder, orphan));
}

describe('activation drafts', () => {
  it('become one file of rows in the order of the items', async () => {
    const draft = await openActivationDraft(path, layout, 'plan');
    expect(await openActivationFile(path)).toBeNull();
    draft.write(0, Int32Array.of(2, 0), valuesOf([2, 0]));
    draft.write(1, Int32Array.of(1), valuesOf([1]));
    draft.finish();
    const file = await openActivationFile(path);
    expect(file?.items).toEqual(['a', 'b', 'c']);
    expect([...(await file!.states('last', 2))]).toEqual([2, 3, 12, 13, 22, 23]);
    expect([...(await file!.output())].slice(4, 8)).toEqual([110, 111, 112, 113]);
    expect(file?.metadata['checkpoint']).toBe('r/1');
    expect(readdirSync(folder)).toEqual(['states.safetensors']);
  });

  it('of a dead process are adopted with their finished batches', async () => {
    const killed = await openActivationDraft(path, layout, 'plan');
    killed.write(1, Int32Array.of(1), valuesOf([1]));
    killed.close();
    await orphanDraft();
    const draft = await openActivationDraft(path, layout, 'plan');
    expect([...draft.finished]).toEqual([1]);
    draft.write(0, Int32Array.of(2, 0), valuesOf([2, 0]));
    draft.finish();
    expect([...(await (await openActivationFile(path))!.states('last', 0))]).toEqual([
      0, 1, 10, 11, 20, 21,
    ]);
    expect(readdirSync(folder)).toEqual(['states.safetensors']);
  });

  it('of another boot count only what was flushed', async () => {
    const killed = await openActivationDraft(path, layout, 'plan');
    killed.write(1, Int32Array.of(1), valuesOf([1]));
    killed.close();
    const [name = ''] = readdirSync(folder);
    const journal = join(folder, name, 'journal');
    writeFileSync(journal, 'another-boot\n0\nflushed\n1\n');
    await orphanDraft();
    const draft = await openActivationDraft(path, layout, 'plan');
    expect([...draft.finished]).toEqual([0]);
    draft.close();
  });

  it('of another batch plan are removed', async () => {
    const killed = await openActivationDraft(path, layout, 'old plan');
    killed.write(0, Int32Array.of(0), valuesOf([0]));
    killed.close();
    await orphanDraft();
    const draft = await openActivationDraft(path, layout, 'new plan');
    expect([...draft.finished]).toEqual([]);
    draft.close();
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('of a living process are left alone: both end with the same file', async () => {
    const first = await openActivationDraft(path, layout, 'plan');
    const second = await openActivationDraft(path, layout, 'plan');
    expect([...second.finished]).toEqual([]);
    for (const draft of [first, second]) {
      draft.write(0, Int32Array.of(0, 1, 2), valuesOf([0, 1, 2]));
      draft.finish();
    }
    expect(readdirSync(folder)).toEqual(['states.safetensors']);
    expect([...(await (await openActivationFile(path))!.states('last', 0))]).toEqual([
      0, 1, 10, 11, 20, 21,
    ]);
  });

  it('are gone when they are discarded', async () => {
    const draft = await openActivationDraft(path, layout, 'plan');
    draft.write(0, Int32Array.of(0), valuesOf([0]));
    draft.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it('keep half-width states on request', async () => {
    const draft = await openActivationDraft(path, { ...layout, dtype: 'BF16' }, 'plan');
    draft.write(0, Int32Array.of(0, 1, 2), valuesOf([0, 1, 2]));
    draft.finish();
    const file = await openActivationFile(path);
    expect(file?.tensors.get('last')?.dtype).toBe('BF16');
    expect(file?.tensors.get('output')?.dtype).toBe('F32');
    expect([...(await file!.states('last', 2))]).toEqual([2, 3, 12, 13, 22, 23]);
  });
});
