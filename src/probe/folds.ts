import { keyedUniform } from '../stats/index.ts';
import type { ProbeItem } from './activations.ts';

type FoldItem = Pick<ProbeItem, 'id' | 'task' | 'group' | 'textHashes'>;

/**
 * Key of the unit that each item moves with: all items that hang together by their group or by a text that they share.
 * A unit is called after the first, by name, of the groups and single items in it.
 */
export function unitsOf(items: readonly FoldItem[]): string[] {
  const parent = new Map<string, string>();
  const rootOf = (key: string): string => {
    let root = key;
    for (let up = parent.get(root); up !== undefined; up = parent.get(root)) root = up;
    // Later look-ups of the keys on the way are one step.
    for (let at = key; at !== root; ) {
      const up = parent.get(at)!;
      parent.set(at, root);
      at = up;
    }
    return root;
  };
  const firstWith = new Map<string, string>();
  for (const item of items) {
    for (const hash of item.textHashes) {
      const other = firstWith.get(hash);
      if (other === undefined) {
        firstWith.set(hash, ownUnit(item));
        continue;
      }
      const [a, b] = [rootOf(other), rootOf(ownUnit(item))];
      if (a !== b) parent.set(a < b ? b : a, a < b ? a : b);
    }
  }
  return items.map((item) => rootOf(ownUnit(item)));
}

function ownUnit({ id, group }: FoldItem): string {
  return group === null ? `item:${id}` : `group:${group}`;
}

/** How many items share a text with another one. */
export function repeatedItems(items: readonly FoldItem[]): number {
  const times = new Map<string, number>();
  for (const { textHashes } of items) {
    for (const hash of new Set(textHashes)) times.set(hash, (times.get(hash) ?? 0) + 1);
  }
  return items.filter(({ textHashes }) => textHashes.some((hash) => times.get(hash)! > 1)).length;
}

/**
 * Which items are held out: of every task the share `holdout` of its units (rounded), those whose keyed number is
 * smallest. It depends on the seed, the ids and what hangs together, not on their order. A unit that spans tasks is decided once, in
 * the first of its tasks by name.
 */
export function holdoutMask(items: readonly FoldItem[], holdout: number, seed: number): boolean[] {
  return rankedUnits(items, `holdout:${seed}`).map(
    ({ place, units }) => place < Math.round(holdout * units),
  );
}

/** A fold 0 … folds − 1 for every item: units are dealt in keyed order, task by task. */
export function foldOf(items: readonly FoldItem[], folds: number, seed: number): Int32Array {
  return Int32Array.from(rankedUnits(items, `folds:${seed}`), ({ place }) => place % folds);
}

/** For each item, the place of its unit among those of the unit's task, and how many these are. */
function rankedUnits(
  items: readonly FoldItem[],
  key: string,
): { readonly place: number; readonly units: number }[] {
  const unit = unitsOf(items);
  const home = new Map<string, string>();
  items.forEach(({ task }, i) => {
    const known = home.get(unit[i]!);
    if (known === undefined || task < known) home.set(unit[i]!, task);
  });
  const byTask = new Map<string, { unit: string; at: number }[]>();
  for (const [unit, task] of home) {
    const list = byTask.get(task) ?? [];
    byTask.set(task, list);
    list.push({ unit, at: keyedUniform(key, unit) });
  }
  const ranks = new Map<string, { place: number; units: number }>();
  for (const list of byTask.values()) {
    list.sort((a, b) => a.at - b.at || (a.unit < b.unit ? -1 : 1));
    list.forEach(({ unit }, place) => ranks.set(unit, { place, units: list.length }));
  }
  return unit.map((name) => ranks.get(name)!);
}
