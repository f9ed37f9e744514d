/**
 * Which outcomes of two checkpoints are about the same questions, measured in the same way. Null agrees with anything: the
 * source does not tell.
 */
import {
  type Across,
  type Asked,
  differ,
  differenceReasons,
  type OutcomeRecord,
  type QuestionDifference,
  questionDifference,
} from '../outcomes/index.ts';
import { compareText } from './compare-text.ts';
import { groupBy } from './group-by.ts';
import type { FirstDifference } from './first-difference.ts';

/** What a comparison needs of an outcome of one item. */
export type ItemOutcome = Asked &
  Readonly<Pick<OutcomeRecord, 'kind' | 'filter' | 'temperature' | 'topP'>> & {
    readonly item: string;
    readonly k: number;
    readonly n: number;
  };

/** Items that have no pair, and why. */
export type LeftItems = {
  readonly items: number;
  readonly reason: string;
  /** Only where the questions differ. */
  readonly first?: FirstDifference;
};

/** Outcomes of one task at two checkpoints, in the same order. */
export type PairedOutcomes = {
  /** By item id, ascending. */
  readonly pairs: readonly (readonly [a: ItemOutcome, b: ItemOutcome])[];
  /** How many of the pairs were asked in different renderings. */
  readonly acrossRenderings: number;
  readonly left: readonly LeftItems[];
};

export type Problem = { readonly problem: string };
export type Pairing = PairedOutcomes | Problem;

/** What a record was measured by; one checkpoint may have an item measured in several ways. */
const fields = ['filter', 'temperature', 'topP', 'fewShot', 'chatTemplate', 'kind'] as const;

type Field = (typeof fields)[number];

type WayName = {
  readonly named: string;
  /** That chooses one; null where none does. */
  readonly option: string | null;
  /** That allows the difference. */
  readonly across?: Across;
};

const ways: Readonly<Record<Field, WayName>> = {
  filter: { named: 'filter', option: '--filter' },
  temperature: { named: 'temperature', option: '--temperature' },
  topP: { named: 'top-p', option: '--top-p' },
  fewShot: { named: 'few-shot count', option: '--few-shot', across: 'few-shot' },
  chatTemplate: { named: 'chat template', option: '--chat-template', across: 'chat-template' },
  kind: { named: 'kind', option: null },
};

const noOption = 'counts and mean scores are not compared with each other';

/** Pairs the outcomes of one task at two checkpoints; each has at least one. */
export function pairOutcomes(
  a: readonly ItemOutcome[],
  b: readonly ItemOutcome[],
  across: readonly Across[],
): Pairing {
  const chosen = chooseSameWay(a, b, across);
  if ('problem' in chosen) return chosen;
  const [left, right] = [groupInOrder(chosen.a, itemOf), groupInOrder(chosen.b, itemOf)];
  const pairs: [ItemOutcome, ItemOutcome][] = [];
  const apart = new Map<string, LeftItems>();
  let acrossRenderings = 0;
  for (const [id, own] of left) {
    const candidates = right.get(id);
    if (candidates === undefined) continue;
    const pair = pairItem(own, candidates, across);
    if (Array.isArray(pair)) {
      pairs.push(pair);
      acrossRenderings += Number(differ(pair[0].render, pair[1].render));
    } else leave(apart, pair);
  }
  const alone = [...left.keys()].filter((id) => !right.has(id)).length;
  const aloneRight = [...right.keys()].filter((id) => !left.has(id)).length;
  const one = { items: alone + aloneRight, reason: 'measured at only one of the two' };
  return {
    pairs,
    acrossRenderings,
    left: [...(one.items > 0 ? [one] : []), ...apart.values()],
  };
}

/**
 * The outcomes of both that were measured in the one way that both have; ways that are wholly alike go before those that
 * merely agree.
 */
export function chooseSameWay(
  a: readonly ItemOutcome[],
  b: readonly ItemOutcome[],
  across: readonly Across[],
): Chosen | Problem {
  return chooseWays(groupInOrder(a, wayOf), groupInOrder(b, wayOf), across);
}

function leave(apart: Map<string, LeftItems>, one: Omit<LeftItems, 'items'>): void {
  const known = apart.get(one.reason) ?? { items: 0, ...one };
  apart.set(one.reason, { ...known, items: known.items + 1 });
}

function wayOf(record: ItemOutcome): string {
  return JSON.stringify(fields.map((field) => record[field]));
}

function itemOf({ item }: ItemOutcome): string {
  return item;
}

/** By ascending key: the store gives records in no particular order. */
function groupInOrder(
  records: readonly ItemOutcome[],
  keyOf: (record: ItemOutcome) => string,
): Map<string, ItemOutcome[]> {
  return new Map([...groupBy(records, keyOf)].sort(([x], [y]) => compareText(x, y)));
}

type Ways = ReadonlyMap<string, readonly ItemOutcome[]>;
type Chosen = { readonly a: readonly ItemOutcome[]; readonly b: readonly ItemOutcome[] };

function chooseWays(a: Ways, b: Ways, across: readonly Across[]): Chosen | Problem {
  const alike = [...a.keys()].filter((way) => b.has(way)).map((way) => [way, way] as const);
  const agreeing = [...a].flatMap(([left, [first]]) =>
    [...b].flatMap(([right, [second]]) =>
      first !== undefined && second !== undefined && differing(first, second, across) === null
        ? [[left, right] as const]
        : [],
    ),
  );
  const [pair, another] = alike.length > 0 ? alike : agreeing;
  if (pair === undefined) return { problem: disagreement(a, b, across) };
  if (another !== undefined) return { problem: ambiguity(pair, another, { a, b }) };
  return { a: a.get(pair[0]) ?? [], b: b.get(pair[1]) ?? [] };
}

function differing(
  first: ItemOutcome,
  second: ItemOutcome,
  across: readonly Across[],
): Field | null {
  const isOther = (field: Field): boolean => {
    const { across: name } = ways[field];
    return differ(first[field], second[field]) && (name === undefined || !across.includes(name));
  };
  return fields.find(isOther) ?? null;
}

function disagreement(a: Ways, b: Ways, across: readonly Across[]): string {
  const [first, second] = [anyOf(a), anyOf(b)];
  const field = differing(first, second, across) ?? 'filter';
  const { named, option, across: name } = ways[field];
  const choice = option === null ? noOption : `choose one that both have with ${option}`;
  const advice = name === undefined ? choice : `${choice}, or allow it with --across ${name}`;
  return `expected the same ${named} at both, found ${shown(first[field])} and ${shown(second[field])}: ${advice}`;
}

type Way = readonly [string, string];

function ambiguity(one: Way, other: Way, { a, b }: { a: Ways; b: Ways }): string {
  const at = one[0] === other[0] ? b : a;
  const side = one[0] === other[0] ? 1 : 0;
  const [first, second] = [one, other].map((way) => at.get(way[side])?.[0]);
  const field = fields.find((name) => first?.[name] !== second?.[name]) ?? 'filter';
  const { named, option } = ways[field];
  return `expected outcomes of one ${named}, found ${shown(first?.[field])} and ${shown(second?.[field])}: ${option === null ? noOption : `choose one with ${option}`}`;
}

function anyOf(found: Ways): ItemOutcome {
  for (const [record] of found.values()) if (record !== undefined) return record;
  throw new Error('compare: expected outcomes of a task at both checkpoints');
}

function shown(value: string | number | null | undefined): string {
  return value == null ? 'none' : `\`${value}\``;
}

type Candidate = {
  readonly records: [ItemOutcome, ItemOutcome];
  readonly difference: QuestionDifference | null;
  /** 0: other questions; the more alike they were asked, the higher. */
  readonly closeness: number;
};

/** The best pair of an item's outcomes: asked in the same words, else in another rendering; else why there is none. */
function pairItem(
  a: readonly ItemOutcome[],
  b: readonly ItemOutcome[],
  across: readonly Across[],
): [ItemOutcome, ItemOutcome] | Omit<LeftItems, 'items'> {
  const pairs = a.flatMap((first) => b.map((second) => candidate(first, second, across)));
  const best = Math.max(...pairs.map(({ closeness }) => closeness));
  const [pair, another] = pairs.filter(({ closeness }) => closeness === best);
  if (pair === undefined) throw new Error('compare: an item without outcomes');
  const { difference, records } = pair;
  if (difference !== null) {
    const reason = differenceReasons[difference.across];
    return { reason, first: { item: records[0].item, ...difference } };
  }
  return another === undefined ? records : { reason: 'asked in several ways at one of the two' };
}

function candidate(first: ItemOutcome, second: ItemOutcome, across: readonly Across[]): Candidate {
  const difference = questionDifference(first, second, across);
  const isSameRender = !differ(first.render, second.render);
  // What the user allows stands behind what needs no allowance.
  const isPlain = questionDifference(first, second, []) === null;
  const closeness = difference === null ? 1 + 2 * Number(isSameRender) + Number(isPlain) : 0;
  return { records: [first, second], difference, closeness };
}
