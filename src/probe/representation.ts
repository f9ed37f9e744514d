import { type Activations, type ProbePool, readStates } from './activations.ts';
import {
  type AlignmentKind,
  type AlignmentReference,
  alignmentReference,
  alignmentTo,
  referenceTensors,
} from './alignment.ts';
import type { NamedTensor } from './estimator.ts';
import type { Reads } from './architectures.ts';
import { JOINT_WIDTH, leadingBasis, scaledBasis } from './axes.ts';
import type { Kernel } from './kernel.ts';
import { layerGrid, type StateGrid, tokenGrid } from './state-grid.ts';
import { centredByTask, ColumnMoments, scaledByCheckpoint, standardised } from './standardise.ts';

/**
 * From hidden states of chosen layers to a few components: each column standardised over the training rows of all
 * fitted checkpoints, layers side by side (each reduced on its own first where they are wide), and the leading principal
 * components of that, scaled by one common factor to unit mean variance. Components of large variance keep it, so a
 * ridge acts on them less.
 */
export type RepresentationOptions = {
  readonly pool: ProbePool;
  readonly layers: readonly number[];
  /**
   * `task` centres the states per task and scales them per checkpoint, from the unlabelled questions that are scored:
   * it removes drift, and with it the level (a probe on them ranks, and takes its level from other features).
   * `checkpoint` scales them per checkpoint and keeps the means: growing norms go, and the level stays.
   */
  readonly standardise: Standardise;
  /** Maps every checkpoint's components to the latest fitted one's, by the questions that both have. @default 'none' */
  readonly align: Align;
  /** Most components that are kept. @default 128 */
  readonly components: number;
};

export type Standardise = 'none' | 'task' | 'checkpoint';

export type Align = 'none' | AlignmentKind;

export type Representation = {
  readonly options: RepresentationOptions;
  readonly hidden: number;
  readonly width: number;
  readonly layers: readonly LayerMap[];
  /** (sum of layer widths, width), its scale included. */
  readonly joint: Float32Array;
  /** What components are aligned to; null where they are not. */
  readonly reference: AlignmentReference | null;
};

type LayerMap = {
  readonly layer: number;
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  /** (hidden, width), or null where the layer is kept whole. */
  readonly basis: Float32Array | null;
  readonly width: number;
};

/** A checkpoint's activations with the rows to learn from. */
export type RepresentationSource = {
  readonly checkpoint: string;
  readonly activations: Activations;
  /** Id of every item. */
  readonly ids: readonly string[];
  /** Task of every item, −1 where unknown. */
  readonly task: Int32Array;
  /** Items whose rows may be learned from. */
  readonly rows: Int32Array;
};

/** Rows that a decomposition is computed from: evenly spaced ones beyond. */
const SAMPLE_ROWS = 4096;

export async function fitRepresentation(
  sources: readonly RepresentationSource[],
  options: RepresentationOptions,
  { hidden, kernel }: { hidden: number; kernel: Kernel },
): Promise<Representation> {
  const count = options.layers.length;
  const whole = count * hidden <= JOINT_WIDTH;
  const layerWidth = whole
    ? hidden
    : Math.min(hidden, options.components, Math.max(16, Math.floor(JOINT_WIDTH / count)));
  const stride = Math.max(
    1,
    Math.ceil(sources.reduce((sum, s) => sum + s.rows.length, 0) / SAMPLE_ROWS),
  );
  const layers: LayerMap[] = [];
  const parts: Float32Array[] = [];
  for (const layer of options.layers) {
    const moments = new ColumnMoments(hidden);
    const sample: Float32Array[] = [];
    let row = 0;
    for (const source of sources) {
      const states = await statesOf(source, options, { hidden, layer });
      for (const item of source.rows) {
        const values = states.subarray(item * hidden, (item + 1) * hidden);
        moments.add(values);
        if (row % stride === 0) sample.push(values.slice());
        row += 1;
      }
    }
    const { mean, scale } = moments.finish();
    const rows = standardised(concatenate(sample), mean, scale);
    const basis = whole ? null : await leadingBasis(rows, hidden, { count: layerWidth, kernel });
    const width = basis === null ? hidden : basis.length / hidden;
    parts.push(basis === null ? rows : await kernel.multiply(rows, basis, hidden));
    layers.push({ layer, mean, scale, basis, width });
  }
  const { values, width: total } = sideBySide(
    parts,
    layers.map((l) => l.width),
  );
  const joint = await scaledBasis(values, total, { count: options.components, kernel });
  const width = joint.length / total;
  const unaligned = { options, hidden, width, layers, joint, reference: null };
  if (options.align === 'none') return unaligned;
  const latest = sources.at(-1)!;
  const components = await applyRepresentation(unaligned, latest, kernel);
  return { ...unaligned, reference: alignmentReference(components, latest) };
}

/** The components of all items of a source: (items, width). */
export async function applyRepresentation(
  representation: Representation,
  source: Omit<RepresentationSource, 'rows'>,
  kernel: Kernel,
): Promise<Float32Array> {
  const parts = await layerParts(representation, source, kernel);
  return aligned(representation, source, await joined(representation, parts, kernel), kernel);
}

/** A layer after the other: standardised, and reduced where the layer is wide. */
async function layerParts(
  { hidden, layers, options }: Representation,
  source: Omit<RepresentationSource, 'rows'>,
  kernel: Kernel,
): Promise<Float32Array[]> {
  const parts: Float32Array[] = [];
  for (const { layer, mean, scale, basis } of layers) {
    const states = standardised(await statesOf(source, options, { hidden, layer }), mean, scale);
    parts.push(basis === null ? states : await kernel.multiply(states, basis, hidden));
  }
  return parts;
}

function joined(
  { layers, joint }: Representation,
  parts: readonly Float32Array[],
  kernel: Kernel,
): Promise<Float32Array> {
  const { values, width } = sideBySide(
    parts,
    layers.map((l) => l.width),
  );
  return kernel.multiply(values, joint, width);
}

/** Components in the space of the latest fitted checkpoint's, where the representation aligns. */
async function aligned(
  { options, reference }: Representation,
  { checkpoint, ids }: Pick<RepresentationSource, 'checkpoint' | 'ids'>,
  components: Float32Array,
  kernel: Kernel,
): Promise<Float32Array> {
  if (reference === null || options.align === 'none') return components;
  const map = alignmentTo(reference, options.align, { checkpoint, ids, components });
  const width = map.offset.length;
  const moved = await kernel.multiply(components, map.matrix, width);
  return moved.map((value, i) => value + map.offset[i % width]!);
}

/** What architectures may read of one checkpoint's states. */
export type StateView = {
  /** (items, width). */
  readonly components: Float32Array;
  /** States that an architecture pools itself, by what it reads; never aligned. */
  readonly grids: ReadonlyMap<Reads, StateGrid>;
};

/** Components and grids of all items of a source. */
export async function viewOf(
  representation: Representation,
  source: Omit<RepresentationSource, 'rows'>,
  kernel: Kernel,
): Promise<StateView> {
  const items = source.task.length;
  const parts = await layerParts(representation, source, kernel);
  const grids = new Map<Reads, StateGrid>([['layers', layerGrid(parts, items)]]);
  const tokens = source.activations.tokenStates;
  if (tokens != null) {
    const columns = tokens.layers.flatMap(
      (layer) => representation.layers.find((map) => map.layer === layer) ?? [],
    );
    if (columns.length === tokens.layers.length) {
      const { positions } = tokens;
      grids.set('layers of tokens', tokenGrid(tokens, tokens.layers, { columns, positions }));
      const [last] = columns.slice(-1);
      grids.set(
        'tokens',
        tokenGrid(tokens, tokens.layers.slice(-1), { columns: [last!], positions }),
      );
    }
  }
  const components = await joined(representation, parts, kernel);
  return { components: await aligned(representation, source, components, kernel), grids };
}

/** The views of several sources, one after the other. */
export async function viewsOf(
  representation: Representation,
  sources: readonly Omit<RepresentationSource, 'rows'>[],
  kernel: Kernel,
): Promise<StateView[]> {
  const views: StateView[] = [];
  for (const source of sources) views.push(await viewOf(representation, source, kernel));
  return views;
}

/**
 * The same maps on states as they are: where tasks are centred at every checkpoint, or all of it is moved to an earlier one,
 * the means say nothing of drift.
 */
export function asTheyAre(representation: Representation): Representation {
  const { options, reference } = representation;
  if (options.standardise !== 'task' && reference === null) return representation;
  const standardise = options.standardise === 'task' ? 'none' : options.standardise;
  return {
    ...representation,
    options: { ...options, standardise, align: 'none' },
    reference: null,
  };
}

async function statesOf(
  source: Omit<RepresentationSource, 'rows'>,
  options: RepresentationOptions,
  { hidden, layer }: { hidden: number; layer: number },
): Promise<Float32Array> {
  const where = { checkpoint: source.checkpoint, items: source.task.length, hidden };
  const states = await readStates(source.activations, where, { pool: options.pool, layer });
  if (options.standardise === 'none') return states;
  return options.standardise === 'task'
    ? centredByTask(states, source.task, hidden)
    : scaledByCheckpoint(states, hidden);
}

function concatenate(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

function sideBySide(
  parts: readonly Float32Array[],
  widths: readonly number[],
): { values: Float32Array; width: number } {
  const width = widths.reduce((sum, value) => sum + value, 0);
  const rows = parts[0]!.length / widths[0]!;
  const values = new Float32Array(rows * width);
  let offset = 0;
  parts.forEach((part, p) => {
    const w = widths[p]!;
    for (let row = 0; row < rows; row += 1) {
      values.set(part.subarray(row * w, (row + 1) * w), row * width + offset);
    }
    offset += w;
  });
  return { values, width };
}

/**
 * Tensors of a representation, for `restoreRepresentation`.
 *
 * @param seen ids of all questions that were learned from: those of a reference are told by their places among them
 */
export function representationTensors(
  representation: Representation,
  seen: readonly string[],
): NamedTensor[] {
  const { hidden, layers, joint, width, reference } = representation;
  const tensors = layers.flatMap(({ layer, mean, scale, basis, width: own }) => [
    { name: `layer.${layer}.mean`, shape: [hidden], data: mean },
    { name: `layer.${layer}.scale`, shape: [hidden], data: scale },
    ...(basis === null
      ? []
      : [{ name: `layer.${layer}.basis`, shape: [hidden, own], data: basis }]),
  ]);
  tensors.push({ name: 'joint', shape: [joint.length / width, width], data: joint });
  return reference === null ? tensors : [...tensors, ...referenceTensors(reference, seen)];
}
