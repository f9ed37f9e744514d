import { UserError } from '../error/index.ts';
import { firstNonFinite } from '../stats/index.ts';
import { pickAnswers } from './implied-answer.ts';
import { type ItemColumns, passColumns } from './item-columns.ts';
import { applyTextComponents } from './text-components.ts';
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
import { calibrated } from './calibration.ts';
import { type DriftReading, readDrift, uncentredComponents } from './drift-reading.ts';
import { blendLevel } from './level.ts';
import { lengthFeatures } from './length-features.ts';
import type { BaselineName, ProbeCard, ProbeModel } from './probe-model.ts';
import { predictPromptBaseline } from './prompt-baseline.ts';
import { type Representation, viewOf } from './representation.ts';
import { allIndices } from './training-set.ts';
import { createTimeline, distanceFrom, latestBefore, positionOf } from './timeline.ts';
import { trendRates } from './trend.ts';

/** What of a probe is looked at when it scores. */
export type ScoringModel = Pick<
  ProbeModel,
  'representation' | 'heads' | 'outcomes' | 'answers' | 'text' | 'baselines'
> & {
  readonly card: Pick<
    ProbeCard,
    | 'name'
    | 'layout'
    | 'tasks'
    | 'checkpoints'
    | 'seenTasks'
    | 'seenTexts'
    | 'trendShare'
    | 'calibration'
  > & { readonly split: Pick<ProbeCard['split'], 'seen'> };
};

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
  /** What the heads read of the items. */
  readonly frame: Frame;
  /** Whether the probe was fitted on outcomes of the item, or of one that asks the same under another id. */
  readonly seen: readonly boolean[];
  readonly isFitted: boolean;
  /** Distance on the timeline from the nearest fitted checkpoint; 0 for a fitted one. */
  readonly horizon: number;
  /** What drift is told by, and how far the latest fitted checkpoint is; null for a fitted one, and without states. */
  readonly drift: { readonly reading: DriftReading; readonly horizon: number } | null;
};

/** Scores all items. Refuses activations of another layout, by name. */
export async function scoreCheckpoint(
  model: ScoringModel,
  input: ScoringInput,
  kernel: Kernel,
): Promise<ScoredCheckpoint> {
  const { card } = model;
  const { items, checkpoint } = input;
  checkLayout(card, {
    layout: input.layout,
    checkpoint: checkpoint.id,
    pool: model.representation?.options.pool ?? null,
  });
  checkPass(model, input);
  const index = new Map(card.tasks.map((task, t) => [task, t]));
  const task = Int32Array.from(items, (item) => index.get(item.task) ?? -1);
  const timeline = createTimeline(card.checkpoints);
  const position = positionOf(timeline, checkpoint);
  const isFitted = card.checkpoints.some((fitted) => isSame(fitted, checkpoint));
  const cut = latestBefore(timeline, position);
  const places = placesOf(card, items);
  const { history, seen } = alignedHistory(model, items, { task, places });
  const base = {
    history,
    cut,
    position,
    items: allIndices(items.length),
    task,
    isFitted,
  };
  const known = await knownColumns(model, items, { places, kernel });
  const ids = items.map(({ id }) => id);
  const frame = await frameOf(base, {
    known,
    ids,
    activations: checkpoint,
    id: checkpoint.id,
    representation: model.representation,
    kernel,
  });
  const ranked = await predictFrame(model.heads, frame, kernel);
  if (ranked.includes(NaN)) throw new Error(`probe ${card.name}: no head for some item`);
  const trend = trendRates(history, timeline, { checkpoint, task });
  // Calibration and trend say nothing beyond a break: training goes on with something else.
  const isAhead = !isFitted && breakOf(card.checkpoints, checkpoint) === null;
  const p = isAhead
    ? blendLevel(calibrated(ranked, card.calibration), trend, { task, share: card.trendShare })
    : ranked;
  const blind: Frame = { ...frame, view: null };
  const random = model.baselines.randomWeights;
  const source = input.random ?? null;
  const randomFrame =
    random === null || source === null || missingOf(random.heads, source) !== null
      ? null
      : await frameOf(base, {
          known,
          ids,
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
    frame,
    seen,
    isFitted,
    horizon: isFitted ? 0 : distanceFrom(timeline, position),
    drift: isFitted ? null : await driftOf(model, frame, { input, kernel }),
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

async function driftOf(
  { representation, heads, card }: ScoringModel,
  frame: Frame,
  { input, kernel }: { input: ScoringInput; kernel: Kernel },
): Promise<ScoredCheckpoint['drift']> {
  if (representation === null) return null;
  const { checkpoint } = input;
  const ids = input.items.map(({ id }) => id);
  const source = { checkpoint: checkpoint.id, activations: checkpoint, ids, task: frame.task };
  const from = { view: frame.view, source };
  const components = await uncentredComponents(representation, from, kernel);
  const of = { components, head: heads.plain, segment: frame, tasks: card.tasks.length };
  const latest = createTimeline(card.checkpoints).fitted.at(-1)!;
  return { reading: await readDrift(of, kernel), horizon: Math.abs(frame.position - latest) };
}

/** Where each item stands among the seen ones; −1 for one that the probe never saw. */
function placesOf({ split }: ScoringModel['card'], items: readonly ProbeItem[]): number[] {
  const rows = new Map(split.seen.map((id, row) => [id, row]));
  return items.map((item) => rows.get(item.id) ?? -1);
}

/** What the questions bring by themselves and from the fit, with a row for each that is scored. */
async function knownColumns(
  { answers, text }: ScoringModel,
  items: readonly ProbeItem[],
  { places, kernel }: { places: readonly number[]; kernel: Kernel },
): Promise<Pick<ItemColumns, 'length' | 'text' | 'answers'>> {
  const texts = items.map((item) => item.text);
  return {
    length: lengthFeatures(items),
    text: text === null ? null : await applyTextComponents(text, texts, kernel),
    answers: answers === null ? null : pickAnswers(answers, places),
  };
}

/** The first of what some head reads and the pass did not bring. */
function missingOf(heads: Heads, { output, nextTokens, likelihood }: Activations): string | null {
  const specs = [heads.plain, heads.task, heads.item].flatMap((head) => head?.spec ?? []);
  if (output === null && specs.some((spec) => spec.output)) return 'output features';
  const needsTokens = specs.some((spec) => spec.answer || spec.likelihood);
  if (nextTokens == null && needsTokens) return 'likeliest next tokens';
  const needsLikelihood = specs.some((spec) => spec.likelihood);
  return likelihood == null && needsLikelihood ? 'likelihoods of the questions' : null;
}

/** Numbers of each pool beside the states, an item. */
const WIDTHS = [
  { pool: 'output', what: 'output features', width: 4 },
  { pool: 'nextTokens', what: 'likeliest next tokens', width: 16 },
  { pool: 'likelihood', what: 'likelihoods', width: 4 },
] as const;

function checkPass({ card, heads }: ScoringModel, { checkpoint, items }: ScoringInput): void {
  const missing = missingOf(heads, checkpoint);
  if (missing !== null) {
    throw new UserError(
      `probe \`${card.name}\`: expected ${missing} of checkpoint ${checkpoint.id}, got none; extract it again`,
    );
  }
  for (const { pool, what, width } of WIDTHS) {
    const values = checkpoint[pool] ?? null;
    if (values === null) continue;
    if (values.length !== width * items.length || firstNonFinite(values) >= 0) {
      throw new UserError(
        `checkpoint ${checkpoint.id}: expected finite ${what} (${items.length}, ${width}), got ${values.length} numbers; extract them again`,
      );
    }
  }
}

async function frameOf(
  base: Omit<Frame, 'view' | 'columns'>,
  from: {
    known: Pick<ItemColumns, 'length' | 'text' | 'answers'>;
    activations: Activations;
    id: string;
    ids: readonly string[];
    representation: Representation | null;
    kernel: Kernel;
  },
): Promise<Frame> {
  const { known, activations, id, representation, kernel } = from;
  const source = { checkpoint: id, activations, ids: from.ids, task: base.task };
  const view = representation === null ? null : await viewOf(representation, source, kernel);
  return { ...base, view, columns: { ...passColumns(activations, base.items), ...known } };
}

/** The probe's outcome history with one row per item to score, empty rows for items it never saw. */
function alignedHistory(
  model: ScoringModel,
  items: readonly ProbeItem[],
  { task, places }: { task: Int32Array; places: readonly number[] },
): { history: History; seen: boolean[] } {
  const { card, outcomes } = model;
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
  const texts = new Set(card.seenTexts);
  const seen = items.map(
    ({ textHashes }, i) => places[i]! >= 0 || textHashes.some((hash) => texts.has(hash)),
  );
  return { history: { ...history, taskRate: full.taskRate }, seen };
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
