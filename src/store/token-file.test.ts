import fc from 'fast-check';
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSafetensorsHeader, writeSafetensors } from '../safetensors/index.ts';
import { openTokenDraft } from './token-draft.ts';
import { openTokenFile, type TokenFile } from './token-file.ts';
import { tokenBytes, type TokenLayout } from './token-layout.ts';
import { planReads } from './token-reads.ts';

const layout: TokenLayout = {
  items: ['a', 'b', 'c', 'd'],
  layers: [0, 3],
  hidden: 2,
  lengths: Int32Array.of(2, 0, 3, 1),
  dtype: 'F32',
  metadata: { checkpoint: 'r/1', suite: 'sums' },
};

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sonde-tokens-'));
  path = join(folder, 'states.safetensors');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Tells item, token, layer and place: `100 · item + 10 · token + 2 · layer place + place`. */
const valueOf = (item: number, token: number, layer: number, place: number): number =>
  100 * item + 10 * token + 2 * layer + place;

function valuesOf(items: readonly number[], { lengths, layers, hidden } = layout): Float32Array {
  const values: number[] = [];
  for (const item of items) {
    for (let token = 0; token < lengths[item]!; token += 1) {
      for (let layer = 0; layer < layers.length; layer += 1) {
        for (let i = 0; i < hidden; i += 1) values.push(valueOf(item, token, layer, i));
      }
    }
  }
  return Float32Array.from(values);
}

async function write(changes: Partial<TokenLayout> = {}): Promise<TokenFile> {
  const draft = await openTokenDraft(path, { ...layout, ...changes }, 'plan');
  draft.write(0, Int32Array.of(2, 0), valuesOf([2, 0]));
  draft.write(1, Int32Array.of(3, 1), valuesOf([3, 1]));
  draft.finish();
  return (await openTokenFile(path))!;
}

/** Gives the only draft in the folder to a process that is gone, as `kill -9` would leave it. */
async function orphanDraft(): Promise<void> {
  const child = spawn(process.execPath, ['--eval', '']);
  await new Promise((resolve) => child.on('close', resolve));
  const [name = ''] = readdirSync(folder);
  const fields = name.split('~');
  fields[3] = String(child.pid);
  renameSync(join(folder, name), join(folder, fields.join('~')));
}

describe('token files', () => {
  it('hold the tokens of each item, whatever the order of the batches', async () => {
    const { read, ...file } = await write();
    expect(file).toEqual({
      path,
      items: layout.items,
      layers: [0, 3],
      hidden: 2,
      lengths: layout.lengths,
      metadata: {
        checkpoint: 'r/1',
        suite: 'sums',
        items: '["a","b","c","d"]',
        layers: '[0,3]',
      },
    });
    expect(await read(Int32Array.of(3, 0, 1), [3])).toEqual({
      values: Float32Array.of(302, 303, 0, 0, 2, 3, 12, 13, 0, 0, 0, 0),
      lengths: Int32Array.of(1, 2, 0),
      positions: 2,
    });
    const { tensors } = await readSafetensorsHeader(path);
    expect([...tensors.values()].map(({ name, dtype, shape }) => [name, dtype, shape])).toEqual([
      ['offsets', 'I64', [5]],
      ['tokens', 'F32', [6, 2, 2]],
    ]);
    expect(tokenBytes(layout)).toBe(
      [...tensors.values()].reduce((sum, { byteLength }) => sum + byteLength, 0),
    );
  });

  it('are not there before they are whole, and a killed write goes on', async () => {
    const killed = await openTokenDraft(path, layout, 'plan');
    killed.write(0, Int32Array.of(2, 0), valuesOf([2, 0]));
    killed.close();
    expect(await openTokenFile(path)).toBeNull();
    await orphanDraft();
    const draft = await openTokenDraft(path, layout, 'plan');
    expect([...draft.finished]).toEqual([0]);
    draft.write(1, Int32Array.of(3, 1), valuesOf([3, 1]));
    draft.finish();
    const file = await openTokenFile(path);
    expect((await file!.read(Int32Array.of(0, 3), [0, 3])).values).toEqual(
      Float32Array.of(0, 1, 10, 11, 2, 3, 12, 13, 300, 301, 0, 0, 302, 303, 0, 0),
    );
    expect(readdirSync(folder)).toEqual(['states.safetensors']);
  });

  it('of another plan begin anew', async () => {
    const killed = await openTokenDraft(path, layout, 'plan');
    killed.write(0, Int32Array.of(2, 0), valuesOf([2, 0]));
    killed.close();
    const draft = await openTokenDraft(path, layout, 'other plan');
    expect([...draft.finished]).toEqual([]);
    draft.discard();
    expect(readdirSync(folder)).toEqual([]);
  });

  it.each(['F16', 'BF16'] as const)('in %s are read as 32-bit floats', async (dtype) => {
    const { read } = await write({ dtype });
    // Up to 256 both hold whole numbers.
    expect((await read(Int32Array.of(0, 2), [0])).values).toEqual(
      Float32Array.of(0, 1, 10, 11, 0, 0, 200, 201, 210, 211, 220, 221),
    );
  });

  it('with 32-bit offsets, as others may write them, are read too', async () => {
    const lengths = Int32Array.of(1, 2);
    const tokens = valuesOf([0, 1], { ...layout, lengths });
    await writeSafetensors(
      path,
      [
        { name: 'tokens', dtype: 'F32', shape: [3, 2, 2], data: tokens },
        { name: 'offsets', dtype: 'I32', shape: [3], data: Int32Array.of(0, 1, 3) },
      ],
      { items: '["a","b"]', layers: '[0,3]' },
    );
    const file = await openTokenFile(path);
    expect(file?.lengths).toEqual(lengths);
    expect((await file!.read(Int32Array.of(1), [3])).values).toEqual(
      Float32Array.of(102, 103, 112, 113),
    );
  });

  it('refuse layers and rows that are not there', async () => {
    const { read } = await write();
    await expect(read(Int32Array.of(0), [1])).rejects.toThrow(
      `token states: layer 1 is not kept in ${path}, which has 0, 3`,
    );
    await expect(read(Int32Array.of(4), [0])).rejects.toThrow('token states: no row 4');
  });

  it.each([
    [[0, 1, 2], [2, 1, 2], 'tensor `tokens` of shape [tokens, 2, hidden]'],
    [[0, 1, 3], [2, 2, 2], 'tensor `offsets` of 3 rising whole numbers from 0 to 2'],
    [[0, 3, 2], [2, 2, 2], 'tensor `offsets` of 3 rising whole numbers from 0 to 2'],
    [[1, 1, 2], [2, 2, 2], 'tensor `offsets` of 3 rising whole numbers from 0 to 2'],
    [[0, 2], [2, 2, 2], 'tensor `offsets` of 3 rising whole numbers from 0 to 2'],
  ])('with offsets %j and tokens of %j are refused', async (offsets, shape, expected) => {
    const count = shape.reduce((product, size) => product * size, 1);
    await writeSafetensors(
      path,
      [
        { name: 'tokens', dtype: 'F32', shape, data: new Float32Array(count) },
        { name: 'offsets', dtype: 'I32', shape: [offsets.length], data: Int32Array.from(offsets) },
      ],
      { items: '["a","b"]', layers: '[0,3]' },
    );
    await expect(openTokenFile(path)).rejects.toThrow(
      `token states: expected ${expected} in ${path}; delete the file and extract again`,
    );
  });
});

describe('planReads', () => {
  it('covers each row once, in reads of 4 MiB at most, with gaps of 64 KiB at most', () => {
    const lengths = fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 30 });
    const picks = fc.array(fc.nat(), { maxLength: 30 });
    const sizes = fc.constantFrom(1, 512, 60_000, 70_000, 5_000_000);
    fc.assert(
      fc.property(lengths, picks, sizes, (counts, picked, bytes) => {
        const offsets = Float64Array.from([0, ...counts], (_, i) =>
          counts.slice(0, i).reduce((sum, count) => sum + count, 0),
        );
        const rows = Int32Array.from(picked, (pick) => pick % counts.length);
        const reads = planReads(rows, { offsets, tokenBytes: bytes });
        const seen = Array.from(rows, (): number[] => []);
        for (const { first, count, pieces } of reads) {
          expect(count === 1 || count * bytes <= 4 * 1024 * 1024).toBe(true);
          let end = first;
          for (const piece of pieces) {
            expect((piece.token - end) * bytes).toBeLessThanOrEqual(64 * 1024);
            end = Math.max(end, piece.token + piece.count);
            for (let i = 0; i < piece.count; i += 1) {
              expect(piece.token + i - offsets[rows[piece.row]!]!).toBe(piece.position + i);
              seen[piece.row]!.push(piece.position + i);
            }
          }
          expect(end).toBe(first + count);
        }
        for (const [i, row] of rows.entries()) {
          const expected = Array.from({ length: counts[row]! }, (_, at) => at);
          expect(seen[i]!.sort((a, b) => a - b)).toEqual(expected);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('reads neighbours together', () => {
    const offsets = Float64Array.of(0, 10, 20, 30, 5000, 5010);
    expect(planReads(Int32Array.of(4, 2, 0), { offsets, tokenBytes: 256 })).toEqual([
      {
        first: 0,
        count: 30,
        pieces: [
          { row: 2, position: 0, token: 0, count: 10 },
          { row: 1, position: 0, token: 20, count: 10 },
        ],
      },
      { first: 5000, count: 10, pieces: [{ row: 0, position: 0, token: 5000, count: 10 }] },
    ]);
  });
});
