import { describeFirst, type FirstDifference } from '../first-difference.ts';
import type { JobContext } from '../progress.ts';

/** Something of the input that a forecast does without. */
export type Exclusion = {
  /** Null: of the whole suite. */
  readonly task: string | null;
  /** Null: at every model. */
  readonly checkpoint: string | null;
  /** How many items are left out; 0 where it is no matter of items. */
  readonly items: number;
  readonly reason: string;
  /** Only where questions differ. */
  readonly first?: FirstDifference;
};

/** One sentence a reason: a hundred tasks may be left out for the same one. */
export function noteExclusions(exclusions: readonly Exclusion[], { note }: JobContext): void {
  const byReason = new Map<string, Exclusion[]>();
  for (const exclusion of exclusions) {
    const { reason, checkpoint, items } = exclusion;
    const key = JSON.stringify([reason, checkpoint, items > 0]);
    byReason.set(key, [...(byReason.get(key) ?? []), exclusion]);
  }
  for (const group of byReason.values()) note(describeGroup(group));
}

function describeGroup(group: readonly Exclusion[]): string {
  const [first] = group;
  if (first === undefined) return '';
  const { checkpoint, reason } = first;
  const tasks = group.flatMap(({ task }) => (task === null ? [] : [`\`${task}\``]));
  const items = group.reduce((sum, one) => sum + one.items, 0);
  const shown = tasks.slice(0, 3).join(', ');
  const more = tasks.length > 3 ? ` and ${tasks.length - 3} more` : '';
  const where = tasks.length === 0 ? '' : `task${tasks.length === 1 ? '' : 's'} ${shown}${more}`;
  const at = checkpoint === null ? '' : `\`${checkpoint}\``;
  const what = items === 0 ? '' : `${items} item${items === 1 ? '' : 's'}`;
  const example = first.first === undefined ? '' : ` (${describeFirst(first.first)})`;
  return `left out: ${[what, where, at].filter((part) => part !== '').join(', ')}: ${reason}${example}`;
}
