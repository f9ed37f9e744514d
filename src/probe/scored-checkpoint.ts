import { UserError } from '../error/index.ts';
import { firstNonFinite } from '../stats/index.ts';
import { outputFeatures } from './output-features.ts';
import {
  type Activations,
  checkLayout,
  type ProbeCheckpointFacts,
  type ProbeItem,
  type ProbeLayout,
} from './activations.ts';
import { createHistory, type History } from './history.ts';
import { type Frame, type Heads, predictFrame } from './heads.ts';
import type { Kernel } from './kernel.ts';
import { breakOf } from './break-of.ts';
import { blendLevel } from './level.ts';
import { lengthFeatures } from './length-features.ts';
import type { BaselineName, ProbeModel } from './probe-model.ts';
import { predictPromptBaseline } from './prompt-baseline.ts';
import {
  applyRepresentation,
  type Representation,
  viewOf,
  withoutCentring,
} from './representation.ts';
import { allIndices } from './training-set.ts';
import { createTimeline, distanceFrom, latestBefore, positionOf } from './timeline.ts';
import { trendRates } from './trend.ts';

/** What is scored: activations of some questions at one checkpoint, fitted before or not. */
export type ScoringInput = {
  readonly items: readonly ProbeItem[];
  readonly checkpoint: ProbeCheckpointFacts & Activations;
  readonly layout: ProbeLayout;
  /** Random-weight activations of these items, for the baseline of that name. */
  readonly random?: Activations | null;
};

/**
 * Predictions of every item by the probe and its baselines. A baseline is null where it does not exist, and NaN for an
 * item that it cannot say anything of: what is made of them goes through `knownRows`.
 */
export type ScoredCheckpoint = {
  readonly p: Float64Array;
  readonly baselines: Readonly<Record<BaselineName, Float64Array | null>>;
  /** Index into the probe's tasks, −1 where it never saw the task. */
  readonly task: Int32Array;
  /** Whether the probe was fitted on outcomes of the item. */
  readonly seen: readonly boolean[];
  readonly isFitted: boolean;
  /** Distance on the timeline from the nearest fitted checkpoint; 0 for a fitted one. */
  readonly horizon: number;
  /** What drift is told from: components of the states, never centred per task. */
  readonly driftComponents: Float32Array | null;
};

/** Scores all items. Refuses activations of another layout, by name. */
export async function scoreCheckpoint(
  model: ProbeModel,
  input: ScoringInput,
  kernel: Kernel,
): Promise<ScoredCheckpoint> {
  const { card } = model;
  const { items, checkpoint } = input;
  if (model.representation !== null) {
    checkLayout(card.name, card.layout, input.layout, model.representation.options.pool);
  }
  checkOutput(model, input);
  const index = new Map(card.tasks.map((task, t) => [task, t]));
  const task = Int32Array.from(items, (item) => index.get(item.task) ?? -1);
  const timeline = createTimeline(card.checkpoints);
  const position = positionOf(timeline, checkpoint);
  const isFitted = card.checkpoints.some((fitted) => isSame(fitted, checkpoint));
  const cut = latestBefore(timeline, position);
  const { history, seen } = alignedHistory(model, items, task);
  const base = {
    history,
    cut,
    position,
    items: allIndices(items.length),
    length: lengthFeatures(items),
    task,
    isFitted,
  };
  const frame = await frameOf(base, {
    activations: checkpoint,
    id: checkpoint.id,
    representation: model.representation,
    kernel,
  });
  const ranked = await predictFrame(model.heads, frame, kernel);
  if (ranked.includes(NaN)) throw new Error(`probe ${card.name}: no head for some item`);
  const trend = trendRates(history, timeline, { checkpoint, task });
  // A trend says nothing beyond a break: training goes on with something else.
  const hasTrend = !isFitted && breakOf(card.checkpoints, checkpoint) === null;
  const p = hasTrend ? blendLevel(ranked, trend, { task, share: card.trendShare }) : ranked;
  const blind: Frame = { ...base, view: null, output: null };
  const random = model.baselines.randomWeights;
  const source = input.random ?? null;
  const randomFrame =
    random === null || source === null || (needsOutput(random.heads) && source.output === null)
      ? null
      : await frameOf(base, {
          activations: source,
          id: 'random weights',
          representation: random.representation,
          kernel,
        });
  const promptOnly = await predictPromptBaseline(model.baselines.promptOnly, items, {
    task,
    kernel,
  });
  return {
    p,
    task,
    seen,
    isFitted,
    horizon: isFitted ? 0 : distanceFrom(timeline, position),
    driftComponents: await driftComponentsOf(model, frame, { input, kernel }),
    baselines: {
      ...lastRates(history, task),
      trend,
      historyOnly: await predictFrame(model.baselines.historyOnly, blind, kernel),
      promptOnly: promptOnly.map((value, i) => (task[i]! < 0 ? NaN : value)),
      randomWeights:
        random === null || randomFrame === null
          ? null
          : await predictFrame(random.heads, randomFrame, kernel),
    },
  };
}

/** The baseline's values of some rows; null where it says nothing of one of them. */
export function knownRows(
  values: Float64Array | null,
  rows: readonly number[],
): Float64Array | null {
  if (values === null) return null;
  const picked = Float64Array.from(rows, (i) => values[i]!);
  return picked.includes(NaN) ? null : picked;
}

/** The same weights as far as is known: equal ids, and equal fingerprints where both have one. */
function isSame(fitted: ProbeCheckpointFacts, scored: ProbeCheckpointFacts): boolean {
  const [own, other] = [fitted.fingerprint ?? null, scored.fingerprint ?? null];
  return fitted.id === scored.id && (own === null || other === null || own === other);
}

async function driftComponentsOf(
  { representation }: ProbeModel,
  { view, task }: Frame,
  { input, kernel }: { input: ScoringInput; kernel: Kernel },
): Promise<Float32Array | null> {
  if (representation === null) return null;
  const uncentred = withoutCentring(representation);
  if (uncentred === representation) return view?.components ?? null;
  const { checkpoint } = input;
  const source = { checkpoint: checkpoint.id, activations: checkpoint, task };
  return applyRepresentation(uncentred, source, kernel);
}

function needsOutput(heads: Heads): boolean {
  return [heads.plain, heads.task, heads.item].some((head) => head?.spec.output === true);
}

function checkOutput({ card, heads }: ProbeModel, { checkpoint, items }: ScoringInput): void {
  const { output, id } = checkpoint;
  if (output === null && needsOutput(heads)) {
    throw new UserError(
      `probe \`${card.name}\`: expected output features of checkpoint ${id}, got none; extract pool \`output\``,
    );
  }
  if (output !== null && (output.length !== 4 * items.length || firstNonFinite(output) >= 0)) {
    throw new UserError(
      `checkpoint ${id}: expected finite output features (${items.length}, 4), got ${output.length} numbers; extract them again`,
    );
  }
}

async function frameOf(
  base: Omit<Frame, 'view' | 'output'>,
  from: {
    activations: Activations;
    id: string;
    representation: Representation | null;
    kernel: Kernel;
  },
): Promise<Frame> {
  const { activations, id, representation, kernel } = from;
  const source = { checkpoint: id, activations, task: base.task };
  const view = representation === null ? null : await viewOf(representation, source, kernel);
  const output =
    activations.output === null ? null : outputFeatures(activations.output, base.items);
  return { ...base, view, output };
}

/** The probe's outcome history with one row per item to score, empty rows for items it never saw. */
function alignedHistory(
  model: ProbeModel,
  items: readonly ProbeItem[],
  task: Int32Array,
): { history: History; seen: boolean[] } {
  const { card, outcomes } = model;
  const rows = new Map(card.split.seen.map((id, row) => [id, row]));
  const places = items.map((item) => rows.get(item.id) ?? -1);
  const seenCount = card.split.seen.length;
  const pick = (values: Float64Array) =>
    Float64Array.from(
      card.checkpoints.flatMap((_, c) =>
        places.map((row) => (row < 0 ? 0 : values[c * seenCount + row]!)),
      ),
    );
  const timeline = createTimeline(card.checkpoints);
  const tasks = card.tasks.length;
  // Task rates come from everything the probe saw, not from the items that happen to be scored.
  const full = createHistory(timeline, outcomes, {
    task: Int32Array.from(card.seenTasks),
    count: tasks,
  });
  const history = createHistory(
    timeline,
    { k: pick(outcomes.k), n: pick(outcomes.n) },
    { task, count: tasks },
  );
  return { history: { ...history, taskRate: full.taskRate }, seen: places.map((row) => row >= 0) };
}

/** The rates at the latest fitted checkpoint, of the question (its task where it is unseen) and of the task. */
function lastRates(
  history: History,
  task: Int32Array,
): { persistence: Float64Array; taskMean: Float64Array } {
  const latest = history.positions.length - 1;
  const taskMean = Float64Array.from(task, (t) =>
    t < 0 ? NaN : history.taskRate[latest * history.tasks + t]!,
  );
  const persistence = taskMean.map((rate, i) => {
    const at = latest * history.items + i;
    return history.n[at]! > 0 ? history.k[at]! / history.n[at]! : rate;
  });
  return { persistence, taskMean };
}
