/** A table of outcomes as benchmarks to forecast: one a task, or the whole suite as one. */
import { UserError } from '../../error/index.ts';
import type { Anchor, Ladder, PanelBenchmark } from '../../forecast/index.ts';
import type { Across } from '../../outcomes/index.ts';
import type { Suite } from '../../suite/index.ts';
import type { Exclusion } from './exclusion.ts';
import { type ComputedCheckpoint, type ParamsCount, toLadderModel } from './ladder-models.ts';
import { type BenchmarkPart, itemRates, measure } from './measure.ts';
import type { OutcomeTable } from './outcome-table.ts';
import { poolTasks } from './pooled.ts';
import { type BenchmarkSource, buildTaskLadder, type TaskLadder } from './task-ladder.ts';

/** What a forecast sees of a benchmark, and how others are measured on it. */
export type CollectedBenchmark = {
  readonly ladder: Ladder;
  readonly models: readonly ComputedCheckpoint[];
  readonly parts: readonly BenchmarkPart[];
};

export type BenchmarksWanted = {
  /** By ascending compute. */
  readonly models: readonly ComputedCheckpoint[];
  readonly anchors: readonly ComputedCheckpoint[];
  /** Chance levels are its tasks', where it has any. */
  readonly questions: Suite | null;
  /** Null: all. Other tasks still serve methods that look at several benchmarks. */
  readonly tasks: readonly string[] | null;
  readonly benchmark: 'task' | 'suite';
  /** Which count of parameters laws of N and D see. */
  readonly params: ParamsCount;
  /** Differences across which outcomes are joined. */
  readonly across: readonly Across[];
};

export type CollectedBenchmarks = {
  readonly benchmarks: readonly CollectedBenchmark[];
  readonly exclusions: readonly Exclusion[];
  /** Tasks whose chance level is not known: taken as 0. */
  readonly withoutChance: readonly string[];
};

/**
 * @throws UserError for a task that there is none of, for outcomes that only the user can decide between, and where
 *   nothing is left to forecast.
 */
export function buildBenchmarks(
  table: OutcomeTable,
  wanted: BenchmarksWanted,
): CollectedBenchmarks {
  const { models, questions, tasks, across } = wanted;
  checkTaskNames(table, wanted);
  const exclusions: Exclusion[] = [];
  const ladders: TaskLadder[] = [];
  const others: TaskLadder[] = [];
  for (const task of taskNames(table, wanted)) {
    const outcomes = table.tasks.get(task) ?? { task, items: [], rows: new Map(), at: new Map() };
    const chance = questions?.tasks.get(task)?.chance ?? null;
    const built = buildTaskLadder(outcomes, models, { chance, across });
    const isAsked = tasks?.includes(task) ?? true;
    if (!isAsked && built.ladder !== null) others.push(built.ladder);
    if (!isAsked) continue;
    if (built.problem !== null) throw new UserError(`outcomes: ${built.problem}`);
    exclusions.push(...built.exclusions);
    if (built.ladder !== null) ladders.push(built.ladder);
  }
  const pooled =
    wanted.benchmark === 'suite' ? poolTasks(ladders, models.length, exclusions) : null;
  const sources = pooled ?? ladders.map(asBenchmark);
  if (sources.length === 0) throw nothingLeft(table, wanted, exclusions);
  const panel = createPanel(table, [...ladders, ...others], wanted);
  return {
    benchmarks: sources.map((source) => panel.complete(source)),
    exclusions,
    withoutChance: ladders.filter(({ chance }) => chance === null).map(({ task }) => task),
  };
}

function asBenchmark({ part, ...ladder }: TaskLadder): BenchmarkSource {
  return { ...ladder, parts: [part] };
}

function taskNames(table: OutcomeTable, { models, questions, tasks }: BenchmarksWanted): string[] {
  // Tasks that only a target or an anchor was measured on are none of the ladder's.
  const measured = [...table.tasks.values()]
    .filter(({ at }) => models.some(({ id }) => at.has(id)))
    .map(({ task }) => task);
  const stated = questions === null ? [] : [...questions.tasks.keys()];
  return [...new Set([...measured, ...stated, ...(tasks ?? [])])].sort();
}

function checkTaskNames(table: OutcomeTable, { questions, tasks }: BenchmarksWanted): void {
  const known = questions === null ? [...table.tasks.keys()] : [...questions.tasks.keys()];
  const unknown = tasks?.find((task) => !known.includes(task));
  if (unknown === undefined) return;
  throw new UserError(
    `--tasks: expected tasks of suite \`${table.suite}\` (${known.length === 0 ? 'it has no outcomes at these models' : known.join(', ')}), got \`${unknown}\``,
  );
}

function nothingLeft(
  { suite }: OutcomeTable,
  { models }: BenchmarksWanted,
  exclusions: readonly Exclusion[],
): UserError {
  const [first] = exclusions.filter(({ checkpoint }) => checkpoint === null);
  const why =
    first === undefined
      ? 'import them (sonde import FILE) or sample them (sonde label)'
      : `task \`${String(first.task)}\`: ${first.reason}`;
  return new UserError(
    `--ladder: expected outcomes of suite \`${suite}\` that the models ${models.map(({ id }) => id).join(', ')} share, found none: ${why}`,
  );
}

/** The tasks as a panel around each of them, with the anchors' results. */
function createPanel(
  table: OutcomeTable,
  tasks: readonly TaskLadder[],
  { anchors, benchmark, params: count }: BenchmarksWanted,
): { complete(source: BenchmarkSource): CollectedBenchmark } {
  const scores = tasks.map((ladder) => ({
    task: ladder.task,
    models: new Map(ladder.models.map(({ id }, at) => [id, ladder.accuracy[at] ?? null])),
    anchors: new Map(anchors.map(({ id }) => [id, accuracyAt(table, [ladder.part], id)])),
  }));
  return {
    complete({ models: own, parts, chance, ...ladder }) {
      const used = anchors.flatMap((anchor): Anchor[] => {
        const accuracy = accuracyAt(table, parts, anchor.id);
        if (accuracy === null) return [];
        const rates = ladder.items === null ? null : ratesOf(table, parts, anchor.id);
        return [{ ...toLadderModel(anchor, count), accuracy, rates }];
      });
      const panel = scores
        .filter(({ task }) => benchmark === 'suite' || task !== ladder.task)
        .map(
          (score): PanelBenchmark => ({
            task: score.task,
            accuracy: own.map(({ id }) => score.models.get(id) ?? null),
            anchors: used.map(({ checkpoint }) => score.anchors.get(checkpoint) ?? null),
          }),
        );
      const { task, accuracy, variance, loss, items } = ladder;
      const facts = { suite: table.suite, task, chance: chance ?? 0 };
      const ladderModels = own.map((model) => toLadderModel(model, count));
      const results = { accuracy, variance, loss, items };
      return {
        ladder: { ...facts, models: ladderModels, ...results, anchors: used, panel },
        models: own,
        parts,
      };
    },
  };
}

function accuracyAt(
  table: OutcomeTable,
  parts: readonly BenchmarkPart[],
  checkpoint: string,
): number | null {
  const measured = measure(table, parts, checkpoint);
  return 'reason' in measured ? null : measured.accuracy;
}

function ratesOf(
  table: OutcomeTable,
  parts: readonly BenchmarkPart[],
  checkpoint: string,
): Float64Array | null {
  const rates: number[] = [];
  for (const part of parts) {
    const own = itemRates(table, part, checkpoint);
    if (own === null) return null;
    for (const rate of own) rates.push(rate);
  }
  return Float64Array.from(rates);
}
