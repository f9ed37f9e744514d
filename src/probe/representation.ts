import { type Activations, type ProbePool, readStates } from './activations.ts';
import type { NamedTensor } from './estimator.ts';
import type { Reads } from './architectures.ts';
import { JOINT_WIDTH, leadingBasis, scaledBasis } from './axes.ts';
import type { Kernel } from './kernel.ts';
import { layerGrid, type StateGrid, tokenGrid } from './state-grid.ts';

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
   */
  readonly standardise: 'none' | 'task';
  /** Most components that are kept. @default 128 */
  readonly components: number;
};

export type Representation = {
  readonly options: RepresentationOptions;
  readonly hidden: number;
  readonly width: number;
  readonly layers: readonly LayerMap[];
  /** (sum of layer widths, width), its scale included. */
  readonly joint: Float32Array;
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
  return { options, hidden, width: joint.length / total, layers, joint };
}

/** The components of all items of a source: (items, width). */
export async function applyRepresentation(
  representation: Representation,
  source: Omit<RepresentationSource, 'rows'>,
  kernel: Kernel,
): Promise<Float32Array> {
  return joined(representation, await layerParts(representation, source, kernel), kernel);
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

/** What architectures may read of one checkpoint's states. */
export type StateView = {
  /** (items, width). */
  readonly components: Float32Array;
  /** States that an architecture pools itself, by what it reads. */
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
  return { components: await joined(representation, parts, kernel), grids };
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
 * The same maps on states as they are: where tasks are centred at every checkpoint, their means say nothing of drift.
 */
export function withoutCentring(representation: Representation): Representation {
  const { options } = representation;
  if (options.standardise === 'none') return representation;
  return { ...representation, options: { ...options, standardise: 'none' } };
}

async function statesOf(
  source: Omit<RepresentationSource, 'rows'>,
  options: RepresentationOptions,
  { hidden, layer }: { hidden: number; layer: number },
): Promise<Float32Array> {
  const where = { checkpoint: source.checkpoint, items: source.task.length, hidden };
  const states = await readStates(source.activations, where, { pool: options.pool, layer });
  return options.standardise === 'task' ? centredByTask(states, source.task, hidden) : states;
}

/** Minus the task's mean, divided by the standard deviation of what is left, column by column. */
function centredByTask(states: Float32Array, task: Int32Array, hidden: number): Float32Array {
  const byTask = new Map<number, ColumnMoments>();
  task.forEach((t, row) => {
    const moments = byTask.get(t) ?? new ColumnMoments(hidden);
    byTask.set(t, moments);
    moments.add(states.subarray(row * hidden, (row + 1) * hidden));
  });
  const means = new Map([...byTask].map(([t, moments]) => [t, moments.finish().mean]));
  const out = Float32Array.from(states);
  const rest = new ColumnMoments(hidden);
  task.forEach((t, row) => {
    const mean = means.get(t)!;
    const values = out.subarray(row * hidden, (row + 1) * hidden);
    for (let j = 0; j < hidden; j += 1) values[j]! -= mean[j]!;
    rest.add(values);
  });
  const { scale } = rest.finish();
  for (let i = 0; i < out.length; i += 1) out[i]! *= scale[i % hidden]!;
  return out;
}

/** Running mean and variance of columns (Welford). */
class ColumnMoments {
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #count = 0;

  constructor(width: number) {
    this.#mean = new Float64Array(width);
    this.#square = new Float64Array(width);
  }

  add(values: Float32Array): void {
    this.#count += 1;
    for (let j = 0; j < values.length; j += 1) {
      const delta = values[j]! - this.#mean[j]!;
      this.#mean[j]! += delta / this.#count;
      this.#square[j]! += delta * (values[j]! - this.#mean[j]!);
    }
  }

  /** The means, and 1 / standard deviation: 0 for a column that does not vary. */
  finish(): { mean: Float32Array; scale: Float32Array } {
    const scale = Float32Array.from(this.#square, (square, j) => {
      const deviation = Math.sqrt(square / Math.max(1, this.#count));
      return deviation > 1e-6 * (1e-6 + Math.abs(this.#mean[j]!)) ? 1 / deviation : 0;
    });
    return { mean: Float32Array.from(this.#mean), scale };
  }
}

function standardised(states: Float32Array, mean: Float32Array, scale: Float32Array): Float32Array {
  const hidden = mean.length;
  const out = new Float32Array(states.length);
  for (let at = 0; at < out.length; at += hidden) {
    for (let j = 0; j < hidden; j += 1) out[at + j] = (states[at + j]! - mean[j]!) * scale[j]!;
  }
  return out;
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

/** Tensors of a representation, for `restoreRepresentation`. */
export function representationTensors(representation: Representation): NamedTensor[] {
  const { hidden, layers, joint, width } = representation;
  const tensors = layers.flatMap(({ layer, mean, scale, basis, width: own }) => [
    { name: `layer.${layer}.mean`, shape: [hidden], data: mean },
    { name: `layer.${layer}.scale`, shape: [hidden], data: scale },
    ...(basis === null
      ? []
      : [{ name: `layer.${layer}.basis`, shape: [hidden, own], data: basis }]),
  ]);
  return [...tensors, { name: 'joint', shape: [joint.length / width, width], data: joint }];
}
