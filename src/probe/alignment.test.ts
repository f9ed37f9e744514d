import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { UserError } from '../error/index.ts';
import { randomStream } from '../stats/index.ts';
import {
  type AlignmentMap,
  alignmentReference,
  alignmentTo,
  fitAlignment,
  RIDGE_SHARE,
} from './alignment.ts';

type Golden = {
  readonly width: number;
  readonly source: number[];
  readonly reference: number[];
  readonly procrustes: { readonly matrix: number[] };
  readonly affine: { readonly matrix: number[]; readonly offset: number[] };
};

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/alignment.json', import.meta.url), 'utf8'),
) as Golden;
const pairing = {
  from: Float32Array.from(golden.source),
  to: Float32Array.from(golden.reference),
  width: golden.width,
};

/** Within what float32 holds of numbers about 1. */
function close(found: ArrayLike<number>, expected: readonly number[]): void {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(Math.abs(found[i]! - value)).toBeLessThan(2e-6));
}

function apply({ matrix, offset }: AlignmentMap, x: Float32Array): Float32Array {
  const width = offset.length;
  return x.map((_, at) => {
    const [row, j] = [at - (at % width), at % width];
    let sum = offset[j]!;
    for (let i = 0; i < width; i += 1) sum += x[row + i]! * matrix[i * width + j]!;
    return sum;
  });
}

describe('against scipy and numpy', () => {
  test('the rotation of scipy.linalg.orthogonal_procrustes on centred columns', () => {
    const { matrix, offset } = fitAlignment('procrustes', pairing);
    close(matrix, golden.procrustes.matrix);
    expect([...offset]).toEqual(new Array(golden.width).fill(0));
  });

  test('the ridge solution with its offset', () => {
    expect(RIDGE_SHARE).toBe(0.01);
    const { matrix, offset } = fitAlignment('affine', pairing);
    close(matrix, golden.affine.matrix);
    close(offset, golden.affine.offset);
  });
});

const [questions, width] = [90, 4];
const stream = randomStream('alignment');
const ids = Array.from({ length: questions }, (_, i) => `q${i}`);
const own = Float32Array.from(
  { length: questions * width },
  (_, i) => stream.normal() * (4 - (i % width)) + 2,
);
const rows = Int32Array.from(ids, (_, i) => i);
/** The same turned by 0.6 radians in the first two components, and all pushed by 1 along the first before that. */
const turned = own.map((value, at) => {
  const [j, row] = [at % width, at - (at % width)];
  if (j > 1) return value;
  const [a, b] = [own[row]! + 1, own[row + 1]!];
  return j === 0 ? Math.cos(0.6) * a - Math.sin(0.6) * b : Math.sin(0.6) * a + Math.cos(0.6) * b;
});
const pushed = own.map((value, at) => (at % width === 0 ? value + 1 : value));

describe('a checkpoint whose states turned and moved', () => {
  const reference = alignmentReference(own, { ids, rows });
  const scored = { checkpoint: 'later', ids, components: turned };

  test('procrustes undoes the turn and keeps the move', () => {
    const after = apply(alignmentTo(reference, 'procrustes', scored), turned);
    pushed.forEach((value, i) => expect(after[i]!).toBeCloseTo(value, 4));
  });

  test('affine undoes both: the mean is the reference’s', () => {
    const after = apply(alignmentTo(reference, 'affine', scored), turned);
    const mean = (x: Float32Array, j: number) =>
      x.reduce((sum, value, i) => sum + (i % width === j ? value : 0), 0) / questions;
    for (let j = 0; j < width; j += 1) expect(mean(after, j)).toBeCloseTo(mean(own, j), 4);
    expect(Math.abs(mean(pushed, 0) - mean(own, 0))).toBeCloseTo(1, 4);
  });

  test('the order of the questions does not matter, nor do others', () => {
    const order = [...ids.keys()].reverse();
    const shuffled = {
      checkpoint: 'later',
      ids: ['new', ...order.map((i) => ids[i]!)],
      components: Float32Array.from([
        ...[7, 7, 7, 7],
        ...order.flatMap((i) => [...turned.subarray(i * width, (i + 1) * width)]),
      ]),
    };
    expect(alignmentTo(reference, 'procrustes', shuffled)).toEqual(
      alignmentTo(reference, 'procrustes', scored),
    );
  });

  test('a component without variance is dropped, the rest is still a rotation', () => {
    const flat = turned.map((value, i) => (i % width === 3 ? 5 : value));
    const { matrix } = fitAlignment('procrustes', { from: flat, to: own, width });
    const kept = (a: number, b: number) => {
      let sum = 0;
      for (let j = 0; j < width; j += 1) sum += matrix[a * width + j]! * matrix[b * width + j]!;
      return sum;
    };
    for (let a = 0; a < width; a += 1) {
      for (let b = 0; b < width; b += 1)
        expect(kept(a, b)).toBeCloseTo(a === b && a < 3 ? 1 : 0, 5);
    }
  });
});

test('with few shared questions only the strongest components are mapped', () => {
  const wide = 20;
  const values = Float32Array.from({ length: 40 * wide }, () => stream.normal());
  const some = Array.from({ length: 40 }, (_, i) => `q${i}`);
  const all = Int32Array.from(some, (_, i) => i);
  const reference = alignmentReference(values, { ids: some, rows: all });
  const components = values.map((value, i) => value + (i % 3));
  const { matrix } = alignmentTo(reference, 'procrustes', {
    checkpoint: 'c',
    ids: some,
    components,
  });
  const beyond = Array.from({ length: wide - 13 }, (_, i) => 13 + i);
  for (const i of beyond) {
    const row = [...matrix.subarray(i * wide, (i + 1) * wide)];
    expect(row).toEqual(row.map((_, j) => (j === i ? 1 : 0)));
  }
});

test('too few shared questions are refused by name', () => {
  const reference = alignmentReference(own, { ids, rows });
  const scored = { checkpoint: 'run/step9', ids: ids.slice(0, 29), components: own };
  expect(() => alignmentTo(reference, 'affine', scored)).toThrow(
    new UserError(
      'probe: expected 30 or more of the questions that it was fitted on, to align checkpoint `run/step9` by, got 29; ' +
        'score them with the others, or fit a probe with --align none',
    ),
  );
});

test('a reference keeps at most 2,048 questions, evenly spaced', () => {
  const many = Array.from({ length: 5000 }, (_, i) => `q${i}`);
  const values = Float32Array.from(many, (_, i) => i);
  const reference = alignmentReference(values, {
    ids: many,
    rows: Int32Array.from({ length: 4096 }, (_, i) => i + 4),
  });
  expect(reference.ids).toHaveLength(2048);
  expect(reference.ids.slice(0, 3)).toEqual(['q4', 'q6', 'q8']);
  expect([...reference.values.slice(0, 3)]).toEqual([4, 6, 8]);
});
