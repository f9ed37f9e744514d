import { UserError } from '../error/index.ts';
import { type ArchitectureName, architectureOf } from './architectures.ts';
import type { FittedProbe, NamedTensor, ProbeData, Sequences } from './estimator.ts';
import { type History, latestLabelled } from './history.ts';
import { assembleColumns, type ColumnRows, type ColumnSpec } from './item-columns.ts';
import type { Kernel } from './kernel.ts';
import type { LogisticOptions } from './logistic.ts';
import type { StateView } from './representation.ts';
import { sequencesOf } from './state-grid.ts';
import type { TrainingSet } from './training-set.ts';

/** What a head looks at, and how strongly it is held back. */
export type HeadSpec = ColumnSpec & {
  readonly architecture: ArchitectureName;
  readonly states: boolean;
  readonly ridge: Pick<LogisticOptions, 'shared' | 'deviation'>;
  /** Weight of a checkpoint's rows against those of the next labelled one, above 0 to 1. */
  readonly recency: number;
};

/** A head: an estimator on some of the columns, with the scaling of those that are not components. */
export type Head = {
  readonly spec: HeadSpec;
  /** Columns that come from the states. */
  readonly stateWidth: number;
  /** Mean and 1 / deviation of the other columns over the training rows. */
  readonly mean: Float32Array;
  readonly scale: Float32Array;
  readonly fitted: FittedProbe;
};

/** Rows of one checkpoint seen with the history up to one cut. */
export type Segment = ColumnRows & {
  /** States of all items; null where there are none. */
  readonly view: StateView | null;
};

/** How far back in the labelled checkpoints the history of a training row ends: one to five places. */
const CUT_DISTANCES = [1, 2, 3, 5];

/** Rows of one fit: beyond, the oldest checkpoints are left out. */
const MAX_ROWS = 200_000;

export type HeadTraining = {
  readonly set: TrainingSet;
  /** States per checkpoint, or null for heads without states. */
  readonly views: readonly StateView[] | null;
  readonly history: History;
  /** Checkpoints to learn from, ascending. */
  readonly checkpoints: readonly number[];
  readonly items: Int32Array;
};

export type FitHeadWith = {
  readonly kernel: Kernel;
  readonly seed: number;
  readonly tolerance?: number;
  /** Earlier fits to begin from, by kind of head and `scope`; the new one is put there. */
  readonly starts: Map<string, FittedProbe>;
  /** Names what the fit may see: only fits of the same scope are begun from. */
  readonly scope: string;
};

/** Components beyond these have the same weights for all tasks: their deviations cost time and bring nothing. */
const DEVIATING_COMPONENTS = 48;

/** Fits a head; null where its history leaves nothing to learn from (fewer than two labelled checkpoints). */
export async function fitHead(
  training: HeadTraining,
  spec: HeadSpec,
  { kernel, seed, tolerance, starts, scope }: FitHeadWith,
): Promise<Head | null> {
  const rows = trainingRows(training, spec);
  if (rows === null) return null;
  const { data, stateWidth, mean, scale } = rows;
  const options = {
    ridge: spec.ridge,
    sharedOnly: { from: Math.min(DEVIATING_COMPONENTS, stateWidth), to: stateWidth },
    tolerance: tolerance ?? null,
    seed,
  };
  const key = `${scope}: ${spec.architecture}, ${spec.history}, ${stateWidth} of ${data.width}`;
  const architecture = architectureOf(spec.architecture);
  const fitted = await architecture.fit(data, options, { kernel, start: starts.get(key) });
  starts.set(key, fitted);
  return { spec, stateWidth, mean, scale, fitted };
}

/** What the head's estimator learns from, and the scaling of its columns; null where there is nothing. */
export function trainingRows(
  training: HeadTraining,
  spec: HeadSpec,
): (Pick<Head, 'stateWidth' | 'mean' | 'scale'> & { readonly data: ProbeData }) | null {
  const segments = trainingSegments(training, spec);
  const rows = segments.reduce((sum, { segment }) => sum + segment.items.length, 0);
  if (rows === 0) return null;
  const { set, views } = training;
  const stateWidth = readsComponents(spec) ? widthOf(training) : 0;
  const parts = segments.map(({ segment }) => assemble(segment, spec, stateWidth));
  const width = parts[0]!.length / segments[0]!.segment.items.length;
  const features = new Float32Array(rows * width);
  const [task, unit] = [new Int32Array(rows), new Int32Array(rows)];
  const [rate, weight] = [new Float64Array(rows), new Float64Array(rows)];
  const places = { grid: new Int32Array(rows), item: new Int32Array(rows) };
  const answers = meanAnswers(set);
  let row = 0;
  for (const [part, { segment, checkpoint, share }] of segments.entries()) {
    features.set(parts[part]!, row * width);
    segment.items.forEach((item, i) => {
      const n = set.n[checkpoint * set.items.length + item]!;
      task[row + i] = segment.task[i]!;
      unit[row + i] = set.unit[item]!;
      rate[row + i] = set.k[checkpoint * set.items.length + item]! / n;
      weight[row + i] = (share * n) / answers;
      places.grid[row + i] = checkpoint;
      places.item[row + i] = item;
    });
    row += segment.items.length;
  }
  const { mean, scale } = standardiseTail(features, width, stateWidth);
  const sequences = gridsOf(views, spec, places);
  const tasks = set.tasks.length;
  const data = { features, rows, width, task, sequences, tasks, rate, weight, unit };
  return { data, stateWidth, mean, scale };
}

/** Probabilities for the items of a segment. */
export function predictHead(head: Head, segment: Segment, kernel: Kernel): Promise<Float64Array> {
  const { features, width } = headFeatures(head, segment);
  const { task, items, view } = segment;
  const grid = new Int32Array(items.length);
  const sequences = gridsOf(view === null ? null : [view], head.spec, { grid, item: items });
  const rows = { features, rows: task.length, width, task, sequences };
  return head.fitted.predict(rows, kernel);
}

/** What the head reads of the items of a segment: (items, width), scaled as it was fitted. */
export function headFeatures(
  head: Pick<Head, 'spec' | 'stateWidth' | 'mean' | 'scale'>,
  segment: Segment,
): { readonly features: Float32Array; readonly width: number } {
  const features = assemble(segment, head.spec, head.stateWidth);
  const width = head.stateWidth + head.mean.length;
  for (let i = 0; i < features.length; i += 1) {
    const j = (i % width) - head.stateWidth;
    if (j >= 0) features[i] = (features[i]! - head.mean[j]!) * head.scale[j]!;
  }
  return { features, width };
}

function readsComponents(spec: HeadSpec): boolean {
  return spec.states && architectureOf(spec.architecture).reads === 'components';
}

/** The states that the head's architecture pools itself; null for one that reads components, or no states. */
function gridsOf(
  views: readonly StateView[] | null,
  spec: HeadSpec,
  rows: { readonly grid: Int32Array; readonly item: Int32Array },
): Sequences | null {
  const { reads } = architectureOf(spec.architecture);
  if (views === null || !spec.states || reads === 'components') return null;
  const grids = views.flatMap((view) => view.grids.get(reads) ?? []);
  if (grids.length === views.length) return sequencesOf(grids, rows);
  throw new UserError(
    `probe: architecture ${spec.architecture} reads ${reads}, which were not extracted; fit with --probe ${spec.architecture}`,
  );
}

function trainingSegments(
  training: HeadTraining,
  spec: HeadSpec,
): { segment: Segment; checkpoint: number; share: number }[] {
  const { set, views, history, checkpoints, items } = training;
  const segments: { segment: Segment; checkpoint: number; share: number }[] = [];
  let rows = 0;
  for (let at = checkpoints.length - 1; at >= 0; at -= 1) {
    const checkpoint = checkpoints[at]!;
    const labelled = items.filter((i) => set.n[checkpoint * set.items.length + i]! > 0);
    const cuts =
      spec.history === 'none'
        ? [-1]
        : CUT_DISTANCES.flatMap((distance) => checkpoints[at - distance] ?? []);
    const kept: Omit<(typeof segments)[number], 'share'>[] = [];
    for (const cut of cuts) {
      const known =
        spec.history === 'item'
          ? labelled.filter((i) => latestLabelled(history, i, cut) >= 0)
          : labelled;
      if (known.length === 0 || (rows > 0 && rows + known.length > MAX_ROWS)) continue;
      rows += known.length;
      kept.push({
        checkpoint,
        segment: {
          view: spec.states ? (views?.[checkpoint] ?? null) : null,
          columns: set.columns[checkpoint]!,
          history,
          cut,
          position: set.timeline.fitted[checkpoint]!,
          items: known,
          task: known.map((i) => set.task[i]!),
        },
      });
    }
    const weight = spec.recency ** (checkpoints.length - 1 - at);
    segments.push(...kept.map((part) => ({ ...part, share: weight / kept.length })));
  }
  return segments;
}

function widthOf({ views, set }: HeadTraining): number {
  return views === null ? 0 : views[0]!.components.length / set.items.length;
}

/** The rows of a segment before scaling: components, then the columns. */
function assemble(segment: Segment, spec: HeadSpec, stateWidth: number): Float32Array {
  const rows = assembleColumns(spec, segment, stateWidth);
  const { items, view } = segment;
  if (stateWidth === 0 || view === null) return rows;
  const width = rows.length / Math.max(1, items.length);
  items.forEach((item, row) => {
    const components = view.components.subarray(item * stateWidth, (item + 1) * stateWidth);
    rows.set(components, row * width);
  });
  return rows;
}

/** Standardises the columns from `first` on in place. */
function standardiseTail(
  features: Float32Array,
  width: number,
  first: number,
): { mean: Float32Array; scale: Float32Array } {
  const rows = features.length / width;
  const mean = new Float32Array(width - first);
  const scale = new Float32Array(width - first);
  for (let j = first; j < width; j += 1) {
    let sum = 0;
    for (let row = 0; row < rows; row += 1) sum += features[row * width + j]!;
    const centre = Math.fround(sum / rows);
    let square = 0;
    for (let row = 0; row < rows; row += 1) square += (features[row * width + j]! - centre) ** 2;
    const deviation = Math.sqrt(square / rows);
    const factor = Math.fround(deviation > 1e-6 * (1e-3 + Math.abs(centre)) ? 1 / deviation : 0);
    mean[j - first] = centre;
    scale[j - first] = factor;
    for (let row = 0; row < rows; row += 1) {
      features[row * width + j] = (features[row * width + j]! - centre) * factor;
    }
  }
  return { mean, scale };
}

function meanAnswers(set: TrainingSet): number {
  const known = set.n.filter((n) => n > 0);
  return known.reduce((sum, n) => sum + n, 0) / Math.max(1, known.length);
}

/** Tensors of a head, for `restoreHead`. */
export function headTensors(head: Head): NamedTensor[] {
  return [
    { name: 'mean', shape: [head.mean.length], data: head.mean },
    { name: 'scale', shape: [head.scale.length], data: head.scale },
    ...head.fitted.toTensors(),
  ];
}
