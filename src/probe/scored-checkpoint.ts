import { outputFeatures } from './output-features.ts';
import {
  type Activations,
  checkLayout,
  type ProbeCheckpointFacts,
  type ProbeItem,
  type ProbeLayout,
} from './activations.ts';
import { createHistory, type History } from './history.ts';
import { type Frame, predictFrame } from './heads.ts';
import type { Kernel } from './kernel.ts';
import type { BaselineName, ProbeModel } from './probe-model.ts';
import { predictPromptBaseline } from './prompt-baseline.ts';
import { applyRepresentation, type Representation } from './representation.ts';
import { allIndices } from './training-set.ts';
import { createTimeline, latestBefore, positionOf } from './timeline.ts';
import { trendRates } from './trend.ts';

/** What is scored: activations of some questions at one checkpoint, fitted before or not. */
export type ScoringInput = {
  readonly items: readonly ProbeItem[];
  readonly checkpoint: ProbeCheckpointFacts & Activations;
  readonly layout: ProbeLayout;
  /** Random-weight activations of these items, for the baseline of that name. */
  readonly random?: Activations | null;
};

/** Predictions of every item by the probe and its baselines; a baseline is null where it does not exist. */
export type ScoredCheckpoint = {
  readonly p: Float64Array;
  readonly baselines: Readonly<Record<BaselineName, Float64Array | null>>;
  /** Index into the probe's tasks, −1 where it never saw the task. */
  readonly task: Int32Array;
  /** Whether the probe was fitted on outcomes of the item. */
  readonly seen: readonly boolean[];
  readonly isFitted: boolean;
  /** Distance on the timeline from the latest fitted checkpoint before it; 0 for a fitted one. */
  readonly horizon: number;
  readonly components: Float32Array | null;
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
  const index = new Map(card.tasks.map((task, t) => [task, t]));
  const task = Int32Array.from(items, (item) => index.get(item.task) ?? -1);
  const timeline = createTimeline(card.checkpoints);
  const position = positionOf(timeline, checkpoint);
  const fittedAt = card.checkpoints.findIndex(({ id }) => id === checkpoint.id);
  const cut = latestBefore(timeline, position);
  const { history, seen } = alignedHistory(model, items, task);
  const base = {
    history,
    cut,
    position,
    items: allIndices(items.length),
    task,
    isFitted: fittedAt >= 0,
  };
  const frame = await frameOf(base, {
    activations: checkpoint,
    id: checkpoint.id,
    representation: model.representation,
    kernel,
  });
  const p = predictFrame(model.heads, frame);
  if (p === null) throw new Error(`probe ${card.name}: no head for some item`);
  const blind: Frame = { ...base, components: null, output: null };
  const random = model.baselines.randomWeights;
  const source = input.random ?? null;
  const randomFrame =
    random === null || source === null
      ? null
      : await frameOf(base, {
          activations: source,
          id: 'random weights',
          representation: random.representation,
          kernel,
        });
  return {
    p,
    task,
    seen,
    isFitted: fittedAt >= 0,
    horizon: fittedAt >= 0 || cut < 0 ? 0 : position - timeline.fitted[cut]!,
    components: frame.components,
    baselines: {
      ...lastRates(history, task),
      trend: trendRates(history, card.checkpoints, { checkpoint, task }),
      historyOnly: predictFrame(model.baselines.historyOnly, blind),
      promptOnly: task.includes(-1)
        ? null
        : predictPromptBaseline(model.baselines.promptOnly, items, task),
      randomWeights:
        random === null || randomFrame === null ? null : predictFrame(random.heads, randomFrame),
    },
  };
}

async function frameOf(
  base: Omit<Frame, 'components' | 'output'>,
  from: {
    activations: Activations;
    id: string;
    representation: Representation | null;
    kernel: Kernel;
  },
): Promise<Frame> {
  const { activations, id, representation, kernel } = from;
  const source = { checkpoint: id, activations, task: base.task };
  const components =
    representation === null ? null : await applyRepresentation(representation, source, kernel);
  const output =
    activations.output === null ? null : outputFeatures(activations.output, base.items);
  return { ...base, components, output };
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
): { persistence: Float64Array | null; taskMean: Float64Array | null } {
  if (task.includes(-1)) return { persistence: null, taskMean: null };
  const latest = history.positions.length - 1;
  const taskMean = Float64Array.from(task, (t) => history.taskRate[latest * history.tasks + t]!);
  const persistence = taskMean.map((rate, i) => {
    const at = latest * history.items + i;
    return history.n[at]! > 0 ? history.k[at]! / history.n[at]! : rate;
  });
  return { persistence, taskMean };
}
