/**
 * Which outcomes of two checkpoints are about the same questions, measured in the same way. Null agrees with anything: the
 * source does not tell.
 */
import { compareText } from './compare-text.ts';
import type { OutcomeRecord } from '../outcomes/index.ts';

/** What a comparison needs of an outcome of one item. */
export type ItemOutcome = Readonly<
  Pick<OutcomeRecord, 'kind' | Exclude<Field, 'kind'> | 'render' | 'promptSha256'>
> & {
  readonly item: string;
  readonly k: number;
  readonly n: number;
};

/** Outcomes of one task at two checkpoints, in the same order. */
export type PairedOutcomes = {
  /** By item id, ascending. */
  readonly pairs: readonly (readonly [a: ItemOutcome, b: ItemOutcome])[];
  /** How many of the pairs were asked in different renderings. */
  readonly acrossRenderings: number;
  /** Items that have no pair, and why. */
  readonly left: readonly { readonly items: number; readonly reason: string }[];
};

export type Pairing = PairedOutcomes | { readonly problem: string };

/** What a record was measured by; one checkpoint may have an item measured in several ways. */
const fields = ['filter', 'temperature', 'topP', 'kind'] as const;

type Field = (typeof fields)[number];

const ways: Readonly<Record<Field, { readonly named: string; readonly advice: string }>> = {
  filter: { named: 'filter', advice: 'choose one that both have with --filter' },
  temperature: { named: 'temperature', advice: 'choose one that both have with --temperature' },
  topP: { named: 'top-p', advice: 'choose one that both have with --top-p' },
  kind: { named: 'kind', advice: 'counts and mean scores are not compared with each other' },
};

/** Pairs the outcomes of one task at two checkpoints; each has at least one. */
export function pairOutcomes(a: readonly ItemOutcome[], b: readonly ItemOutcome[]): Pairing {
  const chosen = chooseWays(groupBy(a, wayOf), groupBy(b, wayOf));
  if ('problem' in chosen) return chosen;
  const [left, right] = [groupBy(chosen.a, itemOf), groupBy(chosen.b, itemOf)];
  const pairs: [ItemOutcome, ItemOutcome][] = [];
  const counts = { across: 0, changed: 0, several: 0 };
  for (const [id, own] of left) {
    const candidates = right.get(id);
    if (candidates === undefined) continue;
    const pair = pairItem(own, candidates);
    if (typeof pair === 'string') counts[pair] += 1;
    else {
      pairs.push(pair.records);
      counts.across += Number(pair.words === 'across');
    }
  }
  const alone = [...left.keys()].filter((id) => !right.has(id)).length;
  const aloneRight = [...right.keys()].filter((id) => !left.has(id)).length;
  return {
    pairs,
    acrossRenderings: counts.across,
    left: [
      { items: alone + aloneRight, reason: 'measured at only one of the two' },
      { items: counts.changed, reason: 'asked in other words (prompt_sha256 differs)' },
      { items: counts.several, reason: 'asked in several ways at one of the two' },
    ].filter(({ items }) => items > 0),
  };
}

function wayOf(record: ItemOutcome): string {
  return JSON.stringify(fields.map((field) => record[field]));
}

function itemOf({ item }: ItemOutcome): string {
  return item;
}

/** Groups by ascending key. */
function groupBy(
  records: readonly ItemOutcome[],
  keyOf: (record: ItemOutcome) => string,
): Map<string, ItemOutcome[]> {
  const groups = new Map<string, ItemOutcome[]>();
  for (const record of records) {
    const key = keyOf(record);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  // The store gives records in no particular order.
  return new Map([...groups].sort(([x], [y]) => compareText(x, y)));
}

type Ways = ReadonlyMap<string, readonly ItemOutcome[]>;
type Chosen = { readonly a: readonly ItemOutcome[]; readonly b: readonly ItemOutcome[] };

/** The one way that both were measured in; ways that are wholly alike go before those that merely agree. */
function chooseWays(a: Ways, b: Ways): Chosen | { readonly problem: string } {
  const alike = [...a.keys()].filter((way) => b.has(way)).map((way) => [way, way] as const);
  const agreeing = [...a].flatMap(([left, [first]]) =>
    [...b].flatMap(([right, [second]]) =>
      first !== undefined && second !== undefined && differing(first, second) === null
        ? [[left, right] as const]
        : [],
    ),
  );
  const [pair, another] = alike.length > 0 ? alike : agreeing;
  if (pair === undefined) return { problem: disagreement(a, b) };
  if (another !== undefined) return { problem: ambiguity(pair, another, { a, b }) };
  return { a: a.get(pair[0]) ?? [], b: b.get(pair[1]) ?? [] };
}

function differing(first: ItemOutcome, second: ItemOutcome): Field | null {
  const isOther = (field: Field): boolean =>
    first[field] !== null && second[field] !== null && first[field] !== second[field];
  return fields.find(isOther) ?? null;
}

function disagreement(a: Ways, b: Ways): string {
  const [first, second] = [anyOf(a), anyOf(b)];
  const field = differing(first, second) ?? 'filter';
  const { named, advice } = ways[field];
  return `expected the same ${named} at both, found ${shown(first[field])} and ${shown(second[field])}: ${advice}`;
}

type Way = readonly [string, string];

function ambiguity(one: Way, other: Way, { a, b }: { a: Ways; b: Ways }): string {
  const at = one[0] === other[0] ? b : a;
  const side = one[0] === other[0] ? 1 : 0;
  const [first, second] = [one, other].map((way) => at.get(way[side])?.[0]);
  const field = fields.find((name) => first?.[name] !== second?.[name]) ?? 'filter';
  const { named } = ways[field];
  const option = field === 'topP' ? '--top-p' : `--${field}`;
  return `expected outcomes of one ${named}, found ${shown(first?.[field])} and ${shown(second?.[field])}: ${field === 'kind' ? ways.kind.advice : `choose one with ${option}`}`;
}

function anyOf(found: Ways): ItemOutcome {
  for (const [record] of found.values()) if (record !== undefined) return record;
  throw new Error('compare: expected outcomes of a task at both checkpoints');
}

function shown(value: string | number | null | undefined): string {
  return value == null ? 'none' : `\`${value}\``;
}

type Words = 'same' | 'across' | 'changed';

const byWords: Readonly<Record<Words, number>> = { same: 2, across: 1, changed: 0 };

/** The best pair of an item's outcomes: asked in the same words, else in another rendering. */
function pairItem(
  a: readonly ItemOutcome[],
  b: readonly ItemOutcome[],
): { readonly records: [ItemOutcome, ItemOutcome]; readonly words: Words } | 'changed' | 'several' {
  const pairs = a.flatMap((first) =>
    b.map((second) => ({
      records: [first, second] as [ItemOutcome, ItemOutcome],
      words: wordsOf(first, second),
    })),
  );
  const best = Math.max(...pairs.map(({ words }) => byWords[words]));
  const [pair, another] = pairs.filter(({ words }) => byWords[words] === best);
  if (pair === undefined || pair.words === 'changed') return 'changed';
  return another === undefined ? pair : 'several';
}

function wordsOf(a: ItemOutcome, b: ItemOutcome): Words {
  const isOtherRender = a.render !== null && b.render !== null && a.render !== b.render;
  if (isOtherRender) return 'across';
  const isOther =
    a.promptSha256 !== null && b.promptSha256 !== null && a.promptSha256 !== b.promptSha256;
  return isOther ? 'changed' : 'same';
}
