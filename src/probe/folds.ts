import { keyedUniform } from '../stats/index.ts';
import type { ProbeItem } from './activations.ts';

type FoldItem = Pick<ProbeItem, 'id' | 'task' | 'group'>;

/** Key of the unit that moves as one: the item's group, or the item itself. */
export function unitOf(item: FoldItem): string {
  return item.group === null ? `item:${item.id}` : `group:${item.group}`;
}

/**
 * Which items are held out: of every task the share `holdout` of its units (rounded), those whose keyed number is
 * smallest. It depends on the seed and the ids alone, not on their order. A group that spans tasks is decided once, in
 * the first of its tasks by name.
 */
export function holdoutMask(items: readonly FoldItem[], holdout: number, seed: number): boolean[] {
  const rank = rankedUnits(items, `holdout:${seed}`);
  return items.map((item) => {
    const { place, units } = rank.get(unitOf(item))!;
    return place < Math.round(holdout * units);
  });
}

/** A fold 0 … folds − 1 for every item: units are dealt in keyed order, task by task. */
export function foldOf(items: readonly FoldItem[], folds: number, seed: number): Int32Array {
  const rank = rankedUnits(items, `folds:${seed}`);
  return Int32Array.from(items, (item) => rank.get(unitOf(item))!.place % folds);
}

function rankedUnits(
  items: readonly FoldItem[],
  key: string,
): Map<string, { place: number; units: number }> {
  const home = new Map<string, string>();
  for (const item of items) {
    const unit = unitOf(item);
    const known = home.get(unit);
    if (known === undefined || item.task < known) home.set(unit, item.task);
  }
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
  return ranks;
}
