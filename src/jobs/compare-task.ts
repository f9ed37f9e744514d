/** One task at two checkpoints: on the same questions, or, where that is asked for, on whichever each was asked. */
import {
  type AccuracySample,
  answersSample,
  pairedComparison,
  questionsSample,
  unpairedComparison,
} from '../estimate/index.ts';
import type { Across, OutcomeKind } from '../outcomes/index.ts';
import type { Suite } from '../suite/index.ts';
import { groupNumbers } from './compare-groups.ts';
import type { ComparisonExclusion } from './compare-notes.ts';
import type { MeasuredTask, Side } from './compare-outcomes.ts';
import {
  chooseSameWay,
  type ItemOutcome,
  type PairedOutcomes,
  pairOutcomes,
} from './compare-pairs.ts';
import type { ComparedQuestion } from '../wire/index.ts';

/** Rates and differences are shares, 0 to 1; a difference is b less a. */
export type ComparedTask = {
  readonly suite: string;
  readonly task: string;
  readonly filter: string | null;
  /** `score`: `a` and `b` are mean scores. */
  readonly kind: OutcomeKind;
  /** Questions that both were asked; unpaired: of the one with fewer, 0 where its result is that of the whole task. */
  readonly items: number;
  /** Questions behind `a`, and behind `b`. */
  readonly itemsA: number;
  readonly itemsB: number;
  /** Independent units: groups of questions, and questions without one; unpaired: of the one with fewer. */
  readonly units: number;
  readonly a: number;
  readonly b: number;
  readonly difference: number;
  /** This, the interval of the report's level and the effect are null where there are fewer than two units. */
  readonly standardError: number | null;
  readonly low: number | null;
  readonly high: number | null;
  /** Two-sided, for no difference. */
  readonly p: number;
  readonly test: 'mcnemar' | 'sign-flip' | 't' | 'welch';
  /** By Holm, over the tasks of the report: the chance of any false finding. */
  readonly adjustedP: number;
  /** By Benjamini and Hochberg, over the same: the share of false ones among the findings. */
  readonly fdrP: number;
  /** The true difference that 8 of 10 such comparisons would find at p < 0.05. */
  readonly minimalDetectableEffect: number | null;
  /** Questions that b answers better than a, worse, and alike; null where there are no pairs. */
  readonly won: number | null;
  readonly lost: number | null;
  readonly tied: number | null;
};

export type TaskComparison = {
  readonly result: Omit<ComparedTask, 'adjustedP' | 'fdrP'> | null;
  readonly exclusions: readonly ComparisonExclusion[];
  readonly acrossRenderings: number;
  readonly questions: readonly ComparedQuestion[];
};

export type TaskSettings = {
  readonly ids: readonly [string, string];
  readonly level: number;
  readonly across: readonly Across[];
  /** The choice of outcomes, to follow a checkpoint in a message; empty where there is none. */
  readonly chosen: string;
};

type About = { readonly suite: string; readonly task: string };

const without = (about: About, reason: string): TaskComparison => ({
  result: null,
  exclusions: [{ ...about, items: null, reason }],
  ...{ acrossRenderings: 0, questions: [] },
});

/** On the questions that both were asked. */
export function compareOnPairs(measured: MeasuredTask, settings: TaskSettings): TaskComparison {
  const { suite, task, sides } = measured;
  const about = { suite: suite.name, task };
  for (const [index, side] of sides.entries()) {
    if (side.items.length > 0) continue;
    const at = settings.ids[index] ?? '';
    return without(
      about,
      side.wholes.length > 0
        ? `only the result of the whole task is known at \`${at}\`, and pairs need outcomes per item`
        : `no outcomes at \`${at}\`${settings.chosen}`,
    );
  }
  const paired = pairOutcomes(sides[0].items, sides[1].items, settings.across);
  if ('problem' in paired) return without(about, paired.problem);
  const { pairs, acrossRenderings } = paired;
  const exclusions = paired.left.map((left) => ({ ...about, ...left }));
  const questions = pairs.map(([a, b]) => questionOf(about, a, b));
  const [pair] = pairs;
  if (pair === undefined) return { result: null, exclusions, acrossRenderings, questions };
  const filter = pair[0].filter ?? pair[1].filter;
  const statistics = onPairs(pairs, suite.questions, settings.level);
  const result = { ...about, filter, kind: pair[0].kind, ...statistics, ...flipsOf(questions) };
  return { result, exclusions, acrossRenderings, questions };
}

type Statistics = Omit<
  ComparedTask,
  'suite' | 'task' | 'filter' | 'kind' | 'adjustedP' | 'fdrP' | 'won' | 'lost' | 'tied'
>;

function onPairs(
  pairs: PairedOutcomes['pairs'],
  questions: Suite | null,
  level: number,
): Statistics {
  const left = pairs.map(([a]) => a);
  const group = groupsOf(left, questions);
  const b = countsOf(pairs.map((pair) => pair[1]));
  const found = pairedComparison({ a: countsOf(left), b, group, level });
  return { ...found, itemsA: found.items, itemsB: found.items };
}

function countsOf(outcomes: readonly ItemOutcome[]): { k: Float64Array; n: Float64Array } {
  return {
    k: Float64Array.from(outcomes, rightOf),
    n: Float64Array.from(outcomes, ({ n }) => n),
  };
}

/** A mean score counts as that share of its answers. */
function rightOf({ kind, k, n }: ItemOutcome): number {
  return kind === 'score' ? k * n : k;
}

function rateOf(outcome: ItemOutcome): number {
  return rightOf(outcome) / outcome.n;
}

function questionOf(about: About, first: ItemOutcome, second: ItemOutcome): ComparedQuestion {
  const [a, b] = [rateOf(first), rateOf(second)];
  return { ...about, item: first.item, a, b, difference: b - a };
}

function flipsOf(
  questions: readonly ComparedQuestion[],
): Pick<ComparedTask, 'won' | 'lost' | 'tied'> {
  const won = questions.filter(({ difference }) => difference > 0).length;
  const lost = questions.filter(({ difference }) => difference < 0).length;
  return { won, lost, tied: questions.length - won - lost };
}

/** Groups as the suite declares them; null where no item has one. */
function groupsOf(outcomes: readonly ItemOutcome[], questions: Suite | null): Int32Array | null {
  if (questions === null) return null;
  const groups = new Map(questions.items.map(({ id, group }) => [id, group]));
  return groupNumbers(outcomes.map(({ item }) => groups.get(item) ?? null));
}

/** On the questions that each was asked, whichever they are, or on its result of the whole task. */
export function compareApart(measured: MeasuredTask, settings: TaskSettings): TaskComparison {
  const { suite, task, sides } = measured;
  const about = { suite: suite.name, task };
  const missing = sides.findIndex(({ items, wholes }) => items.length + wholes.length === 0);
  if (missing >= 0)
    return without(about, `no outcomes at \`${settings.ids[missing] ?? ''}\`${settings.chosen}`);
  const [left, right] = sides.map(ownOutcomes);
  const chosen = chooseSameWay(left ?? [], right ?? [], settings.across);
  if ('problem' in chosen) return without(about, chosen.problem);
  const samples = [chosen.a, chosen.b].map((outcomes) => sampleOf(outcomes, suite.questions));
  const [a, b] = samples;
  if (a === undefined || b === undefined) throw new Error('compare: no two samples');
  if ('problem' in a) return without(about, a.problem);
  if ('problem' in b) return without(about, b.problem);
  const { level } = settings;
  const found = unpairedComparison({ a: a.sample, b: b.sample, level });
  const [first] = chosen.a;
  const result = {
    ...about,
    filter: first?.filter ?? chosen.b[0]?.filter ?? null,
    kind: first?.kind ?? 'count',
    ...{ items: Math.min(a.items, b.items), itemsA: a.items, itemsB: b.items },
    ...found,
    ...{ won: null, lost: null, tied: null },
  };
  return { result, exclusions: [], acrossRenderings: 0, questions: [] };
}

function ownOutcomes({ items, wholes }: Side): readonly ItemOutcome[] {
  return items.length > 0 ? items : wholes;
}

type Sampled =
  | { readonly sample: AccuracySample; readonly items: number }
  | { readonly problem: string };

/** An item that was asked in several ways is one unit. */
function sampleOf(outcomes: readonly ItemOutcome[], questions: Suite | null): Sampled {
  const [first, second] = outcomes;
  if (first === undefined) throw new Error('compare: a side without outcomes');
  if (first.item !== '') {
    const ids = new Set(outcomes.map(({ item }) => item));
    const own = groupsOf(outcomes, questions);
    const group = ids.size === outcomes.length ? own : groupNumbers(groupNames(outcomes, own));
    return { sample: questionsSample(countsOf(outcomes), group), items: ids.size };
  }
  if (second !== undefined) {
    return { problem: 'several results of the whole task at one of the two' };
  }
  if (first.kind === 'score') {
    return { problem: 'a mean score of a whole task does not say how its questions differ' };
  }
  return { sample: answersSample(first.k, first.n), items: 0 };
}

function groupNames(outcomes: readonly ItemOutcome[], groups: Int32Array | null): string[] {
  return outcomes.map(({ item }, index) => {
    const group = groups?.[index] ?? -1;
    return group < 0 ? `item ${item}` : `group ${group}`;
  });
}
