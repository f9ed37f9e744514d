import { UserError } from '../error/index.ts';
import type { NamedTensor } from './estimator.ts';
import { choleskyInPlace, choleskySolve, symmetricEigen } from '../stats/index.ts';

/**
 * Maps from one checkpoint's components to another's, learned from the same questions at both, without outcomes.
 * X and Y are (questions, width) row-major, Xc and Yc the same with their columns centred.
 *
 * `procrustes`: x ↦ x R, R the rotation that minimises ‖Xc R − Yc‖, the polar factor of Xcᵀ Yc (Schönemann 1966). Means are
 * turned like everything else, not removed, so that a level keeps its distance. `affine`: x ↦ ȳ + (x − x̄) W with
 * W = (Xcᵀ Xc + λ I)⁻¹ Xcᵀ Yc: more than a turn can be undone, but the mean becomes the reference's, and with it what moved
 * the level on average.
 */
export type AlignmentKind = 'procrustes' | 'affine';

/** What is aligned to: components of some questions at the latest fitted checkpoint. */
export type AlignmentReference = {
  readonly ids: readonly string[];
  /** (questions, width). */
  readonly values: Float32Array;
};

/** x ↦ x · matrix + offset. */
export type AlignmentMap = {
  /** (width, width) row-major. */
  readonly matrix: Float32Array;
  readonly offset: Float32Array;
};

/** Rows of the two sides of a map, question by question. */
type Pairing = { readonly from: Float32Array; readonly to: Float32Array; readonly width: number };

/** Questions of a reference: more say little more about a rotation, and the model carries them. */
const MOST_QUESTIONS = 2048;

/** Below this many shared questions a map would be noise. */
const FEWEST_QUESTIONS = 30;

/** Shared questions behind each aligned component; the weaker components beyond stay as they are. */
const QUESTIONS_PER_COMPONENT = 3;

/** λ of the affine map, as a share of the mean variance of a component (times the questions). */
export const RIDGE_SHARE: number = 0.01;

/** Singular values below this share of the largest are no direction: the two sides have no variance in common there. */
const NO_VARIANCE = 1e-6;

/** Evenly spaced ones of the questions in `rows`, at most 2,048, with their components. */
export function alignmentReference(
  components: Float32Array,
  { ids, rows }: { readonly ids: readonly string[]; readonly rows: Int32Array },
): AlignmentReference {
  const width = components.length / ids.length;
  const count = Math.min(rows.length, MOST_QUESTIONS);
  const kept = Array.from(
    { length: count },
    (_, i) => rows[Math.floor((i * rows.length) / count)]!,
  );
  const values = new Float32Array(count * width);
  kept.forEach((item, i) =>
    values.set(components.subarray(item * width, (item + 1) * width), i * width),
  );
  return { ids: kept.map((item) => ids[item]!), values };
}

/** A reference as tensors; `seen` are the ids of all questions that were learned from, among which its own are. */
export function referenceTensors(
  { ids, values }: AlignmentReference,
  seen: readonly string[],
): NamedTensor[] {
  const places = new Map(seen.map((id, place) => [id, place]));
  const width = values.length / ids.length;
  return [
    {
      name: 'reference.places',
      shape: [ids.length],
      data: Float64Array.from(ids, (id) => places.get(id) ?? -1),
    },
    { name: 'reference.values', shape: [ids.length, width], data: values },
  ];
}

/**
 * The map of a checkpoint's components to the reference's, by the questions that both have: one component for every three
 * of these, the strongest first; the others are left as they are. Throws UserError below 30 shared questions.
 *
 * @param scored components (questions, width) of the checkpoint, and the questions' ids
 */
export function alignmentTo(
  reference: AlignmentReference,
  kind: AlignmentKind,
  scored: {
    readonly checkpoint: string;
    readonly ids: readonly string[];
    readonly components: Float32Array;
  },
): AlignmentMap {
  const { checkpoint, ids, components } = scored;
  const width = reference.values.length / reference.ids.length;
  const rows = new Map(ids.map((id, row) => [id, row]));
  const shared = reference.ids.flatMap((id, to) => {
    const from = rows.get(id);
    return from === undefined ? [] : [{ from, to }];
  });
  if (shared.length < FEWEST_QUESTIONS) {
    throw new UserError(
      `probe: expected ${FEWEST_QUESTIONS} or more of the questions that it was fitted on, to align checkpoint \`${checkpoint}\` by, got ${shared.length}; ` +
        'score them with the others, or fit a probe with --align none',
    );
  }
  const used = Math.min(width, Math.floor(shared.length / QUESTIONS_PER_COMPONENT));
  const leading = (values: Float32Array, places: readonly number[]) => {
    const out = new Float32Array(places.length * used);
    places.forEach((at, i) => out.set(values.subarray(at * width, at * width + used), i * used));
    return out;
  };
  const from = leading(
    components,
    shared.map((pair) => pair.from),
  );
  const to = leading(
    reference.values,
    shared.map((pair) => pair.to),
  );
  const map = fitAlignment(kind, { from, to, width: used });
  return widened(map, used, width);
}

/** The map that takes `from` to `to`. */
export function fitAlignment(kind: AlignmentKind, pairing: Pairing): AlignmentMap {
  const { width } = pairing;
  const [x, y] = [centred(pairing.from, width), centred(pairing.to, width)];
  const cross = crossProduct(x.values, y.values, width);
  if (kind === 'procrustes') {
    return {
      matrix: Float32Array.from(polarFactor(cross, width)),
      offset: new Float32Array(width),
    };
  }
  const matrix = ridgeSolution(crossProduct(x.values, x.values, width), cross, width);
  const offset = Float64Array.from(y.mean);
  for (let i = 0; i < width; i += 1) {
    for (let j = 0; j < width; j += 1) offset[j]! -= x.mean[i]! * matrix[i * width + j]!;
  }
  return { matrix: Float32Array.from(matrix), offset: Float32Array.from(offset) };
}

/** (AᵀA + λ I)⁻¹ B, λ the ridge's share of the mean of A's diagonal; A's zero columns give zeros. */
function ridgeSolution(gram: Float64Array, cross: Float64Array, width: number): Float64Array {
  let trace = 0;
  for (let j = 0; j < width; j += 1) trace += gram[j * width + j]!;
  const factor = Float64Array.from(gram);
  // Without any variance there is nothing to solve: all of the map is its offset.
  const ridge = trace > 0 ? (RIDGE_SHARE * trace) / width : 1;
  for (let j = 0; j < width; j += 1) factor[j * width + j]! += ridge;
  if (!choleskyInPlace(factor, width)) throw new Error('alignment: ridge matrix not positive');
  const out = new Float64Array(width * width);
  const column = new Float64Array(width);
  for (let c = 0; c < width; c += 1) {
    for (let i = 0; i < width; i += 1) column[i] = cross[i * width + c]!;
    choleskySolve(factor, width, column);
    for (let i = 0; i < width; i += 1) out[i * width + c] = column[i]!;
  }
  return out;
}

/**
 * U Vᵀ of M = U S Vᵀ, from MᵀM = V S² Vᵀ as Σ M v vᵀ / s over the directions that have variance. Squaring loses half of the
 * digits of a small s, which shows as columns that are not quite orthonormal: Newton and Schulz's step repairs that.
 */
function polarFactor(m: Float64Array, width: number): Float64Array {
  const { values, vectors } = symmetricEigen(crossProduct(m, m, width), width);
  const largest = Math.sqrt(Math.max(0, values[0] ?? 0));
  const kept = values.filter((v) => v > 0 && Math.sqrt(v) > NO_VARIANCE * largest).length;
  const image = product(m, vectors, width);
  const scaled = new Float64Array(width * width);
  const back = new Float64Array(width * width);
  for (let i = 0; i < width; i += 1) {
    for (let k = 0; k < kept; k += 1) {
      scaled[i * width + k] = image[i * width + k]! / Math.sqrt(values[k]!);
      back[k * width + i] = vectors[i * width + k]!;
    }
  }
  let left: Float64Array = scaled;
  for (let round = 0; round < 2; round += 1) left = polished(left, width);
  return product(left, back, width);
}

/** ½ Q (3 I − QᵀQ): nearer to orthonormal columns, quadratically; columns of zeros stay. */
function polished(q: Float64Array, width: number): Float64Array {
  const correction = crossProduct(q, q, width).map((value) => -0.5 * value);
  for (let j = 0; j < width; j += 1) correction[j * width + j]! += 1.5;
  return product(q, correction, width);
}

function centred(
  values: Float32Array,
  width: number,
): { readonly values: Float64Array; readonly mean: Float64Array } {
  const rows = values.length / width;
  const mean = new Float64Array(width);
  values.forEach((value, i) => (mean[i % width]! += value / rows));
  return { values: Float64Array.from(values, (value, i) => value - mean[i % width]!), mean };
}

/** Aᵀ B for A and B of (rows, width). */
function crossProduct(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const out = new Float64Array(width * width);
  for (let row = 0; row < a.length; row += width) {
    for (let i = 0; i < width; i += 1) {
      const value = a[row + i]!;
      const at = i * width;
      if (value !== 0) for (let j = 0; j < width; j += 1) out[at + j]! += value * b[row + j]!;
    }
  }
  return out;
}

/** A · B for A (rows, width) and B (width, width). */
function product(a: Float64Array, b: Float64Array, width: number): Float64Array {
  const out = new Float64Array(a.length);
  for (let row = 0; row < a.length; row += width) {
    for (let k = 0; k < width; k += 1) {
      const value = a[row + k]!;
      const at = k * width;
      if (value !== 0) for (let j = 0; j < width; j += 1) out[row + j]! += value * b[at + j]!;
    }
  }
  return out;
}

/** The same map on the leading `used` components, and nothing on the others. */
function widened({ matrix, offset }: AlignmentMap, used: number, width: number): AlignmentMap {
  const wide = new Float32Array(width * width);
  const wideOffset = new Float32Array(width);
  for (let i = 0; i < width; i += 1) {
    if (i < used) wide.set(matrix.subarray(i * used, (i + 1) * used), i * width);
    else wide[i * width + i] = 1;
  }
  wideOffset.set(offset);
  return { matrix: wide, offset: wideOffset };
}
