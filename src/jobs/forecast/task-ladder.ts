/** One task over the models of a ladder: from stored outcomes to accuracies, per item where there are items. */
import { accuracyOfItems, type LadderItems, minLadder } from '../../forecast/index.ts';
import type { Across } from '../../outcomes/index.ts';
import { chooseResults } from './choose-columns.ts';
import { type CommonItems, commonItems, isAsked } from './common-items.ts';
import type { Exclusion } from './exclusion.ts';
import type { ComputedCheckpoint } from './ladder-models.ts';
import type { BenchmarkPart } from './measure.ts';
import {
  type ItemColumn,
  type Measurement,
  measurementOf,
  type TaskAt,
  type TaskOutcomes,
  type TaskResult,
} from './outcome-table.ts';

export type TaskLadder = {
  readonly task: string;
  /** Null where neither suite nor records tell. */
  readonly chance: number | null;
  readonly models: readonly ComputedCheckpoint[];
  readonly accuracy: Float64Array;
  readonly variance: Float64Array | null;
  readonly loss: Float64Array | null;
  readonly items: LadderItems | null;
  /** How another checkpoint is measured on the same questions. */
  readonly part: BenchmarkPart;
};

/** A benchmark's ladder with the parts that it is measured by. */
export type BenchmarkSource = Omit<TaskLadder, 'part'> & {
  readonly parts: readonly BenchmarkPart[];
};

/** A task's ladder, or why there is none. */
export type TaskLadderResult = {
  readonly ladder: TaskLadder | null;
  readonly exclusions: readonly Exclusion[];
  /** What only the user can decide; null where nothing is in the way. */
  readonly problem: string | null;
};

export type TaskSettings = {
  /** As the suite declares it; null: as the records say. */
  readonly chance: number | null;
  readonly across: readonly Across[];
};

type ModelAt = { readonly model: ComputedCheckpoint; readonly at: TaskAt };

/**
 * Item by item where at least four models (or all that have any result) have items; else results of the whole task.
 * Models without a result of the task are left out, and items that not every model was asked.
 */
export function buildTaskLadder(
  task: TaskOutcomes,
  models: readonly ComputedCheckpoint[],
  { chance: statedChance, across }: TaskSettings,
): TaskLadderResult {
  const { task: name } = task;
  const found = models.flatMap((model): ModelAt[] => {
    const at = task.at.get(model.id);
    return at === undefined || at.columns.length + at.results.length === 0 ? [] : [{ model, at }];
  });
  const exclusions: Exclusion[] = models
    .filter((model) => !found.some((one) => one.model === model))
    .map(({ id }) => ({ task: name, checkpoint: id, items: 0, reason: 'no outcome of the task' }));
  if (found.length === 0) {
    const reason = 'no model of the ladder has outcomes of it';
    return refused([{ task: name, checkpoint: null, items: 0, reason }], null);
  }
  const chance = chanceOf(name, found, statedChance);
  if (typeof chance === 'string') return refused(exclusions, chance);
  const built = build(task, found, across);
  if (built.problem !== null) return refused(exclusions, built.problem);
  exclusions.push(...built.exclusions);
  if (built.parts === null) return refused(exclusions, null);
  return {
    ladder: { task: name, chance, ...built.parts },
    exclusions,
    problem: null,
  };
}

function refused(exclusions: readonly Exclusion[], problem: string | null): TaskLadderResult {
  return { ladder: null, exclusions, problem };
}

/** A chance level, null where none is known, or what is wrong with it. */
function chanceOf(
  task: string,
  found: readonly ModelAt[],
  stated: number | null,
): number | null | string {
  const named = found.flatMap(({ at, model }) =>
    at.chances.map((chance) => ({ chance, id: model.id })),
  );
  const [first] = named;
  const other = named.find(({ chance }) => chance !== first?.chance);
  const chance = stated ?? first?.chance ?? null;
  if (stated === null && first !== undefined && other !== undefined) {
    return `task \`${task}\`: expected one chance level, its outcomes say ${first.chance} at \`${first.id}\` and ${other.chance} at \`${other.id}\`: correct the column \`chance\``;
  }
  if (chance === null || chance < 1) return chance;
  return `task \`${task}\`: expected a chance level below 1, found ${chance}: correct the column \`chance\``;
}

type Parts = Omit<TaskLadder, 'task' | 'chance'>;
type Built =
  | { readonly problem: null; readonly parts: Parts | null; readonly exclusions: Exclusion[] }
  | { readonly problem: string };

function build(task: TaskOutcomes, found: readonly ModelAt[], across: readonly Across[]): Built {
  const withItems = found.filter(({ at }) => at.columns.length > 0);
  const useItems =
    withItems.length > 0 && (withItems.length === found.length || withItems.length >= minLadder);
  if (!useItems) return buildFromResults(task, found, across);
  const built = buildFromItems(task, withItems, across);
  if (built.problem !== null) return built;
  const without = found.filter(({ at }) => at.columns.length === 0);
  const reason = 'only a result of the whole task, the others have outcomes per item';
  const exclusions = without.map(
    ({ model }): Exclusion => ({ task: task.task, checkpoint: model.id, items: 0, reason }),
  );
  return { ...built, exclusions: [...exclusions, ...built.exclusions] };
}

function buildFromItems(
  task: TaskOutcomes,
  found: readonly ModelAt[],
  across: readonly Across[],
): Built {
  const chosen = chooseResults(
    task.task,
    found.map(({ model, at }) => ({ checkpoint: model.id, results: at.columns })),
    across,
  );
  if (chosen.problem !== null) return chosen;
  const { results: columns, measurement } = chosen;
  const twice = columns.findIndex((column) => column.twice !== null);
  if (twice >= 0) {
    const at = found[twice]?.model.id ?? '';
    return { problem: askedTwice(task.task, at, columns[twice]?.twice ?? '') };
  }
  const ids = found.map(({ model }) => model.id);
  const common = commonItems(task, ids, columns, across);
  if (common.items.ids.length === 0) {
    const reason = 'no item has outcomes at every model of the ladder';
    const none: Exclusion = { task: task.task, checkpoint: null, items: 0, reason };
    return { problem: null, parts: null, exclusions: [...common.exclusions, none] };
  }
  const parts = itemParts(task.task, found, common, { measurement, across });
  return { problem: null, parts, exclusions: [...common.exclusions] };
}

function itemParts(
  task: string,
  found: readonly ModelAt[],
  { items, prompts, documents, targets }: CommonItems,
  { measurement, across }: { measurement: Measurement; across: readonly Across[] },
): Parts {
  const { accuracy, variance } = accuracyOfItems(items, found.length);
  return {
    models: found.map(({ model }) => model),
    accuracy,
    variance: measurement.kind === 'count' ? variance : null,
    loss: lossOf(found),
    items,
    part: { task, items: items.ids, prompts, documents, targets, measurement, across },
  };
}

function askedTwice(task: string, checkpoint: string, item: string): string {
  return `item \`${item}\` of task \`${task}\` at \`${checkpoint}\`: expected one outcome, found two that were asked in different words or renderings: pass the suite’s folder with --suite, its questions decide`;
}

function buildFromResults(
  task: TaskOutcomes,
  found: readonly ModelAt[],
  across: readonly Across[],
): Built {
  const chosen = chooseResults(
    task.task,
    found.map(({ model, at }) => ({
      checkpoint: model.id,
      results: at.results.length > 0 ? at.results : at.columns.map(asTaskResult),
    })),
    across,
  );
  if (chosen.problem !== null) return chosen;
  const { results, measurement } = chosen;
  const isCount = measurement.kind === 'count';
  return {
    problem: null,
    exclusions: [],
    parts: {
      models: found.map(({ model }) => model),
      accuracy: Float64Array.from(results, ({ k, n }) => (isCount ? k / n : k)),
      variance: isCount ? Float64Array.from(results, samplingVariance) : null,
      loss: lossOf(found),
      items: null,
      part: {
        ...{ task: task.task, items: null, prompts: null, documents: null, targets: null },
        ...{ measurement, across },
      },
    },
  };
}

/** Items summed up, where other models have only the task's result. */
function asTaskResult(column: ItemColumn): TaskResult {
  let [rates, answers] = [0, 0];
  for (let row = 0; row < column.right.length; row += 1) {
    if (!isAsked(column, row)) continue;
    rates += (column.right[row] ?? 0) / (column.answers[row] ?? 1);
    answers += column.answers[row] ?? 0;
  }
  const share = rates / column.count;
  const k = column.kind === 'count' ? share * answers : share;
  return { ...measurementOf(column), k, n: answers };
}

/** Binomial, at Jeffreys' rate: none of n right is not known exactly. */
function samplingVariance({ k, n }: TaskResult): number {
  const share = (k + 0.5) / (n + 1);
  return (share * (1 - share)) / n;
}

/** The task's loss at every model in one unit; null where any lacks it. */
function lossOf(found: readonly ModelAt[]): Float64Array | null {
  const losses = found.flatMap(({ at }) => (at.losses.length === 1 ? at.losses : []));
  const isWhole =
    losses.length === found.length && new Set(losses.map(({ unit }) => unit)).size === 1;
  return isWhole ? Float64Array.from(losses, ({ loss }) => loss) : null;
}
